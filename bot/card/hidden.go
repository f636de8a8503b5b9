package card

import "github.com/slack-go/slack"

// Hidden is all that a card shows in a channel that people of another organisation can
// read.
const Hidden = "This channel is shared with another organisation now, so the request is not shown here. Its requester is told by direct message how it ends."

// HiddenForRequester tells the requester of a card that it is hidden.
const HiddenForRequester = "The channel of your request is shared with another organisation now, so its card is hidden and nobody can approve it there. What is approved goes on. If it still waits for approval, ask again in a channel that is not shared."

// HiddenBlocks are Hidden as the only block: without it Slack would keep the old ones.
func HiddenBlocks() []slack.Block {
	return []slack.Block{slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, Hidden, false, false), nil, nil)}
}
