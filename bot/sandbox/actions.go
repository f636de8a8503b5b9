package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"wfbot/bot/sandbox/render"
	"wfbot/bot/slacksim"
)

// send sends what was typed: a slash command or a message.
func (p *page) send(w http.ResponseWriter, r *http.Request) {
	me, in := p.who(r)
	typed := strings.TrimSpace(r.PostFormValue("text"))
	var err error
	switch {
	case typed == "":
		err = errEmpty
	case strings.HasPrefix(typed, "/"):
		_, err = p.slack.Command(me.ID, in.ID, typed)
	default:
		_, err = p.slack.Say(me.ID, in.ID, typed)
	}
	notice := ""
	switch {
	case errors.Is(err, errEmpty):
		notice = "There is nothing to send yet."
	case errors.Is(err, slacksim.ErrNotThere):
		name, _, _ := strings.Cut(typed, " ")
		notice = fmt.Sprintf("%s is not a command of this workspace. It has %s and %s.", name, command, commandBack)
	case err != nil:
		notice = fmt.Sprintf("Slack does not let %s do that here.", me.Name)
	}
	p.answer(w, me, notice, err)
}

var errEmpty = errors.New("nothing was typed")

// press presses a button of a message or, where view is set, of a modal.
func (p *page) press(w http.ResponseWriter, r *http.Request) {
	me, in := p.who(r)
	button := slacksim.Button{
		ActionID: r.PostFormValue("action_id"), Value: r.PostFormValue("value"), Answer: r.PostFormValue("answer"),
	}
	if button.Value == "" { // nothing else tells it from its likes
		button.BlockID = r.PostFormValue("block_id")
	}
	var err error
	if view := r.PostFormValue("view"); view != "" {
		_, err = p.slack.ClickView(me.ID, view, button)
	} else {
		_, err = p.slack.Click(me.ID, in.ID, r.PostFormValue("ts"), button)
	}
	notice := ""
	switch {
	case errors.Is(err, slacksim.ErrNotThere):
		notice = "That button is gone: the message has changed in the meantime."
	case err != nil:
		notice = fmt.Sprintf("Slack does not let %s press that button.", me.Name)
	}
	p.answer(w, me, notice, err)
}

// submit submits a modal. It stays open, with what was entered, if the app or
// Slack finds something wrong.
func (p *page) submit(w http.ResponseWriter, r *http.Request) {
	me, _ := p.who(r)
	id := r.PostFormValue("view")
	view, ok := p.openView(me, id)
	if !ok {
		p.answer(w, me, "That form is closed already.", slacksim.ErrNotThere)
		return
	}
	result, err := p.slack.Submit(me.ID, id, entered(view, r))
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
	finish(w, err)
}

// entered returns the values of a submitted modal as the simulator takes them.
func entered(view slacksim.View, r *http.Request) map[string]any {
	values := map[string]any{}
	for _, b := range (render.Viewer{}).Blocks(view.Blocks) {
		if b.Input == nil || b.Input.Kind == "" {
			continue
		}
		given := r.PostForm[inputName(b.ID)]
		switch {
		case b.Input.Kind == "checkbox":
			values[b.ID] = given
		case len(given) == 0: // nothing was chosen, whatever there was before
			values[b.ID] = ""
		default:
			// Browsers send line breaks as CR LF, Slack as LF.
			values[b.ID] = strings.ReplaceAll(given[0], "\r\n", "\n")
		}
	}
	return values
}

// inputName is the name of the form field for the input block of that id.
func inputName(blockID string) string { return "input:" + blockID }

// closeView closes a modal.
func (p *page) closeView(w http.ResponseWriter, r *http.Request) {
	me, _ := p.who(r)
	_, err := p.slack.CloseView(me.ID, r.PostFormValue("view"))
	p.atDesk(me.ID, func(at *desk) { at.draft = draft{} })
	finish(w, err)
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
func (p *page) answer(w http.ResponseWriter, me person, notice string, err error) {
	if err != nil {
		p.log.Debug("Slack would not have sent that", "user", me.ID, "error", err)
	}
	p.atDesk(me.ID, func(at *desk) { at.notice = notice })
	finish(w, err)
}

// finish tells the script whether Slack sent what was done. Everything else shows
// on the page by itself.
func finish(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"sent":%t}`, err == nil)
}
