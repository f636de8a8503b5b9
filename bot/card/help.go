package card

import "wfbot/bot/request"

// Help explains the commands. channelID is where the cards go; empty if they go
// to the channel where the command is typed.
func Help(channelID string) string {
	where := markup("this channel")
	if channelID != "" {
		where = channel(channelID)
	}
	return string("*Switch off the Workfront account of somebody who leaves*\n" +
		"`" + Command + " jane@acme.com left the company`: the e-mail of their Workfront account, or `@jane`, then the reason.\n" +
		"`" + Command + " jane@acme.com on 2026-12-31 17:00 contract ends`: the same, carried out then, by your clock. Without a time: at 23:59. With a zone: `on 2026-12-31 17:00 Europe/Berlin` or `… UTC+2`.\n" +
		"`" + Command + " jane@acme.com now contract ended 30 November`: on approval, although the reason names a day. `now` itself is not part of the reason.\n" +
		"`" + Command + " a@acme.com b@acme.com left the company`: several people, up to " + count(request.MaxPeople) + "; with their names or as rows of a sheet if you paste them.\n" +
		"`" + Command + "` alone: a form to fill in.\n" +
		"`" + Command + " list`: the open requests. `" + Command + " status jane@acme.com`: how it stands with somebody. My Home tab shows both.\n" +
		"`" + CommandBack + " jane@acme.com reason`: the way back, with the same approval.\n" +
		"I look people up and ask for approval in " + where + ". Once approved, I make the change, read it back from Workfront, and tell you how it went.\n" +
		"• Approvers press Approve or Deny. Nobody can approve what they asked for, or decide about themselves.\n" +
		"• You can cancel on the card until it is being carried out.\n" +
		"• Work is not reassigned, history stays, and the product profile in the Adobe Admin Console stays.")
}
