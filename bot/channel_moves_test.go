package bot_test

import (
	"testing"

	"wfbot/bot/slacksim"
)

// A channel whose id changes keeps its cards: they are found, pressed and painted where
// they stand, also what Slack would not take under the old id.
func TestCardsFollowTheirChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.ask()
	w.settle()
	w.Inject(slacksim.Fault{Method: "chat.update", Answer: slacksim.ErrorCode("channel_not_found")})
	to := w.ChangeChannelID(w.channel)
	w.poll("the card has moved", func() bool { return w.cards()[0].Channel == to })
	card := w.Channel(to).ExpectMessage("Jane Doe")
	card.ExpectButtons("Approve", "Deny", "Cancel")
	w.SendEvent(map[string]any{"type": "channel_id_changed", "old_channel_id": w.channel, "new_channel_id": to})
	w.SendEvent(map[string]any{"type": "channel_id_changed", "old_channel_id": "C0NOBODY", "new_channel_id": "C0OTHER"})
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "deactivated in Workfront", to)
	w.settle()
	moved := 0
	for _, e := range w.trail() {
		if e.Kind == "channel id changed" {
			moved++
		}
	}
	if moved != 1 {
		t.Errorf("%d entries tell of the new id, want 1", moved)
	}
	card.ExpectText("Done")
	w.Forgive()
}

// The operator is told when a channel that they have set has another id, their own too:
// there, under its new id, as what comes later.
func TestOperatorIsToldOfMovedChannels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.config.Channel = w.channel
	w.start()
	w.SendEvent(map[string]any{"type": "channel_id_changed", "old_channel_id": "C0NOBODY", "new_channel_id": "C0OTHER"})
	ops = w.ChangeChannelID(ops)
	w.Channel(ops).ExpectMessage("WFBOT_OPS_CHANNEL", ops)
	to := w.ChangeChannelID(w.channel)
	w.Channel(ops).ExpectMessage("WFBOT_CHANNEL", to, "start wfbot again")
	if n := len(w.Messages(ops)); n != 2 {
		t.Errorf("%d messages for the operator, want 2", n)
	}
	w.Forgive()
}
