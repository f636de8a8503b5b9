package bot_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wfbot/bot/slacksim"
)

// With every other method of Slack and all of Workfront hanging, what people do
// is acknowledged all the same, and it is on disk by then.
func TestAcknowledgementNeedsNothingButTheDisk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	release := make(chan struct{})
	w.Inject(slacksim.Fault{Count: -1, Answer: slacksim.Held(release), Match: func(c slacksim.Call) bool {
		return c.Method != "apps.connections.open"
	}})
	onDisk := make(chan bool, 1)
	w.ObserveEnvelopes(func(e slacksim.Envelope, p slacksim.Phase) {
		if p != slacksim.Acknowledged || e.Type != slacksim.SlashCommands {
			return
		}
		all, _, err := w.st.Interactions(t.Context())
		select {
		case onDisk <- err == nil && len(all) == 1:
		default:
		}
	})
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left") // fails the test unless acknowledged in time
	if !<-onDisk {
		t.Error("acknowledged, but not on disk")
	}
	for _, c := range w.Calls() {
		if c.Method != "auth.test" && c.Method != "apps.connections.open" && !c.AnsweredAt.IsZero() {
			t.Errorf("%s was answered before the acknowledgement", c.Method)
		}
	}
	close(release)
	w.Channel(w.channel).ExpectMessage("Jane Doe").ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
}

func TestWhatCannotBeStoredIsSaidInTheAcknowledgement(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, slacksim.Config{AckDeadline: 3 * time.Second})
	w.start()
	card := w.ask()
	w.opens(card, w.anna, "Deny")
	form := w.ExpectModal(w.anna, "Deny")
	button := card.Button("Approve")
	button.Answer = button.Confirm.Confirm
	w.settle()
	w.st.Close() // the disk is gone, as far as the bot can tell

	w.As(w.rita).Types(w.channel, "/wf-deactivate joe@acme.com left")
	w.ExpectPrivate(w.rita, "could not store this")
	for block, says := range form.SubmitRefused(nil) {
		if !strings.Contains(says, "could not store this") {
			t.Errorf("the form says %q at %s", says, block)
		}
	}
	reply, err := w.Click(w.otto, card.ChannelID(), card.TS(), button)
	if err != nil {
		t.Fatal(err)
	}
	if reply.Acked || reply.Failure == "" {
		t.Error("a press that was not stored was acknowledged")
	}
	w.ExpectPrivate(w.otto, "did not respond") // from Slack itself
}

// What Slack lends with a payload, and every token, stays out of the database,
// the log and the audit trail.
func TestSecretsStayInMemory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	card.Click(w.mark, "Approve")
	w.ExpectPrivate(w.mark, "not an approver")
	w.opens(card, w.anna, "Deny")
	w.ExpectModal(w.anna, "Deny").Submit(map[string]any{"comment": "no"})
	w.ExpectDM(w.rita, "Denied by")
	// Something goes wrong with every credential in use.
	w.workfront.RevokeKeys()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com again")
	w.ExpectPrivate(w.rita, "could not look up")
	w.Inject(slacksim.Fault{Method: "response_url", Answer: slacksim.Status(500)})
	w.As(w.mark).Types(w.channel, "/wf-deactivate jane@acme.com again")
	w.ExpectPrivate(w.mark, "not on the list")
	w.settleExceptRetries()
	trail, err := json.Marshal(w.trail())
	if err != nil {
		t.Fatal(err)
	}
	w.stop()

	places := map[string]string{"the log": w.log.String(), "the audit trail": string(trail)}
	files, err := filepath.Glob(strings.TrimPrefix(w.database, "sqlite:") + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("database files: %v, %v", files, err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		places[filepath.Base(name)] = string(content)
	}
	secrets := map[string]string{
		"the app token": w.AppToken(), "the bot token": w.BotToken(), "the Workfront key": w.workfront.APIKey(),
		"a ticket": "/link/?ticket=",
	}
	for _, e := range w.Envelopes() {
		for _, name := range []string{"response_url", "trigger_id", "token"} {
			if text, ok := e.Payload[name].(string); ok && text != "" {
				secrets["the "+name+" of "+e.Type] = text
			}
		}
	}
	if len(secrets) < 8 {
		t.Fatalf("only %d secrets to look for", len(secrets))
	}
	for place, content := range places {
		if len(content) == 0 && place != "wfbot.db.lock" {
			t.Errorf("nothing was found in %s", place)
		}
		for name, text := range secrets {
			if strings.Contains(content, text) {
				t.Errorf("%s is in %s", name, place)
			}
		}
	}
}

// The form's trigger lives for three seconds; a press that was judged too late
// is answered, and the next one works.
func TestLateFormIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	remove := w.Inject(slacksim.Fault{Method: "users.info", Count: -1, Do: func() { w.clock.Skip(4 * time.Second) }})
	card.Click(w.anna, "Deny")
	w.ExpectPrivate(w.anna, "could not open the form in time")
	remove()
	w.opens(card, w.otto, "Deny")
	w.ExpectModal(w.otto, "Deny").Submit(nil)
	w.ExpectDM(w.rita, "Denied by")
}

