package bot_test

import (
	"database/sql"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"wfbot/bot"
	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

// A click that was acknowledged and not judged must survive a restart that comes
// later than peopleFor.
func TestClickSurvivesALongDowntime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	seen := make(chan struct{}, 1)
	remove := w.Inject(slacksim.Fault{Method: "users.info", Count: -1, Answer: slacksim.Hang(), Do: func() {
		select {
		case seen <- struct{}{}:
		default:
		}
	}})
	w.clock.Skip(2 * time.Minute) // facts are old
	card.Click(w.anna, "Approve")
	<-seen
	w.stop()
	w.clock.Skip(time.Minute)
	remove()
	w.start()
	w.settle()
	if r := w.requests()[0]; r.State != request.Done {
		t.Errorf("the request is %s, want done; said to anna: %v", r.State, w.Ephemerals(w.anna))
	}
	w.Forgive()
}

// WFBOT_DRY_RUN switched on while a request waits in the stop window.
func TestDryRunSwitchedOnBeforeExecution(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.StopWindow = time.Hour
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("Approved")
	w.settle()
	w.stop()
	w.config.DryRun = true
	w.clock.Skip(2 * time.Hour)
	w.start()
	w.settle()
	w.Forgive()
	if n := len(w.writes()); n != 0 {
		t.Errorf("%d writes although the bot runs with DryRun", n)
	}
}

// The channel becomes shared with another organisation while the look-up is
// retried.
func TestChannelSharedBeforeTheCardIsPosted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	outage := w.workfront.Inject(workfrontsim.Fault{Answer: workfrontsim.Answer{
		Kind: workfrontsim.JSONError, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"3600"}},
	}})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "could not look up", "keep trying")
	w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.ExternallyShared = true })
	w.workfront.RemoveFault(outage)
	w.clock.Skip(2 * time.Hour)
	w.settle()
	w.Forgive()
	for _, m := range w.Messages(w.channel) {
		if strings.Contains(m.Text, "Jane Doe") {
			t.Fatalf("a card was posted to a shared channel")
		}
	}
}

// {"ok":false} without a code for a user group.
func TestSilentGroupAnswerIsNoEmptyGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.settle()
	w.clock.Skip(2 * time.Minute)
	w.Inject(slacksim.Fault{Method: "usergroups.users.list", Count: 1, Answer: slacksim.NoErrorCode()})
	card.Click(w.otto, "Approve")
	w.clock.Skip(5 * time.Second)
	w.settle()
	if r := w.requests()[0]; r.State != request.Done {
		t.Errorf("the request is %s, want done; otto was told %v", r.State, w.Ephemerals(w.otto)[0].Text)
	}
	w.Forgive()
}

// A group that does not exist any more must not lock out those named by user id.
func TestDeletedGroupLocksEverybodyOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.settle()
	w.clock.Skip(2 * time.Minute)
	w.Inject(slacksim.Fault{Method: "usergroups.users.list", Count: -1, Answer: slacksim.ErrorCode("no_such_subteam")})
	card.Click(w.anna, "Approve")
	w.settle()
	if r := w.requests()[0]; r.State != request.Done {
		t.Errorf("the request is %s, want done; anna was told %v", r.State, w.Ephemerals(w.anna)[0].Text)
	}
	w.Forgive()
}

// The answer says "please invite me there and try again".
func TestInvitedAndTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.As(w.rita).Types(w.secretRoom, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "invite me")
	w.settle()
	w.Invite(w.secretRoom, w.BotUserID())
	w.As(w.rita).Types(w.secretRoom, "/wf-deactivate jane@acme.com left")
	w.settle()
	w.Forgive()
	if n := len(w.requests()); n != 1 {
		t.Errorf("%d requests after the bot was invited, want 1", n)
	}
}

// Two approvals at once: the second is told how the request stands now.
func TestRefusalWordsAreNotStale(t *testing.T) {
	// Not beside other tests: Slack waits three seconds for each of the presses.
	w := newWorld(t)
	approvers := []string{w.anna}
	for _, name := range []string{"ben", "cora", "dan", "ella", "finn", "gil", "hal"} {
		id := w.AddUser(slacksim.User{Name: name, Email: name + "@acme.com"}).ID
		w.Invite(w.channel, id)
		approvers = append(approvers, id)
	}
	w.config.Policy.Approvers.Users = approvers
	w.config.StopWindow = time.Hour
	w.start()
	card := w.ask()
	button := card.Button("Approve")
	button.Answer = button.Confirm.Confirm
	var clicks sync.WaitGroup
	for i := range 40 {
		clicks.Go(func() { _, _ = w.Click(approvers[i%len(approvers)], card.ChannelID(), card.TS(), button) })
	}
	clicks.Wait()
	w.settle()
	w.Forgive()
	for _, id := range approvers {
		for _, m := range w.Ephemerals(id) {
			if strings.Contains(m.Text, "Still waiting: deactivate") {
				t.Fatalf("said of an approved request: %s", m.Text)
			}
		}
	}
}

