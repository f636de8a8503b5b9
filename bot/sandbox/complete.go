package sandbox

import (
	"wfbot/bot/slacksim"
)

// completion is what the composer offers for what is being typed.
type completion struct {
	Insert string // what is put in the place of the word, beginning with / @ or #
	Label  string
	Note   string
}

// usage says what to type behind a command, as it was registered with Slack.
var usage = map[string]string{
	deactivate: "jane@acme.com left the company",
	reactivate: "jane@acme.com is back",
}

// completions are the commands, people, groups and channels that somebody can
// name. Slack resolves a name when the message is sent; see slacksim.Escape.
func (p *page) completions(me person) []completion {
	all := []completion{
		{Insert: deactivate, Label: deactivate, Note: usage[deactivate]},
		{Insert: reactivate, Label: reactivate, Note: usage[reactivate]},
	}
	for _, u := range p.slack.Users() {
		if u.Kind != slacksim.Deactivated {
			all = append(all, completion{Insert: "@" + u.Name, Label: u.RealName, Note: "@" + u.Name})
		}
	}
	for _, g := range p.slack.Groups() {
		all = append(all, completion{Insert: "@" + g.Handle, Label: "@" + g.Handle, Note: "user group"})
	}
	for _, c := range p.slack.Channels() {
		if c.Name != "" && (!c.Private || p.spot(me, c.ID).In.ID == c.ID) {
			all = append(all, completion{Insert: "#" + c.Name, Label: "#" + c.Name})
		}
	}
	return all
}
