package inbox

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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

// read turns an envelope into an interaction and the route that it is answered by. What
// is not an interaction has no Kind.
func (i *Inbox) read(e socket.Envelope) (in store.Interaction, route slackapi.ReplyRoute, err error) {
	switch e.Type {
	case "slash_commands":
		in, route, err = readCommand(e)
	case "interactive":
		in, route, err = readInteraction(e)
	}
	in.ID, in.ReceivedAt, route.At = rand.Text(), i.Now(), i.Now()
	return in, route, err
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
func readInteraction(e socket.Envelope) (in store.Interaction, route slackapi.ReplyRoute, err error) {
	var kind kindPayload
	if err = json.Unmarshal(e.Payload, &kind); err == nil {
		switch kind.Type {
		case "block_actions":
			in, route, err = readPress(e)
		case "shortcut":
			in, route, err = readShortcut(e)
		case "view_submission":
			in, route, err = readForm(e)
		}
	}
	if err != nil {
		return store.Interaction{}, slackapi.ReplyRoute{}, fmt.Errorf("decoding an interaction: %w", err)
	}
	return in, route, nil
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
	in := p.interaction(store.Click)
	in.ChannelID, in.MessageTS = p.Container.ChannelID, p.Container.MessageTS
	in.ActionID, in.Value = card.Pressed(a.ActionID, cmp.Or(a.Value, a.Selected.Value))
	in.Key = key("click", in.ChannelID, in.MessageTS, in.UserID, in.ActionID, in.Value, cmp.Or(a.ActionTS, e.ID))
	if a.ActionID == card.ActionRequest {
		in.Kind = store.Opening
	}
	return in, p.route(), nil
}

func readShortcut(e socket.Envelope) (store.Interaction, slackapi.ReplyRoute, error) {
	var p shortcutPayload
	if err := json.Unmarshal(e.Payload, &p); err != nil || p.Callback != card.CallbackRequest {
		return store.Interaction{}, slackapi.ReplyRoute{}, err
	}
	in := p.interaction(store.Opening)
	in.Callback, in.Key = p.Callback, key("shortcut", cmp.Or(p.TriggerID, e.ID))
	return in, p.route(), nil
}

func readForm(e socket.Envelope) (store.Interaction, slackapi.ReplyRoute, error) {
	var p formPayload
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		return store.Interaction{}, slackapi.ReplyRoute{}, err
	}
	in := p.interaction(store.Form)
	in.Callback, in.Metadata = p.View.Callback, p.View.Metadata
	in.Comment = p.View.State.Values[card.CommentBlock][card.CommentInput].Value
	if in.Callback == card.CallbackRequest {
		in.Comment, in.Fields = "", map[string]string{}
		for name, input := range p.View.State.Values {
			if text := input[name].text(); text != "" {
				in.Fields[name] = text
			}
		}
	}
	in.Key = key(append([]string{"form", cmp.Or(p.View.ID, e.ID), in.UserID}, filledIn(in)...)...)
	return in, p.route(), nil
}

// interaction is an interaction of that kind, by whoever did it.
func (a actor) interaction(kind store.InteractionKind) store.Interaction {
	return store.Interaction{Kind: kind, UserID: a.User.ID, TeamID: a.User.TeamID}
}

// route is what Slack lent for answering them, without when.
func (a actor) route() slackapi.ReplyRoute {
	return slackapi.ReplyRoute{ResponseURL: secret.Value(a.ResponseURL), Trigger: secret.Value(a.TriggerID)}
}

// filledIn is what was entered in a form. It belongs to the identity of an interaction: a
// form that stays open, since nobody could say for certain that it was stored, may be
// sent again with something else in it. That is another interaction.
func filledIn(in store.Interaction) []string {
	entered := []string{in.Comment}
	for _, name := range slices.Sorted(maps.Keys(in.Fields)) {
		entered = append(entered, name, in.Fields[name])
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
