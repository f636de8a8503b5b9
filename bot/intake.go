package bot

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"wfbot/bot/card"
	"wfbot/bot/slackapi"
	"wfbot/bot/socket"
	"wfbot/bot/store"
	"wfbot/workfront/secret"
)

// take stores what an envelope asks for, so that it may be acknowledged. It
// decides nothing and talks to nobody. An envelope that is not an interaction is
// acknowledged as well: Slack would only send it again.
//
// When it returns an error, since the envelope could not be understood or the interaction
// not stored, nothing will happen and the envelope is not acknowledged, so that
// Slack shows the person that it failed. What could not be stored is said in our
// own words where the acknowledgement of a command or a form can carry them.
//
// A form that somebody wants to have opened is left to openForms, and an opened
// Home tab is noted.
func (b *Bot) take(ctx context.Context, e socket.Envelope) (response any, err error) {
	if e.Type == "events_api" {
		return nil, b.takeEvent(ctx, e)
	}
	interaction, route, err := b.read(e)
	if err != nil {
		b.log.Error("an envelope could not be understood", "type", e.Type, "error", err)
		return nil, err
	}
	if interaction.Kind == "" || b.opensForm(interaction, route) {
		return nil, nil
	}
	if problems := b.problems(interaction); len(problems) > 0 && e.AcceptsResponse {
		return formErrors(problems), nil
	}
	return b.accept(ctx, e, interaction, route)
}

// accept stores an interaction. response is for the acknowledgement.
func (b *Bot) accept(ctx context.Context, e socket.Envelope, interaction store.Interaction, route slackapi.ReplyRoute) (response any, err error) {
	// Kept before it is stored: the worker may come to it at once.
	b.slack.KeepReplyRoute(interaction.ID, route)
	fresh, err := b.config.Store.Accept(ctx, interaction)
	if err != nil || !fresh {
		b.slack.DropReplyRoute(interaction.ID)
	}
	if err != nil {
		b.log.Error("an interaction could not be stored", "kind", interaction.Kind, "user", interaction.UserID, "error", err)
		b.database.Failed(err)
		return notStored(interaction, e, err)
	}
	// A crash before this point: not acknowledged, and Slack tells the person.
	// After it: the interaction is on disk and will be dealt with.
	if fresh {
		b.loops.Wake()
	}
	return nil, nil
}

// notStored answers a person whose interaction could not be stored, where the
// acknowledgement can say so.
func notStored(w store.Interaction, e socket.Envelope, err error) (any, error) {
	text := card.NotStored
	if errors.Is(err, store.ErrUnsure) {
		text = card.PerhapsNotStored
	}
	switch {
	case w.Kind == store.Command:
		return map[string]string{"response_type": "ephemeral", "text": text}, nil
	case w.Kind == store.Form && e.AcceptsResponse:
		input := card.CommentBlock
		if w.Callback == card.CallbackAsk {
			input = card.AskEmails
		}
		return formErrors(map[string]string{input: text}), nil
	}
	return nil, err
}

// formErrors is the acknowledgement that keeps a form open and shows sentences at
// its inputs, by block_id.
func formErrors(problems map[string]string) any {
	return map[string]any{"response_action": "errors", "errors": problems}
}

// The parts of Slack's payloads that the bot reads. Everything else may be
// missing, odd or of a kind that nobody knew when this was written.
type (
	commandPayload struct {
		TeamID       string `json:"team_id"`
		EnterpriseID string `json:"enterprise_id"`
		ChannelID    string `json:"channel_id"`
		UserID       string `json:"user_id"`
		Command      string `json:"command"`
		Text         string `json:"text"`
		ResponseURL  string `json:"response_url"`
		TriggerID    string `json:"trigger_id"`
	}

	// kindPayload is what tells one interaction from another.
	kindPayload struct {
		Type string `json:"type"`
	}

	// actor is who did it, and what Slack lends for answering them.
	actor struct {
		User struct {
			ID     string `json:"id"`
			TeamID string `json:"team_id"`
		} `json:"user"`
		TriggerID   string `json:"trigger_id"`
		ResponseURL string `json:"response_url"`
	}

	pressPayload struct {
		actor
		Container struct {
			MessageTS string `json:"message_ts"`
			ChannelID string `json:"channel_id"`
		} `json:"container"`
		Actions []struct {
			ActionID string `json:"action_id"`
			Value    string `json:"value"`
			ActionTS string `json:"action_ts"`
			Selected struct {
				Value string `json:"value"`
			} `json:"selected_option"` // of a menu
		} `json:"actions"`
	}

	shortcutPayload struct {
		actor
		Callback string `json:"callback_id"`
	}

	formPayload struct {
		actor
		View struct {
			ID       string `json:"id"`
			Callback string `json:"callback_id"`
			Metadata string `json:"private_metadata"`
			State    struct {
				Values map[string]map[string]inputState `json:"values"`
			} `json:"state"`
		} `json:"view"`
	}

	// inputState is what was entered in one input of a form.
	inputState struct {
		Value        string   `json:"value"`
		Users        []string `json:"selected_users"`
		Date         string   `json:"selected_date"`
		Time         string   `json:"selected_time"`
		Conversation string   `json:"selected_conversation"`
		Options      []struct {
			Value string `json:"value"`
		} `json:"selected_options"` // of check boxes
	}
)

func (s inputState) text() string {
	var ticked []string
	for _, option := range s.Options {
		ticked = append(ticked, option.Value)
	}
	return cmp.Or(s.Value, strings.Join(s.Users, " "), s.Date, s.Time, s.Conversation, strings.Join(ticked, " "))
}

