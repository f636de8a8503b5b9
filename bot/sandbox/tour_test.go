package sandbox_test

import (
	"testing"

	"wfbot/bot/bottest/machine"
)

// The whole story, as somebody sees it who tries the bot for the first time: at a
// desk, unless nothing is left to a sample.
func TestTour(t *testing.T) {
	for _, s := range settings {
		if machine.All() || s == settings[0] {
			t.Run(s.name, func(t *testing.T) { openTab(t, s).tour() })
		}
	}
}

func (b *tab) tour() {
	b.open("U0RITA", channel)
	b.see(".steps .current", "Ask")
	b.check("beginning")

	b.focus("Message as Rita Young")
	b.press("Send")
	b.see("#messages", "Approval needed", "Only visible to you", "Mia Chen", "left the company")
	b.see(".steps .current", "Approve")
	b.see("#trail", "requested by Rita Young")
	b.check("pending")

	b.be("Otto Brandt")
	b.press("Approve")
	b.check("confirmation")
	b.press("Deactivate")
	b.see("#messages", "Only visible to you", "not an approver")
	b.see("#trail", "refused by Otto Brandt")
	b.check("refused")

	b.be("Ada Okafor")
	b.press("Approve")
	b.press("Deactivate")
	b.see("#messages", "Deactivated: Jane Doe", "Confirmed in Workfront")
	b.see("#accounts .changed", "Jane Doe", "Inactive", "by wfbot at")
	b.see("#trail", "done by wfbot", "all are in order", "approve by Ada Okafor")
	b.see("#step-2.done", "See the proof")
	b.check("done")
}
