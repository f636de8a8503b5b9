package sandbox_test

import "testing"

// The whole story, as somebody sees it who tries the bot for the first time.
func TestTour(t *testing.T) {
	for _, s := range settings {
		t.Run(s.name, func(t *testing.T) { tour(t, s) })
	}
}

func tour(t *testing.T, s setting) {
	b := openTab(t, s)
	b.open("U0RITA", channel)
	b.see(".steps .current", "Ask")
	b.check("beginning")

	b.focus("Message as Rita Young")
	b.press("Send")
	b.see("#messages", "Waiting for approval", "Only visible to you", "Mia Chen", "left the company")
	b.see(".steps .current", "Approve")
	b.see("#trail", "requested by Rita Young")
	b.check("pending")

	b.be("Otto Brandt")
	b.press("Approve")
	b.check("confirmation")
	b.press("Approve")
	b.see("#messages", "Only visible to you", "not an approver")
	b.see("#trail", "refused by Otto Brandt")
	b.check("refused")

	b.be("Ada Okafor")
	b.press("Approve")
	b.press("Approve")
	b.see("#messages", "Done: Jane Doe is deactivated in Workfront", "isActive")
	b.see("#accounts .changed", "Jane Doe", "Inactive", "by wfbot at")
	b.see("#trail", "done by wfbot", "all are in order", "approve by Ada Okafor")
	b.see("#step-2.done", "See the proof")
	b.check("done")
}
