package bot_test

import (
	"database/sql"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

// newSchema1World is the world that the database of schema 1 was left in: nobody
// has touched Workfront since, but Slack has lost all messages.
func newSchema1World(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, Story: story.Start(t, slacksim.Config{}), clock: new(clock), log: new(logBuffer)}
	members := []string{w.BotUserID()}
	for _, name := range []string{"rita", "anna", "otto", "eve", "ivy"} {
		id := "U0" + strings.ToUpper(name)
		w.AddUser(slacksim.User{ID: id, Name: name, RealName: name, Email: name + "@acme.com"})
		members = append(members, id)
	}
	w.rita, w.anna, w.otto = "U0RITA", "U0ANNA", "U0OTTO"
	w.channel = w.AddChannel(slacksim.Channel{ID: "C0IT", Name: "it", Members: members}).ID
	w.workfront = workfrontsim.New(workfrontsim.Config{})
	server := httptest.NewServer(w.workfront)
	t.Cleanup(func() { w.workfront.Close(); server.Close() })
	w.wfURL = server.URL
	for i, name := range []string{"Abe", "Bea", "Cleo", "Dora", "Eli", "Fay", "Gus", "Hal"} {
		w.workfront.AddUser(workfrontsim.User{
			ID: fmt.Sprintf("5e00000000000000000000000000%04d", i+1), Name: name + " O'Hara", Email: strings.ToLower(name) + "@acme.com",
			Active: !slices.Contains([]string{"Abe", "Gus"}, name), // of gus it is not known there
		})
	}

	file := filepath.Join(t.TempDir(), "wfbot.db")
	w.database = "sqlite:" + file
	dump, err := os.ReadFile("store/testdata/schema1.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), string(dump)+`;
		CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
			is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')));
		INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1)`); err != nil {
		t.Fatal(err)
	}

	left, began := time.Date(2026, 11, 2, 9, 0, 40, 0, time.UTC), time.Now()
	w.config = bot.Config{
		AppToken: secret.Value(w.AppToken()), BotToken: secret.Value(w.BotToken()), SlackURL: w.APIURL(),
		Policy: request.Policy{
			Requesters: request.Members{Users: []string{w.rita}}, Approvers: request.Members{Users: []string{w.anna, w.otto}},
			Approvals: 2, AdminApprovals: 2,
		},
		Now: func() time.Time { return left.Add(w.clock.Now().Sub(began)) },
	}
	return w
}

// This version goes on where the first one stopped: it looks up, carries out, finds
// out what became of a write, answers, and judges what was not judged yet.
func TestWorkOfTheFirstSchemaGoesOn(t *testing.T) {
	t.Parallel()
	w := newSchema1World(t)
	st, _, _ := w.launch()
	w.st = st
	w.clock.Skip(2 * time.Minute) // until the next tries
	state := func(name string) request.State {
		for _, r := range w.requests() {
			if r.Email == name+"@acme.com" {
				return r.State
			}
		}
		return ""
	}
	for name, want := range map[string]request.State{
		"abe": request.Done, "bea": request.Denied, "cleo": request.Cancelled, "dora": request.Failed, "eli": request.Pending,
		"fay": request.Done, "gus": request.Done, "nobody": request.Rejected, "hal": request.Pending,
	} {
		w.pollFor(time.Minute, name+" is "+string(want), func() bool { return state(name) == want })
	}
	w.ExpectPrivate("U0EVE", "not on the list")
	w.ExpectPrivate("U0IVY")
	card := w.Channel(w.channel).ExpectMessage("hal@acme.com")
	card.Click(w.anna, "Approve")
	card.Click(w.otto, "Approve")
	w.pollFor(time.Minute, "hal is done", func() bool { return state("hal") == request.Done })
	if n := len(w.writes()); n != 2 { // fay and hal
		t.Errorf("%d writes, want 2", n)
	}
	if _, err := st.VerifyTrail(t.Context()); err != nil {
		t.Error(err)
	}
	if _, unfinished, err := st.Interactions(t.Context()); unfinished != 0 || err != nil {
		t.Errorf("%d interactions are not finished, %v", unfinished, err)
	}
	w.pollFor(time.Minute, "all is said", func() bool {
		at, waiting, err := st.NextCard(t.Context(), w.config.Now())
		return err == nil && (!waiting || at.After(w.config.Now().Add(time.Hour)))
	})
	w.Forgive()
}
