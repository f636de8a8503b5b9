package bot_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"wfbot/bot"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
)

// usePostgres gives the world a database of its own on the server that
// WFBOT_TEST_POSTGRES_URL names; in CI there always is one.
func (w *world) usePostgres() {
	w.t.Helper()
	address, err := url.Parse(os.Getenv("WFBOT_TEST_POSTGRES_URL"))
	if err != nil || address.Host == "" {
		w.t.Skip("WFBOT_TEST_POSTGRES_URL names no server")
	}
	db, err := sql.Open("pgx", address.String())
	if err != nil {
		w.t.Fatal(err)
	}
	name := fmt.Sprintf("wfbot_replicas_%d", time.Now().UnixNano())
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

// startReplica runs one more bot on the world's database until the test ends or
// stop is called.
func (w *world) startReplica() (stop func()) {
	w.t.Helper()
	client, err := workfront.New(workfront.Config{URL: w.wfURL, APIKey: secret.Value(w.workfront.APIKey()), Log: w.config.Log})
	if err != nil {
		w.t.Fatal(err)
	}
	st, err := store.Open(w.t.Context(), w.database)
	if err != nil {
		w.t.Fatal(err)
	}
	config := w.config
	config.Workfront, config.Store = client, st
	b, err := bot.New(config)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("Run of a replica returned %v", err)
		}
		client.CloseIdleConnections()
		st.Close()
	})
	w.t.Cleanup(stop)
	w.poll("the replica is ready", b.Ready)
	return stop
}

// Three bots on one database: a hundred presses that reach any of them are one
// write, a form is opened by whoever got the press, and when two have ended the
// third goes on.
func TestReplicasShareTheWork(t *testing.T) {
	t.Parallel()
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
	stopSecond, stopThird := w.startReplica(), w.startReplica()

	card := w.ask()
	for _, id := range approvers { // whichever replica gets the press
		card.Click(id, "Deny")
		w.ExpectModal(id, "Deny").Close()
	}
	button := card.Button("Approve")
	button.Answer = button.Confirm.Confirm
	var clicks sync.WaitGroup
	for i := range 100 {
		clicks.Go(func() {
			reply, err := w.Click(approvers[i%len(approvers)], card.ChannelID(), card.TS(), button)
			if err == nil && !reply.Acked {
				t.Errorf("a press was not acknowledged: %s", reply.Failure)
			}
		})
	}
	clicks.Wait()
	card.ExpectText("3 of 3").ExpectButtons()
	w.ExpectDM(w.rita, "deactivated in Workfront")
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
