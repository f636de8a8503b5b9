package slacksim_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/node"
	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
)

// tokens tells a script where the simulator is.
func (w *world) tokens() []string {
	return []string{
		"SLACK_API_URL=" + w.APIURL(), "SLACK_BOT_TOKEN=" + w.BotToken(), "SLACK_APP_TOKEN=" + w.AppToken(),
	}
}

// TestSlacksWebClient runs every method through @slack/web-api.
func TestSlacksWebClient(t *testing.T) {
	t.Parallel()
	node.Modules(t)
	w := newWorld(t, slacksim.Config{})
	w.AddGroup(slacksim.Group{ID: "S0IT", Handle: "it-managers", Members: []string{w.mary}})
	for user, answer := range map[string]slacksim.Answer{
		"U0LIMITED": slacksim.RateLimited(1), "U0HTML": slacksim.HTML(503), "U0RESET": slacksim.Reset(),
	} {
		count := 1
		if user == "U0LIMITED" {
			count = 2
		}
		w.Inject(slacksim.Fault{
			Method: "users.info", Count: count, Answer: answer,
			Match: func(c slacksim.Call) bool { return c.Args["user"] == user },
		})
	}
	var triggers []string
	for range 2 { // nobody is connected, but the trigger_ids are valid
		if _, err := w.Command(w.jane, w.it, "/form"); err != nil {
			t.Fatal(err)
		}
		triggers = append(triggers, sent(t, w)["trigger_id"].(string))
	}
	node.Run(t, "testdata/webapi.cjs", append(w.tokens(), "TRIGGERS="+strings.Join(triggers, " "))...)
}

// TestBolt has people use a bot on @slack/bolt, the framework most apps are made
// with.
func TestBolt(t *testing.T) {
	t.Parallel()
	node.Modules(t)
	w := newWorld(t, slacksim.Config{})
	st := story.New(t, w.Server)
	node.Start(t, "testdata/bolt.cjs", w.tokens()...)
	first := connected(t, w, 0)

	st.As(w.jane).Types(w.it, "/wf-deactivate Sam & Co")
	st.ExpectPrivate(w.jane, "Looking for Sam &amp; Co")
	st.ExpectPrivate(w.jane, "Nobody is called Sam &amp; Co")

	st.As(w.jane).Types(w.it, "/wf-deactivate")
	form := st.ExpectModal(w.jane, "Deactivate", "Reason")
	form.Click("Rename")
	form = st.ExpectModal(w.jane, "Renamed")
	if errors := form.SubmitRefused(map[string]any{"Reason": "no"}); errors["reason"] != "Say more" {
		t.Errorf("errors = %v", errors)
	}
	form.Submit(map[string]any{"Reason": "left", "When": "2026-12-31"})
	st.ExpectNoModal(w.jane)
	card := st.Channel(w.it).ExpectMessage("Asked by <@U0JANE>", "left, 2026-12-31")

	card.Select(w.mary, "why", "moved")
	card.ExpectReply("moved is why, said moved")
	st.ExpectPrivate(w.mary, "Only you see this")
	card.Dismiss(w.mary, "Approve")
	if _, err := w.MessageShortcut(w.mary, w.it, card.TS(), "details"); err != nil {
		t.Fatal(err)
	}
	st.ExpectPrivate(w.mary, "About: Asked by")

	st.As(w.mary).OpensHome()
	home := st.ExpectHome(w.mary, "Welcome")
	home.Click(w.mary, "Refresh")
	st.ExpectHome(w.mary, "Fresh").Select(w.mary, "why", "left")
	st.ExpectHome(w.mary, "left")

	st.As(w.jane).Chooses("ask")
	st.ExpectModal(w.jane, "Deactivate").Close()
	st.ExpectDM(w.jane, "Never mind")

	// It comes back after each way of losing a connection.
	w.Disconnect(slacksim.RefreshRequested)
	second := connected(t, w, first)
	st.As(w.jane).Types(w.it, "/wf-deactivate again")
	st.ExpectPrivate(w.jane, "Looking for again")
	st.ExpectPrivate(w.jane, "Nobody is called again")
	w.CloseConnections()
	third := connected(t, w, second)
	w.DropConnections()
	connected(t, w, third)
	card.Click(w.mary, "Approve")
	card.ExpectText("Approved r1").ExpectButtons()
	st.ExpectPrivate(w.mary, "Thank you")
	if ignored := w.IgnoredAcks(); len(ignored) != 0 {
		t.Errorf("acknowledgements that had no effect: %+v", ignored)
	}
}

// connected waits for a connection younger than the one of that id and returns its
// id.
func connected(t *testing.T, w *world, than int) (id int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // bolt pauses before it comes back
	defer cancel()
	err := w.WaitFor(ctx, func() bool {
		open := w.Connections()
		if len(open) == 0 {
			return false
		}
		id = open[len(open)-1].ID
		return id > than
	})
	if err != nil {
		t.Fatalf("no connection after %d: %v", than, err)
	}
	return id
}
