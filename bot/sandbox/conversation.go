package sandbox

import (
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"wfbot/bot/sandbox/render"
	"wfbot/bot/slacksim"
)

// message is one message as somebody sees it.
type message struct {
	ID      string // of the HTML element
	Author  string
	Avatar  avatar
	App     bool // the author is an app
	Time    string
	Stamp   string // the time, for machines
	Edited  bool
	Private bool          // only this person sees it
	Text    template.HTML // where there are no blocks
	Blocks  []render.Block
	Form    form
	Replies []message
}

// form is what every button and form of a message or modal sends along.
type form struct {
	Token, As, In string
	TS            string // message
	View          string // modal
	Prefix        string // of the ids of elements
}

// modal is the topmost open modal.
type modal struct {
	Title, Submit, Close string
	Blocks               []render.Block
	Form                 form

	// Of the submission before, if the modal stayed open.
	Failure string            // of the form as a whole
	errors  map[string]string // at inputs, by block_id
	values  url.Values
}

// messageID is the id of the HTML element of a message.
func messageID(ts string) string { return "m-" + strings.ReplaceAll(ts, ".", "-") }

// messages returns what somebody sees in a conversation, oldest first.
func (p *page) messages(me person, in slacksim.Channel, viewer render.Viewer) []message {
	all := p.slack.Messages(in.ID)
	for _, m := range p.slack.Ephemerals(me.ID) {
		if m.Channel == in.ID {
			all = append(all, m)
		}
	}
	slices.SortStableFunc(all, func(a, b slacksim.Message) int { return strings.Compare(a.TS, b.TS) })
	var shown []message
	first := map[string]int{} // where the first message of a thread is in shown, by its ts
	for _, m := range all {
		if m.Deleted {
			continue
		}
		drawn := p.message(me, m, viewer)
		if i, ok := first[m.ThreadTS]; ok && m.ThreadTS != m.TS {
			shown[i].Replies = append(shown[i].Replies, drawn)
			continue
		}
		first[m.TS] = len(shown)
		shown = append(shown, drawn)
	}
	return shown
}

func (p *page) message(me person, m slacksim.Message, viewer render.Viewer) message {
	author, ok := p.userName(m.User)
	if !ok {
		author = m.User
	}
	drawn := message{
		ID: messageID(m.TS), Author: author, Avatar: p.avatar(m.User, author), App: m.BotID != "" || m.User == slacksim.FromSlack,
		Time:  m.PostedAt.In(viewer.Location).Format("15:04"),
		Stamp: m.PostedAt.In(viewer.Location).Format(time.RFC3339), Edited: m.Edited, Private: m.To != "",
		Form: form{Token: p.token, As: me.ID, In: m.Channel, TS: m.TS, Prefix: messageID(m.TS)},
	}
	if len(m.Blocks) > 0 {
		drawn.Blocks = viewer.Blocks(m.Blocks)
	} else {
		drawn.Text = viewer.Mrkdwn(m.Text, true)
	}
	return drawn
}

// modal returns the modal on top of what somebody sees, nil if there is none.
func (p *page) modal(me person, in slacksim.Channel, viewer render.Viewer, d draft) *modal {
	open := p.slack.OpenViews(me.ID)
	if len(open) == 0 {
		return nil
	}
	top := open[len(open)-1]
	shown := &modal{
		Title: top.Title, Submit: top.Submit, Close: top.Close, Blocks: viewer.Blocks(top.Blocks),
		Form: form{Token: p.token, As: me.ID, In: in.ID, View: top.ID, Prefix: "view-" + top.ID},
	}
	if shown.Close == "" {
		shown.Close = "Cancel"
	}
	if d.view == top.ID {
		shown.Failure, shown.errors, shown.values = d.failure, d.errors, d.values
	}
	for _, b := range shown.Blocks {
		if b.Input != nil && b.Input.Kind == "users" {
			b.Input.Options = p.everybody(b.Input.Value)
		}
	}
	return shown
}

// everybody is a list to choose a person from.
func (p *page) everybody(chosen string) []render.Option {
	var options []render.Option
	for _, u := range p.slack.Users() {
		options = append(options, render.Option{Value: u.ID, Label: u.RealName, Selected: u.ID == chosen})
	}
	return options
}

// pressed is a button with what it sends along.
type pressed struct {
	Form form
	*render.Button
}

// pressable is the template function "press".
func pressable(f form, b *render.Button) pressed { return pressed{f, b} }

// ID is that of the button's HTML element.
func (b pressed) ID() string {
	return strings.ReplaceAll(b.Form.Prefix+"-"+b.ActionID+"-"+b.Value, " ", "-")
}

// filled is an input with what was entered when it was submitted before.
type filled struct {
	*render.Input
	ID    string // of the HTML element
	Name  string // of the form field
	Error string
	given []string // nil: it was not submitted before
}

// fillable is the template function "fill".
func fillable(m *modal, in *render.Input) filled {
	name := inputName(in.BlockID)
	return filled{Input: in, ID: m.Form.Prefix + "-" + in.BlockID, Name: name, Error: m.errors[in.BlockID], given: m.values[name]}
}

// oneBlock is the template function "one": a block as the template "blocks" takes
// it.
func oneBlock(f form, b render.Block) message { return message{Form: f, Blocks: []render.Block{b}} }

// Text is what a text field holds.
func (f filled) Text() string {
	if len(f.given) > 0 {
		return f.given[0]
	}
	return f.Value
}

// Choices are the options with those selected that were chosen.
func (f filled) Choices() []render.Option {
	options := slices.Clone(f.Options)
	if f.given == nil {
		return options
	}
	for i := range options {
		options[i].Selected = slices.Contains(f.given, options[i].Value)
	}
	return options
}
