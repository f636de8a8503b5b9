package card

import (
	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// hidden is all that a card shows in a channel that people of another organisation can
// read, or are about to.
const hidden markup = "This channel is shared with another organisation, or about to be, so this request is not shown here. " +
	"The requester is told directly how it ends."

// hiddenMessage is the card with that line as its only block: without a block Slack
// would keep those of before.
func hiddenMessage() (string, []slack.Block) {
	return string(hidden), []slack.Block{slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, string(hidden), false, false), nil, nil)}
}

// hiddenNotice tells the requester that the card is hidden, below what else there is to
// say, if there is something.
func hiddenNotice(c *request.Card, words markup) markup {
	if r := c.One(); r != nil && words == "" {
		words = "This is about your request to " + toDo(r) + "."
	}
	return words + "\n" + channel(c.Channel, "The channel of its card") + " is shared with another organisation, or about to be. So the card is hidden there, and nobody can decide. " +
		"What is approved already goes on. For what still needs approval, please have the channel made internal again: the card comes back. " +
		"Or type `" + Command + " cancel` with the e-mail of who it is about, and ask again in another channel."
}