// read turns an envelope into an interaction and the route by which it is answered. What
// is not an interaction has no Kind.
func (b *Bot) read(e socket.Envelope) (w store.Interaction, route slackapi.ReplyRoute, err error) {
	switch e.Type {
	case "slash_commands":
		w, route, err = readCommand(e)
	case "interactive":
		w, route, err = readInteraction(e)
	}
	w.ID, w.ReceivedAt, route.At = rand.Text(), b.now(), b.now()
	return w, route, err
}

func readCommand(e socket.Envelope) (store.Interaction, slackapi.ReplyRoute, error) {
	var p commandPayload
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		return store.Interaction{}, slackapi.ReplyRoute{}, fmt.Errorf("decoding a command: %w", err)
	}
	return store.Interaction{
		Kind: store.Command, Key: key("command", cmp.Or(p.TriggerID, e.ID)),
		UserID: p.UserID, TeamID: p.TeamID, EnterpriseID: p.EnterpriseID, ChannelID: p.ChannelID,
		Command: p.Command, Text: p.Text,
	}, slackapi.ReplyRoute{ResponseURL: secret.Value(p.ResponseURL), Trigger: secret.Value(p.TriggerID)}, nil
}

// readInteraction decodes no more than the type of an interaction needs. Types that
// are not the bot's may have anything under the same names.
func readInteraction(e socket.Envelope) (w store.Interaction, route slackapi.ReplyRoute, err error) {
	var kind kindPayload
	if err = json.Unmarshal(e.Payload, &kind); err == nil {
		switch kind.Type {
		case "block_actions":
			w, route, err = readPress(e)
		case "shortcut":
			w, route, err = readShortcut(e)
		case "view_submission":
			w, route, err = readForm(e)
		}
	}
	if err != nil {
		return store.Interaction{}, slackapi.ReplyRoute{}, fmt.Errorf("decoding an interaction: %w", err)
	}
	return w, route, nil
}

func readPress(e socket.Envelope) (store.Interaction, slackapi.ReplyRoute, error) {
	var p pressPayload
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		return store.Interaction{}, slackapi.ReplyRoute{}, err
	}
	if len(p.Actions) != 1 {
		return store.Interaction{}, slackapi.ReplyRoute{}, fmt.Errorf("a press of %d buttons at once", len(p.Actions))
	}
	a := p.Actions[0]
	w := p.interaction(store.Click)
	w.ChannelID, w.MessageTS = p.Container.ChannelID, p.Container.MessageTS
	w.ActionID, w.Value = a.ActionID, cmp.Or(a.Value, a.Selected.Value)
	w.Key = key("click", w.ChannelID, w.MessageTS, w.UserID, a.ActionID, w.Value, cmp.Or(a.ActionTS, e.ID))
	if a.ActionID == card.ActionAsk {
		w.Kind = store.Opening
	}
	return w, p.route(), nil
}

func readShortcut(e socket.Envelope) (store.Interaction, slackapi.ReplyRoute, error) {
	var p shortcutPayload
	if err := json.Unmarshal(e.Payload, &p); err != nil || p.Callback != card.CallbackAsk {
		return store.Interaction{}, slackapi.ReplyRoute{}, err
	}
	w := p.interaction(store.Opening)
	w.Callback, w.Key = p.Callback, key("shortcut", cmp.Or(p.TriggerID, e.ID))
	return w, p.route(), nil
}

func readForm(e socket.Envelope) (store.Interaction, slackapi.ReplyRoute, error) {
	var p formPayload
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		return store.Interaction{}, slackapi.ReplyRoute{}, err
	}
	w := p.interaction(store.Form)
	w.Callback, w.Metadata = p.View.Callback, p.View.Metadata
	w.Comment = p.View.State.Values[card.CommentBlock][card.CommentInput].Value
	if w.Callback == card.CallbackAsk {
		w.Comment, w.Fields = "", map[string]string{}
		for name, input := range p.View.State.Values {
			if text := input[name].text(); text != "" {
				w.Fields[name] = text
			}
		}
	}
	w.Key = key(append([]string{"form", cmp.Or(p.View.ID, e.ID), w.UserID}, filledIn(w)...)...)
	return w, p.route(), nil
}

// interaction is an interaction of that kind, by whoever did it.
func (a actor) interaction(kind store.InteractionKind) store.Interaction {
	return store.Interaction{Kind: kind, UserID: a.User.ID, TeamID: a.User.TeamID}
}

// route is what Slack lent for answering them, but for when.
func (a actor) route() slackapi.ReplyRoute {
	return slackapi.ReplyRoute{ResponseURL: secret.Value(a.ResponseURL), Trigger: secret.Value(a.TriggerID)}
}

// filledIn is what was entered in a form. It belongs to the identity of an interaction: a
// form that stays open, since nobody could say for certain that it was stored, may be
// sent again with something else in it, which is another interaction.
func filledIn(w store.Interaction) []string {
	entered := []string{w.Comment}
	for _, name := range slices.Sorted(maps.Keys(w.Fields)) {
		entered = append(entered, name, w.Fields[name])
	}
	return entered
}

// key is the identity of what a person did: the same again is Slack's second
// delivery. Where Slack does not say which it is, each envelope is one. It is hashed
// because a trigger id is a capability, which is kept out of the database.
func key(parts ...string) string {
	text, err := json.Marshal(parts)
	if err != nil {
		panic(fmt.Sprintf("unreachable: strings always encode: %v", err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
