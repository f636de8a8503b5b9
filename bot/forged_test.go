package bot_test

import (
	"testing"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
)

// Values that no card of wfbot has, on the card of a batch, by somebody who may
// decide: answered, recorded once, and without effect.
func TestForgedValuesAreHarmlessAndAnswered(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds")
	rows := []struct {
		name, action string
		value        func(batch string) string
		says         string
	}{
		{"details of several", "details", func(batch string) string { return batch + ":3" }, "do not know this button"},
		{"the way back for several", "reactivate", func(batch string) string { return batch + ":3" }, "do not know this button"},
		{"somebody whom the batch does not have", "approve", func(batch string) string { return batch + ":7" }, "do not know this button"},
		{"another spelling", "approve", func(batch string) string { return batch + ":03" }, "do not know this button"},
		{"no selection", "approve", func(batch string) string { return batch + ":" }, "do not know this button"},
		{"nobody", "approve", func(batch string) string { return batch + ":0" }, "anybody"},
		{"another batch", "approve", func(string) string { return "ABCDEF:3" }, "do not know this request"},
		{"the batch as if it were one", "approve", func(batch string) string { return batch }, "do not know this request"},
		{"the way back for one of them", "reactivate", func(batch string) string { return batch + "-1" }, "not on the list of people who may ask"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			users := w.staff(2)
			w.config.Policy.Approvals = 2
			w.start()
			card := w.askForAll(emails(users))
			w.ExpectPrivate(w.rita, ": deactivate 2 people")
			card.Click(w.anna, "Approve all (2)")
			card.ExpectText("1 of 2")
			w.ExpectPrivate(w.anna, "You approved this for 2 people")
			payload := w.pressed(w.otto, "approve")
			action := payload["actions"].([]any)[0].(map[string]any)
			action["action_id"], action["value"] = row.action, row.value(w.requests()[0].CardID)
			if reply := w.SendEnvelope(slacksim.Interactive, payload); !reply.Acked {
				t.Fatalf("not acknowledged: %s", reply.Failure)
			}
			w.ExpectPrivate(w.otto, row.says)
			w.quiet()
			if n := w.stands()[request.Pending]; n != 2 {
				t.Errorf("%d wait for approval, want both", n)
			}
		})
	}
}
