package evidence

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/card"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
)

// deed is one thing that a person did: the same thing, however often and under
// whatever envelope it was delivered.
type deed struct {
	id string // what makes it this one; Slack's own, not the bot's key
	// as is how each delivery would be stored, as far as its payload says. They
	// differ where a person changes a form after an error and submits it again.
	as    []store.Interaction
	acked bool // some delivery of it was acknowledged
	// trigger is what Slack lent for the form that this deed asks for alone; empty:
	// it asks for something else.
	trigger string
}

// interactions returns what people did, and what became of it. Each deed that was
// acknowledged stands for one stored interaction of its own; others may be stored too. One
// that asks for a form need not be stored if the form was opened, or if allSeen is
// not set: it may still be opened, or was forgotten with a program that was killed.
func (s workspace) interactions(stored []store.Interaction, allSeen bool) []invariant.Interaction {
	deeds := s.deeds()
	for _, d := range deeds {
		if d.trigger != "" && (!allSeen || s.opened(d.trigger)) {
			d.acked = false
		}
	}
	// Those that must be stored choose first.
	slices.SortStableFunc(deeds, func(a, b *deed) int { return cmp.Compare(rank(a), rank(b)) })
	left := slices.Clone(stored)
	var all []invariant.Interaction
	for _, d := range deeds {
		w := invariant.Interaction{ID: d.id, Acknowledged: d.acked}
		i := slices.IndexFunc(left, d.is)
		if i >= 0 {
			w.Stored, w.Ended = true, left[i].Handled
			w.Answered = left[i].Answer == "" || s.reads(left[i].UserID, left[i].Answer)
			left = slices.Delete(left, i, i+1)
		}
		all = append(all, w)
	}
	return all
}

// opened reports whether a form was opened with that trigger.
func (s workspace) opened(trigger string) bool {
	return slices.ContainsFunc(s.Calls("views.open"), func(c slacksim.Call) bool {
		return c.Applied && c.OK && c.Args["trigger_id"] == trigger
	})
}

func rank(d *deed) int {
	if d.acked {
		return 0
	}
	return 1
}

// is reports whether the stored interaction can be this deed.
func (d *deed) is(w store.Interaction) bool {
	return slices.ContainsFunc(d.as, func(as store.Interaction) bool {
		return w.Kind == as.Kind && w.UserID == as.UserID && w.Command == as.Command && w.Text == as.Text &&
			w.ActionID == as.ActionID && w.Value == as.Value && w.MessageTS == as.MessageTS &&
			w.Callback == as.Callback && w.Metadata == as.Metadata && w.Comment == as.Comment && maps.Equal(w.Fields, as.Fields)
	})
}

// deeds reads the envelopes that carry interactions, deliveries of the same deed put
// together. An acknowledgement with a payload is an answer that nothing was
// stored, and does not count.
func (s workspace) deeds() []*deed {
	var deeds []*deed
	for _, e := range s.Envelopes() {
		d, ok := read(e)
		if !ok {
			continue
		}
		i := slices.IndexFunc(deeds, func(o *deed) bool { return o.id == d.id })
		if i < 0 {
			i = len(deeds)
			deeds = append(deeds, &deed{id: d.id, trigger: d.trigger})
		}
		deeds[i].as = append(deeds[i].as, d.as...)
		if !e.AckedAt.IsZero() && len(e.AckPayload) == 0 {
			deeds[i].acked = true
		}
	}
	return deeds
}

// read returns what a person did, or false if the envelope carries no interaction.
func read(e slacksim.Envelope) (deed, bool) {
	p := payload(e.Payload)
	user := p.in("user").text("id")
	switch {
	case e.Type == slacksim.SlashCommands:
		d := deed{
			id: "command " + cmp.Or(p.text("trigger_id"), e.ID),
			as: []store.Interaction{{Kind: store.Command, UserID: p.text("user_id"), Command: p.text("command"), Text: p.text("text")}},
		}
		if strings.TrimSpace(p.text("text")) == "" {
			d.trigger = p.text("trigger_id")
		}
		return d, true
	case p.text("type") == "shortcut" && p.text("callback_id") == card.CallbackRequest:
		return deed{
			id: "shortcut " + p.text("trigger_id"), trigger: p.text("trigger_id"),
			as: []store.Interaction{{Kind: store.Opening, UserID: user, Callback: p.text("callback_id")}},
		}, true
	case p.text("type") == "view_submission":
		view := p.in("view")
		as := store.Interaction{Kind: store.Form, UserID: user, Callback: view.text("callback_id"), Metadata: view.text("private_metadata")}
		as.Comment, as.Fields = entered(view.in("state").in("values"))
		return deed{id: "form " + view.text("id") + " of " + user, as: []store.Interaction{as}}, true
	case p.text("type") == "block_actions":
		actions, _ := p["actions"].([]any)
		if len(actions) != 1 {
			return deed{}, false
		}
		action, _ := actions[0].(map[string]any)
		button, ts := payload(action), p.in("container").text("message_ts")
		pressed, value := card.Pressed(button.text("action_id"), cmp.Or(button.text("value"), button.in("selected_option").text("value")))
		d := deed{
			id: "press of " + pressed + " on " + ts + " by " + user + " at " + button.text("action_ts"),
			as: []store.Interaction{{Kind: store.Click, UserID: user, MessageTS: ts, ActionID: pressed, Value: value}},
		}
		if button.text("action_id") == card.ActionRequest {
			d.as[0].Kind, d.trigger = store.Opening, p.text("trigger_id")
		}
		return d, true
	}
	return deed{}, false
}

// entered is what the inputs of a form hold: a comment on a decision, or several
// things by the names of their inputs.
func entered(values payload) (comment string, fields map[string]string) {
	if comment, ok := values[card.CommentBlock]; ok {
		input, _ := comment.(map[string]any)
		return payload(input).in(card.CommentInput).text("value"), nil
	}
	fields = map[string]string{}
	for name := range values {
		input := values.in(name).in(name)
		var words []string
		for _, key := range []string{"value", "selected_date", "selected_time", "selected_conversation"} {
			words = append(words, input.text(key))
		}
		users, _ := input["selected_users"].([]any)
		for _, user := range users {
			words = append(words, fmt.Sprint(user))
		}
		options, _ := input["selected_options"].([]any)
		for _, option := range options {
			one, _ := option.(map[string]any)
			words = append(words, payload(one).text("value"))
		}
		if all := strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), " "); all != "" {
			fields[name] = all
		}
	}
	return "", fields
}

// payload is decoded JSON. Any part of it may be missing.
type payload map[string]any

func (p payload) in(key string) payload {
	inner, _ := p[key].(map[string]any)
	return inner
}

func (p payload) text(key string) string {
	text, _ := p[key].(string)
	return text
}
