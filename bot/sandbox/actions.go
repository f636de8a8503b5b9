package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"wfbot/bot/sandbox/render"
	"wfbot/bot/slacksim"
)

// send sends what was typed: a slash command or a message.
func (p *page) send(w http.ResponseWriter, r *http.Request) {
	at := p.at(r)
	typed := strings.TrimSpace(r.PostFormValue("text"))
	var reply slacksim.Reply
	var err error
	switch {
	case typed == "":
		err = errEmpty
	case strings.HasPrefix(typed, "/"):
		reply, err = p.slack.Command(at.Me.ID, at.In.ID, typed)
	default:
		_, err = p.slack.Say(at.Me.ID, at.In.ID, p.slack.Escape(typed))
	}
	notice := ""
	switch {
	case errors.Is(err, errEmpty):
		notice = "There is nothing to send yet."
	case errors.Is(err, slacksim.ErrNotThere):
		name, _, _ := strings.Cut(typed, " ")
		notice = fmt.Sprintf("%s is not a command of this workspace. It has %s and %s.", name, deactivate, reactivate)
	case err != nil:
		notice = fmt.Sprintf("Slack does not let %s do that here.", at.Me.Name)
	}
	p.answer(w, at.Me, notice, reply, err)
}

var errEmpty = errors.New("nothing was typed")

// press presses a button of a message or, where view is set, of a modal or a Home
// tab.
func (p *page) press(w http.ResponseWriter, r *http.Request) {
	at := p.at(r)
	button := slacksim.Button{
		ActionID: r.PostFormValue("action_id"), Value: r.PostFormValue("value"), Answer: r.PostFormValue("answer"),
	}
	if button.Value == "" { // nothing else tells it from its likes
		button.BlockID = r.PostFormValue("block_id")
	}
	var reply slacksim.Reply
	var err error
	if view := r.PostFormValue("view"); view != "" {
		reply, err = p.slack.ClickView(at.Me.ID, view, button)
	} else {
		reply, err = p.slack.Click(at.Me.ID, at.In.ID, r.PostFormValue("ts"), button)
	}
	p.answer(w, at.Me, notSent(at.Me, "press that button", err), reply, err)
}

// choose uses an element that is not a button, as press does.
func (p *page) choose(w http.ResponseWriter, r *http.Request) {
	at := p.at(r)
	view, ts := r.PostFormValue("view"), r.PostFormValue("ts")
	selection := slacksim.Selection{
		ActionID: r.PostFormValue("action_id"), BlockID: r.PostFormValue("block_id"), Answer: r.PostFormValue("answer"),
	}
	in := render.Input{Kind: r.PostFormValue("kind")}
	given := p.viewer(at.Me, time.Now()).Entered(&in, r.PostForm["value"])
	if selection.Value = given; in.Kind != "checkbox" {
		selection.Value = strings.Join(given, "")
	}
	var reply slacksim.Reply
	var err error
	if view != "" {
		reply, err = p.slack.SelectView(at.Me.ID, view, selection)
	} else {
		reply, err = p.slack.Select(at.Me.ID, at.In.ID, ts, selection)
	}
	p.answer(w, at.Me, notSent(at.Me, "choose that", err), reply, err)
}

// shortcut chooses one of the app's global shortcuts.
func (p *page) shortcut(w http.ResponseWriter, r *http.Request) {
	at := p.at(r)
	reply, err := p.slack.Shortcut(at.Me.ID, r.PostFormValue("callback_id"))
	p.answer(w, at.Me, notSent(at.Me, "use shortcuts here", err), reply, err)
}

// notSent tells a person why Slack did not let them do what they did; empty: it
// did.
func notSent(me person, what string, err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, slacksim.ErrNotThere):
		return "That is gone: the message has changed in the meantime."
	case errors.Is(err, slacksim.ErrInput):
		return "Slack does not take that: nothing was chosen, or too much, or it is not of the right form."
	default:
		return fmt.Sprintf("Slack does not let %s %s.", me.Name, what)
	}
}

// submit submits a modal. It stays open, with what was entered, if the app or
// Slack finds something wrong.
func (p *page) submit(w http.ResponseWriter, r *http.Request) {
	me := p.at(r).Me
	id := r.PostFormValue("view")
	view, ok := p.openView(me, id)
	if !ok {
		p.answer(w, me, "That form is closed already.", slacksim.Reply{}, slacksim.ErrNotThere)
		return
	}
	result, err := p.slack.Submit(me.ID, id, entered(p.viewer(me, time.Now()), view, r))
	d := draft{view: id, values: r.PostForm, errors: result.Errors}
	switch {
	case errors.Is(err, slacksim.ErrInput):
		d.failure = "Something is missing, too long or not of the right form."
	case err != nil:
		d.failure = "The form cannot be submitted any more."
	case result.Failure != "":
		d.failure = fmt.Sprintf("Slack got no usable answer from the app (%s). Try again?", result.Failure)
	case len(result.Errors) == 0:
		d = draft{}
	default:
		err = slacksim.ErrInput
	}
	p.atDesk(me.ID, func(at *desk) { at.notice, at.draft = "", d })
	finish(w, result.Reply, err)
}

// entered returns the values of a submitted modal as the simulator takes them.
func entered(viewer render.Viewer, view slacksim.View, r *http.Request) map[string]any {
	values := map[string]any{}
	for _, b := range viewer.Blocks(view.Blocks) {
		if b.Input == nil || b.Input.Kind == "" {
			continue
		}
		given := viewer.Entered(b.Input, r.PostForm[inputName(b.ID)])
		switch {
		case b.Input.Kind == "checkbox":
			values[b.ID] = given
		case len(given) == 0: // nothing was chosen, whatever there was before
			values[b.ID] = ""
		default:
			values[b.ID] = given[0]
		}
	}
	return values
}

// closeView closes a modal.
func (p *page) closeView(w http.ResponseWriter, r *http.Request) {
	me := p.at(r).Me
	reply, err := p.slack.CloseView(me.ID, r.PostFormValue("view"))
	p.atDesk(me.ID, func(at *desk) { at.draft = draft{} })
	finish(w, reply, err)
}

func (p *page) openView(me person, id string) (slacksim.View, bool) {
	for _, v := range p.slack.OpenViews(me.ID) {
		if v.ID == id {
			return v, true
		}
	}
	return slacksim.View{}, false
}

// answer ends a post. notice tells the person why it was not sent; empty: it was.
func (p *page) answer(w http.ResponseWriter, me person, notice string, reply slacksim.Reply, err error) {
	if err != nil {
		p.log.Debug("Slack would not have sent that", "user", me.ID, "error", err)
	}
	p.atDesk(me.ID, func(at *desk) { at.notice = notice })
	finish(w, reply, err)
}

// finish tells the script whether Slack sent what was done, and what it says of
// the app's acknowledgement if that did not come in time. Everything else shows on
// the page by itself.
func finish(w http.ResponseWriter, reply slacksim.Reply, err error) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"sent":%t,"failure":%q}`, err == nil, reply.Failure)
}
