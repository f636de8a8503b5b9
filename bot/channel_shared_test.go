package bot_test

import (
	"testing"
	"time"

	"wfbot/bot/slackapi"
	"wfbot/bot/slacksim"
)

// A card in a channel that becomes shared shows nobody's name and has no buttons once it
// is repainted, and what is approved goes on.
func TestCardInSharedChannelIsHidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.ask()
	w.settle()
	card := w.Channel(w.channel).ExpectMessage("Jane Doe")
	w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.ExternallyShared = true })
	w.clock.Skip(slackapi.FactsFor + time.Second)
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "deactivated in Workfront")
	w.ExpectDM(w.rita, "shared with another organisation")
	w.poll("the card is hidden", func() bool { return w.cards()[0].Hidden })
	card.ExpectText("shared with another organisation")
	card.ExpectButtons()
}