// A Workfront that hangs keeps neither clicks from being judged nor cards from
// being painted.
func TestHangingWorkfrontStarvesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	hang := w.workfront.Inject(workfrontsim.Fault{Answer: workfrontsim.Answer{Kind: workfrontsim.Hang}})
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		w.As(w.rita).Types(w.channel, "/wf-deactivate "+name+"@acme.com left")
	}
	w.poll("eight look-ups are due, and as many hang as may", func() bool {
		return len(w.requests()) == 9 && strings.Count(w.log.String(), `step="look up"`) >= 5
	})
	w.opens(card, w.anna, "Deny")
	w.ExpectModal(w.anna, "Deny").Submit(nil)
	card.ExpectText("Denied").ExpectButtons()
	w.ExpectDM(w.rita, "Denied by")
	w.workfront.RemoveFault(hang)
	w.Forgive()
}

// A database that can be read but not written.
func TestDatabaseThatCannotBeWrittenIsOutlasted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.settle()
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(w.database, "sqlite:")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, table := range []string{"interactions", "requests"} {
		if _, err := db.Exec(`CREATE TRIGGER full_` + table + ` BEFORE UPDATE ON ` + table + ` BEGIN SELECT RAISE(ABORT, 'disk full'); END`); err != nil {
			t.Fatal(err)
		}
	}
	card.Click(w.anna, "Approve")
	w.poll("it is noticed", func() bool { return strings.Contains(w.log.String(), "the database does not answer") })
	for _, table := range []string{"interactions", "requests"} {
		if _, err := db.Exec(`DROP TRIGGER full_` + table); err != nil {
			t.Fatal(err)
		}
	}
	w.ExpectDM(w.rita, "Deactivated: ")
}

// A refused token that is met before auth.test has answered, when the operator is told
// of something: that it is dead is not known before, and then Run says so.
func TestRefusalBeforeIntroductionIsConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.StopWindow = time.Hour
	w.withOps()
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("takes effect")
	w.settle()
	w.stop()
	w.workfront.RevokeKeys()
	w.clock.Skip(2 * time.Hour)
	w.config.SlackTimeout = time.Second
	silent := w.Inject(slacksim.Fault{Method: "auth.test", Count: -1, Answer: slacksim.Hang()})
	w.Inject(slacksim.Fault{Method: "chat.postMessage", Count: -1, Answer: slacksim.ErrorCode("token_revoked")})

	client, err := workfront.New(workfront.Config{URL: w.wfURL, APIKey: secret.Value(w.workfront.APIKey())})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	st, err := store.Open(t.Context(), w.database, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	config := w.config
	config.Workfront, config.Store = client, st
	b, err := bot.New(config)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- b.Run(t.Context()) }()
	told := len(w.Calls("chat.postMessage"))
	w.poll("the token was refused, twice", func() bool { return len(w.Calls("chat.postMessage")) >= told+2 })
	w.Inject(slacksim.Fault{Method: "auth.test", Count: -1, Answer: slacksim.ErrorCode("token_revoked")})
	silent()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "SLACK_BOT_TOKEN") {
		t.Errorf("Run returned %v although Slack refuses the token, want the words of the start", err)
	}
	w.Forgive()
}

// A request that failed after its TTL offers a Retry that is always refused.
func TestRetryButtonWorks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.RequestTTL = time.Hour
	w.config.StopWindow = 2 * time.Hour
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("Approved")
	w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Times: 1, Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: 403, Message: "no"}})
	w.clock.Skip(3 * time.Hour)
	card.ExpectText("Failed").ExpectButtons("Retry")
	card.Click(w.otto, "Retry")
	w.settle()
	w.Forgive()
	if r := w.requests()[0]; r.State != request.Done {
		t.Errorf("the request is %s: the card had a Retry that cannot work; otto was told %q", r.State, w.Ephemerals(w.otto)[0].Text)
	}
}

// More approvals wanted by the configuration than when it was approved.
func TestMoreApprovalsConfiguredIsNotCalledAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.StopWindow = time.Hour
	w.start()
	card := w.ask()
	card.Click(w.anna, "Approve")
	card.ExpectText("Approved")
	w.settle()
	w.stop()
	w.config.Policy.Approvals = 2
	w.clock.Skip(2 * time.Hour)
	w.start()
	w.settle()
	w.Forgive()
	w.config.Policy.Approvals = 1 // what the invariants go by
	if r := w.requests()[0]; strings.Contains(r.Trouble, "has become a Workfront administrator") {
		t.Errorf("untrue: %q", r.Trouble)
	}
}

// A card that Slack never takes: who asked must hear of it before two days.
func TestCardNeverPostedIsTold(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits for many retries")
	w := newWorld(t)
	ops := w.withOps()
	w.start()
	w.Inject(slacksim.Fault{Method: "chat.postMessage", Count: -1, Match: w.toChannel(), Answer: slacksim.Status(503)})
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	failures := func() int {
		if all := w.cards(); len(all) > 0 && len(w.Ephemerals(w.rita)) == 0 {
			return all[0].PaintRetry.Failures
		}
		return 0
	}
	w.poll("it has failed once", func() bool { return failures() > 0 })
	for range 12 {
		if before := failures(); before > 0 { // else rita has been told
			w.clock.Skip(5 * time.Hour)
			w.poll("it is tried again", func() bool { n := failures(); return n > before || n == 0 })
		}
	}
	w.Channel(ops).ExpectMessage("does not take the card", "does not answer")
	w.settle()
	r := w.requests()[0]
	if said := len(w.Ephemerals(w.rita)) + len(w.DirectMessages(w.rita)); said == 0 {
		t.Errorf("after 60 h the request is %s, card given up: %v, and rita was told nothing", r.State, w.cards()[0].PaintRetry.GivenUp())
	}
	w.Forgive()
}
