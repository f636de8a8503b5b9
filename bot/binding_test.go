package bot_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wfbot/bot"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

// anotherTenant is a Workfront besides the world's that takes the same credential,
// and its URL.
func (w *world) anotherTenant() (sim *workfrontsim.Server, url string) {
	w.t.Helper()
	sim = workfrontsim.New(workfrontsim.Config{APIKey: w.workfront.APIKey()})
	server := httptest.NewServer(sim)
	w.t.Cleanup(func() { sim.Close(); server.Close() })
	return sim, server.URL
}

// run lets one bot work on the world's database until ctx ends or it gives up, and
// returns what Run does.
func (w *world) run(ctx context.Context, config bot.Config, url string) error {
	client, err := workfront.New(workfront.Config{URL: url, APIKey: secret.Value(w.workfront.APIKey()), Log: config.Log})
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	st, err := store.Open(w.t.Context(), w.database, nil) // also where ctx ends meanwhile
	if err != nil {
		return err
	}
	defer st.Close()
	config.Workfront, config.Store = client, st
	b, err := bot.New(config)
	if err != nil {
		return err
	}
	return b.Run(ctx)
}

// runBriefly is run for as long as a bot needs that gives up.
func (w *world) runBriefly(config bot.Config, url string) error {
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	return w.run(ctx, config, url)
}

// wantBound fails the test unless err says that the database works for what is named
// first and not for what is named second.
func wantBound(t *testing.T, err error, to, not string, more ...string) {
	t.Helper()
	if _, ok := errors.AsType[*store.BindingError](err); !ok {
		t.Errorf("Run returned %v, want a *store.BindingError", err)
		return
	}
	for _, part := range append(more, to, not) {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
}

// bindings are the entries of the audit trail about what the database works for.
func (w *world) bindings() (kinds []string) {
	w.t.Helper()
	for _, e := range w.trail() {
		if e.Kind == "workfront adopted" || e.Kind == "workfront moved" || e.Kind == "workspace adopted" {
			kinds = append(kinds, e.Kind+" "+e.Detail["host"]+e.Detail["team_id"]+" "+e.Detail["from"])
		}
	}
	slices.Sort(kinds)
	return kinds
}

// What was approved for one Workfront does not take effect in another, whose address is
// in the configuration by mistake.
func TestDatabaseWorksForOneWorkfront(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.StopWindow = time.Hour
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	w.poll("the request is approved", func() bool { return len(w.requests()[0].Decisions) == 1 })
	w.stop()
	w.clock.Skip(2 * time.Hour)

	other, url := w.anotherTenant()
	was, is := strings.TrimPrefix(w.wfURL, "http://"), strings.TrimPrefix(url, "http://")
	other.AddUser(workfrontsim.User{ID: w.target.ID, Name: w.target.Name, Email: w.target.Email, Active: true})
	var calls atomic.Int64
	other.Observe(func(workfrontsim.Call, workfrontsim.Phase) { calls.Add(1) })
	wantBound(t, w.runBriefly(w.config, url), was, is, "WFBOT_MOVED_FROM="+was)
	moved := w.config
	moved.MovedFrom = "acme.my.workfront.com"
	wantBound(t, w.runBriefly(moved, url), was, is, "it names another host now")
	if n := calls.Load(); n != 0 {
		t.Errorf("the other Workfront was called %d times", n)
	}

	w.start()
	w.ExpectDM(w.rita, "Deactivated: ")
	w.stop()

	// The same Workfront under another address, for two starts and from then on.
	w.wfURL, w.config.MovedFrom = url, was
	w.start()
	if !strings.Contains(w.log.String(), "remove WFBOT_MOVED_FROM") {
		t.Error("the log does not say that WFBOT_MOVED_FROM is to be removed")
	}
	w.stop()
	w.start()
	w.stop()
	w.config.MovedFrom = ""
	w.start()
	want := []string{"workfront adopted " + was + " ", "workfront moved " + is + " " + was, "workspace adopted T0ACME "}
	if got := w.bindings(); !slices.Equal(got, want) {
		t.Errorf("the trail holds %q, want %q", got, want)
	}
	w.stop()
	wantBound(t, w.runBriefly(w.config, "http://"+was), is, was)
}

// What was asked for in one Slack workspace is not judged in another.
func TestDatabaseWorksForOneWorkspace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.ask()
	w.stop()
	other := slacksim.New(slacksim.Config{TeamID: "T0OTHER", TeamDomain: "other", AppToken: w.AppToken(), BotToken: w.BotToken()})
	if _, err := other.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	config := w.config
	config.SlackURL = other.APIURL()
	wantBound(t, w.runBriefly(config, w.wfURL), "T0ACME", "T0OTHER", "https://other.slack.com/")
	for _, c := range other.Calls() {
		if c.Method != "auth.test" {
			t.Errorf("the other workspace was sent %s", c.Method)
		}
	}
}

// Of several processes that start at once on a new PostgreSQL database, for two
// Workfronts, those of one go on.
func TestOneOfTwoWorkfrontsAdoptsTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.usePostgres()
	_, url := w.anotherTenant()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	results := make(chan error, 4)
	for _, url := range []string{w.wfURL, url, w.wfURL, url} {
		go func() { results <- w.run(ctx, w.config, url) }()
	}
	first, second := <-results, <-results
	wantBound(t, first, w.wfURL[len("http://"):], url[len("http://"):])
	if first == nil || second == nil || first.Error() != second.Error() {
		t.Errorf("those that gave up said %v and %v", first, second)
	}
	cancel()
	for range 2 {
		if err := <-results; err != nil {
			t.Errorf("one that went on returned %v", err)
		}
	}
}
