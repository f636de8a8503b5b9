package sandbox

import (
	"cmp"
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
func (p *page) messages(at spot, viewer render.Viewer) []message {
	all := p.slack.Messages(at.In.ID)
	for _, m := range p.slack.Ephemerals(at.Me.ID) {
		if m.Channel == at.In.ID {
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
		drawn := p.message(at.Me, m, viewer)
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
		viewer.State = p.slack.State(me.ID, m.Channel, m.TS)
		drawn.Blocks = viewer.Blocks(m.Blocks)
	} else {
		drawn.Text = viewer.Mrkdwn(m.Text, true)
	}
	return drawn
}

// home is what the app shows on its Home tab.
type home struct {
	Form   form
	Blocks []render.Block // none: the app has not shown anything
}

// home returns somebody's Home tab, nil if they look at something else.
func (p *page) home(at spot, viewer render.Viewer) *home {
	if !at.Home {
		return nil
	}
	view, ok := p.slack.Home(at.Me.ID)
	if !ok {
		return &home{}
	}
	viewer.State = p.slack.ViewState(at.Me.ID, view.ID)
	return &home{
		Form:   form{Token: p.token, As: at.Me.ID, In: at.In.ID, View: view.ID, Prefix: "home"},
		Blocks: viewer.Blocks(view.Blocks),
	}
}

// modal returns the modal on top of what somebody sees, nil if there is none.
func (p *page) modal(at spot, viewer render.Viewer, d draft) *modal {
	open := p.slack.OpenViews(at.Me.ID)
	if len(open) == 0 {
		return nil
	}
	top := open[len(open)-1]
	viewer.State = p.slack.ViewState(at.Me.ID, top.ID)
	shown := &modal{
		Title: top.Title, Submit: top.Submit, Close: cmp.Or(top.Close, "Cancel"), Blocks: viewer.Blocks(top.Blocks),
		Form: form{Token: p.token, As: at.Me.ID, In: at.In.ID, View: top.ID, Prefix: "view-" + top.ID},
	}
	if d.view == top.ID {
		shown.Failure, shown.errors, shown.values = d.failure, d.errors, d.values
	}
	return shown
}
