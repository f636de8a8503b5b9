package bot_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"wfbot/bot/slacksim"
)

// usePostgres gives the world a database of its own on the server that
// WFBOT_TEST_POSTGRES_URL names; in CI there always is one.
func (w *world) usePostgres() {
	w.t.Helper()
	address, err := url.Parse(os.Getenv("WFBOT_TEST_POSTGRES_URL"))
	if err != nil || address.Host == "" {
		w.t.Skip("WFBOT_TEST_POSTGRES_URL names no server") // in CI it always does
	}
	db, err := sql.Open("pgx", address.String())
	if err != nil {
		w.t.Fatal(err)
	}
	name := "wfbot_test_" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(w.t.Context(), "CREATE DATABASE "+name); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if _, err := db.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			w.t.Error(err)
		}
		db.Close()
	})
	address.Path = "/" + name
	w.database = address.String()
}

// Three bots on one database: a hundred presses that reach any of them are one
// write, a form is opened by whoever got the press, and when two have ended the
// third goes on.
func TestReplicasShareTheWork(t *testing.T) {
	// Not beside other tests: Slack waits three seconds for each of the presses.
	w := newWorld(t)
	w.usePostgres()
	approvers := []string{w.anna}
	for _, name := range []string{"ben", "cora", "dan", "ella"} {
		id := w.AddUser(slacksim.User{Name: name, Email: name + "@acme.com"}).ID
		w.Invite(w.channel, id)
		approvers = append(approvers, id)
	}
	w.config.Policy.Approvers.Users = approvers
	w.config.Policy.Approvals = 3
	w.start()
	_, _, stopSecond := w.launch()
	_, _, stopThird := w.launch()

	card := w.ask()
	for _, id := range approvers { // whichever replica gets the press
		w.opens(card, id, "Deny")
		w.ExpectModal(id, "Deny").Close()
	}
	button := card.Button("Approve")
	button.Answer = button.Confirm.Confirm
	var clicks sync.WaitGroup
	for i := range 100 {
		clicks.Go(func() { w.insist(approvers[i%len(approvers)], card, button) })
	}
	clicks.Wait()
	card.ExpectText("approved by").ExpectButtons("Request reactivation")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.settle()
	w.Forgive()
	w.check(true)
	if n := len(w.writes()); n != 1 {
		t.Errorf("%d writes reached Workfront, want 1", n)
	}

	stopSecond()
	stopThird()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com again")
	w.ExpectPrivate(w.rita, "already inactive")
}

// Three bots want four connections each, and Slack allows ten. Two are turned
// away; what people press reaches one of the others, and the operator is told.
func TestReplicasShareTenConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.usePostgres()
	ops := w.withOps()
	w.config.Connections = 4
	w.start()
	w.launch()
	w.launch()
	card := w.ask()
	// Connections are opened some seconds apart.
	w.pollFor(2*time.Minute, "all connections are taken and the operator is told", func() bool {
		return len(w.Connections()) == 10 && strings.Contains(w.text(ops), "WFBOT_SLACK_CONNECTIONS must be at most 10")
	})
	button := card.Button("Approve")
	button.Answer = button.Confirm.Confirm
	for range 40 {
		w.insist(w.mark, card, button)
	}
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.settle()
	w.Forgive() // he may not, and is told so each time
	w.check(true)
	if n := len(w.writes()); n != 1 {
		t.Errorf("%d writes reached Workfront, want 1", n)
	}
	if n := strings.Count(w.text(ops), "at most 10"); n > 3 {
		t.Errorf("the operator was told %d times, want once by each process at most", n)
	}
}
