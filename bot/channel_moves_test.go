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
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	w.SendEvent(map[string]any{"type": "channel_id_changed", "old_channel_id": w.channel, "new_channel_id": to})
	w.SendEvent(map[string]any{"type": "channel_id_changed", "old_channel_id": "C0NOBODY", "new_channel_id": "C0OTHER"})
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ", to)
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
	card.ExpectText("Confirmed in Workfront")
	w.Forgive()
}
