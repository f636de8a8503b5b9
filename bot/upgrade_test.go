package bot_test

import (
	"database/sql"
	"encoding/json"
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
	"wfbot/bot/store"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

// newOlderWorld is the world where a database of an older schema was left by then,
// with these people in Slack and a Workfront without users. Slack has lost all messages.
func newOlderWorld(t *testing.T, schema int, left time.Time, names ...string) *world {
	t.Helper()
	w := &world{t: t, Story: story.Start(t, slacksim.Config{}), clock: new(clock), log: new(logBuffer)}
	members := []string{w.BotUserID()}
	for _, name := range names {
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

	file := filepath.Join(t.TempDir(), "wfbot.db")
	w.database = "sqlite:" + file
	dump, err := os.ReadFile(fmt.Sprintf("store/testdata/schema%d.sql", schema))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	text := string(dump) + `;
		CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
			is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`
	for version := range schema + 1 {
		text += fmt.Sprintf("; INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, 1)", version)
	}
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}

	began := time.Now()
	w.config = bot.Config{
		AppToken: secret.Value(w.AppToken()), BotToken: secret.Value(w.BotToken()), SlackURL: w.APIURL(),
		Rules: request.Rules{Policy: request.Policy{
			Requesters: request.Members{Users: []string{w.rita}}, Approvers: request.Members{Users: []string{w.anna, w.otto}},
			Approvals: 2, AdminApprovals: 2,
		}},
		Now: func() time.Time { return left.Add(w.clock.Now().Sub(began)) },
	}
	return w
}

// newSchema1World is the world that the database of schema 1 was left in: nobody has
// touched Workfront since.
func newSchema1World(t *testing.T) *world {
	t.Helper()
	w := newOlderWorld(t, 1, time.Date(2026, 11, 2, 9, 0, 40, 0, time.UTC), "rita", "anna", "otto", "eve", "ivy")
	for i, name := range []string{"Abe", "Bea", "Cleo", "Dora", "Eli", "Fay", "Gus", "Hal"} {
		w.workfront.AddUser(workfrontsim.User{
			ID: fmt.Sprintf("5e00000000000000000000000000%04d", i+1), Name: name + " O'Hara", Email: strings.ToLower(name) + "@acme.com",
			Active: !slices.Contains([]string{"Abe", "Gus"}, name), // of gus it is not known there
		})
	}
	return w
}

// newSchema5World is the world that the database of schema 5 was left in, with its cards
// in Slack.
func newSchema5World(t *testing.T) *world {
	t.Helper()
	w := newOlderWorld(t, 5, time.Date(2026, 11, 12, 9, 0, 30, 0, time.UTC), "rita", "anna", "otto", "mark", "eve", "ivy")
	w.config.MovedFrom = "acme.my.workfront.adobe.com"
	w.config.Policy.Approvers.Manager = true
	w.config.VerifyAfter, w.config.RemindEvery = 24*time.Hour, 24*time.Hour
	boss := w.workfront.AddUser(workfrontsim.User{ID: "5e000000000000000000000000000100", Name: "Mark Boss", Email: "mark@acme.com", Active: true})
	for i, name := range []string{"Amy", "Ben", "Cara", "Dan", "Elsa", "Finn", "Gwen", "Hugo", "Ines", "Jon", "Lea", "Max", "Nia", "Ora", "Pam"} {
		u := workfrontsim.User{
			ID: fmt.Sprintf("5e00000000000000000000000000%04d", i+201), Name: name + " O'Hara", Email: strings.ToLower(name) + "@acme.com",
			Active: !slices.Contains([]string{"Amy", "Gwen", "Nia", "Ora", "Pam"}, name), // of gwen it is not known there
		}
		if name == "Lea" {
			u.ManagerID = boss.ID
		}
		w.workfront.AddUser(u)
	}
	text, err := os.ReadFile("store/testdata/schema5_cards.json")
	if err != nil {
		t.Fatal(err)
	}
	var cards []slacksim.Message
	if err := json.Unmarshal(text, &cards); err != nil {
		t.Fatal(err)
	}
	for _, m := range cards {
		w.Restore(m)
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
		next, err := st.Next(t.Context(), w.config.Now(), store.Waiting{Table: store.Cards})
		return err == nil && (next[0].IsZero() || next[0].After(w.config.Now().Add(time.Hour)))
	})
	w.Forgive()
}

// Buttons on cards of the version before work, and what it left goes on.
func TestWorkOfSchema5GoesOn(t *testing.T) {
	t.Parallel()
	w := newSchema5World(t)
	card := func(words ...string) *story.Message { return w.Channel(w.channel).ExpectMessage(words...) }
	hugo, elsa, three := card("Hugo O'Hara"), card("Elsa O'Hara"), card("3 people")
	st, _, _ := w.launch()
	w.st = st
	w.clock.Skip(2 * time.Minute) // until the next tries
	state := func(name string, want request.State) {
		t.Helper()
		w.pollFor(time.Minute, name+" is "+string(want), func() bool {
			return slices.ContainsFunc(w.requests(), func(r *request.Request) bool { return r.Email == name+"@acme.com" && r.State == want })
		})
	}
	hugo.Click(w.otto, "Approve")
	three.Click(w.anna, "Approve all (2)")
	w.ExpectPrivate(w.anna, "You approved this for 2 people.")
	three.ExpectButtons("Approve all (1)", "Deny all (1)", "Cancel all (1)").Click(w.otto, "Approve all (1)")
	elsa.Click(w.anna, "Retry")
	for name, want := range map[string]request.State{
		"amy": request.Done, "nia": request.Done, "ora": request.Done, "pam": request.Done, "ben": request.Denied, "cara": request.Cancelled,
		"dan": request.Expired, "elsa": request.Done, "hugo": request.Done, "ines": request.Pending, "jon": request.Pending,
		"nobody": request.Rejected, "lea": request.Done, "max": request.Done, "gwen": request.Done, "finn": request.Approved,
	} {
		state(name, want)
	}
	w.ExpectPrivate("U0EVE", "not on the list")
	w.ExpectPrivate("U0IVY", "not on the list")
	w.ExpectDM(w.rita, "Ben O'Hara", "Denied by")
	for _, name := range []string{"Gwen", "Hugo", "Elsa"} {
		w.ExpectDM(w.rita, name+" O'Hara", "Deactivated: ")
	}
	w.ExpectDM(w.rita, "2 people deactivated")
	card("Ines O'Hara").ExpectButtons("Approve", "Deny", "Cancel request")
	card("Jon O'Hara").ExpectButtons("Approve", "Deny", "Cancel request")
	if n := len(w.writes()); n != 4 { // hugo, lea, max, elsa
		t.Errorf("%d writes, want 4", n)
	}
	if found, err := st.VerifyTrail(t.Context()); err != nil || found.Before != "" {
		t.Errorf("the audit trail: %+v, %v", found, err)
	}
	w.Forgive()
}