// Facts that cannot be found out are asked for again, then the interaction is refused.
func TestUnknowablePersonIsRefusedAfterAWhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	remove := w.Inject(slacksim.Fault{Method: "users.info", Count: -1, Answer: slacksim.HTML(503)})
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.poll("it has failed once", func() bool { return strings.Contains(w.log.String(), "cannot be judged yet") })
	w.clock.Skip(time.Minute)
	w.ExpectPrivate(w.rita, "did not answer for too long")
	remove()
}

// A payload of a shape that nobody has seen is not acknowledged, so that Slack
// tells the person; nothing happens, and the bot goes on.
func TestUnreadableEnvelopeIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, kind string
		payload    map[string]any
	}{
		{"a command with an object for its text", slacksim.SlashCommands, map[string]any{
			"command": "/wf-deactivate", "text": map[string]any{}, "user_id": "U0RITA", "trigger_id": "1.2.3",
		}},
		{"a press without a button", slacksim.Interactive, map[string]any{"type": "block_actions", "actions": []any{}}},
		{"a press of two buttons", slacksim.Interactive, map[string]any{"type": "block_actions", "actions": []any{
			map[string]any{"action_id": "approve", "value": "x"}, map[string]any{"action_id": "deny", "value": "x"},
		}}},
		{"a press with a list for its actions", slacksim.Interactive, map[string]any{"type": "block_actions", "actions": "approve"}},
	}
	w := newWorldWith(t, slacksim.Config{AckDeadline: 3 * time.Second})
	w.start()
	var sent sync.WaitGroup // each waits for its acknowledgement until it is too late
	for _, row := range rows {
		sent.Go(func() {
			if reply := w.SendEnvelope(row.kind, row.payload); reply.Acked {
				t.Errorf("%s: acknowledged, and nobody was told", row.name)
			}
		})
	}
	sent.Wait()
	card := w.ask()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
	w.quiet()
}

// What means nothing to wfbot is acknowledged, whatever shape it has, so that nobody
// is shown an error and Slack sends nothing again. What can be told apart by its type
// is not looked into any further.
func TestWhatMeansNothingIsAcknowledged(t *testing.T) {
	t.Parallel()
	person := map[string]any{"id": "U0RITA", "profile": map[string]any{"email": "rita@acme.com"}}
	event := func(event any) map[string]any { return map[string]any{"type": "event_callback", "event": event} }
	rows := []struct {
		name, kind string
		payload    map[string]any
	}{
		{"somebody joins", slacksim.EventsAPI, event(map[string]any{"type": "team_join", "user": person})},
		{"somebody's profile changes", slacksim.EventsAPI, event(map[string]any{"type": "user_change", "user": person})},
		{"a channel is made", slacksim.EventsAPI, event(map[string]any{"type": "channel_created", "channel": map[string]any{"id": "C1"}, "tab": 7})},
		{"a reaction", slacksim.EventsAPI, event(map[string]any{"type": "reaction_added", "user": "U1", "item": map[string]any{}})},
		{"a group changes", slacksim.EventsAPI, event(map[string]any{"type": "subteam_members_changed", "user": []any{"U1"}})},
		{"a type that nobody knows", slacksim.EventsAPI, event(map[string]any{"type": "of tomorrow", "user": 12, "tab": []any{}})},
		{"an event without a type", slacksim.EventsAPI, event(map[string]any{"user": person})},
		{"an event with a number for its type", slacksim.EventsAPI, event(map[string]any{"type": 4})},
		{"no event at all", slacksim.EventsAPI, event("none")},
		{"a Home tab opened by an object", slacksim.EventsAPI, event(map[string]any{"type": "app_home_opened", "tab": "home", "user": person})},
		{"an app that is limited", slacksim.EventsAPI, map[string]any{"type": "app_rate_limited", "minute_rate_limited": 1}},
		{"a form that was closed", slacksim.Interactive, map[string]any{"type": "view_closed", "view": "V1", "user": "U0RITA", "is_cleared": true}},
		{"a shortcut on a message", slacksim.Interactive, map[string]any{"type": "message_action", "callback_id": "x", "actions": map[string]any{}, "container": []any{}}},
		{"a shortcut that is not ours", slacksim.Interactive, map[string]any{"type": "shortcut", "callback_id": "other", "view": 1, "actions": "none"}},
		{"a menu that asks for options", slacksim.Interactive, map[string]any{"type": "block_suggestion", "value": "a", "container": "none", "actions": 0}},
		{"a type of tomorrow", slacksim.Interactive, map[string]any{"type": "of tomorrow", "user": 4, "trigger_id": map[string]any{}}},
	}
	w := newWorldWith(t, slacksim.Config{AckDeadline: 30 * time.Second}) // on a slow machine too
	w.start()
	for _, row := range rows {
		if reply := w.SendEnvelope(row.kind, row.payload); !reply.Acked {
			t.Errorf("%s: not acknowledged", row.name)
		}
	}
	w.As(w.anna).OpensHome()
	w.ExpectHome(w.anna)
	w.ask()
	w.quiet()
}
