package bot_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wfbot/bot"
	"wfbot/bot/evidence"
	"wfbot/bot/invariant"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

func TestMain(m *testing.M) {
	// These tests wait more than they compute: more of them at once than there are
	// processors. The flag of go test still counts.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// world is everything around a bot: a Slack workspace, a Workfront tenant, a
// database file and the people of acme.com.
type world struct {
	*story.Story
	t         *testing.T
	workfront *workfrontsim.Server
	wfServer  *httptest.Server // at wfURL
	wfURL     string
	database  string
	clock     *clock
	config    bot.Config // what start uses; Workfront and Store are filled in there
	log       *logBuffer

	userFields       []string      // of the Workfront client; nil: the usual ones
	workfrontTimeout time.Duration // of one call to Workfront; 0: the client's own

	// Slack user ids
	rita, anna, otto, mark, jane, gary, eve, zoe, bert string
	group                                              string // of otto
	channel, shared, secretRoom, direct                string
	// Workfront
	target workfrontsim.User // jane, whose manager is mark

	stop func() // ends the running bot and waits for it
	st   *store.Store
	// watched is the store of the bot that is looked at when it has ended.
	watched *store.Store
}

// clock is the bot's: real time plus what a test has skipped.
type clock struct {
	mu   sync.Mutex
	skip time.Duration
	far  time.Duration // the most it has been from real time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.skip)
}

func (c *clock) Skip(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skip += d
	c.far = max(c.far, c.skip.Abs())
}

// farthest is the most that the clock has been from real time, ahead or behind.
func (c *clock) farthest() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.far
}

// logBuffer keeps the log, to look for secrets in and to show when a test fails.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newWorld makes a world in which the bot has not been started.
func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, slacksim.Config{})
}

// newWorldWith is newWorld with another Slack.
func newWorldWith(t *testing.T, config slacksim.Config) *world {
	t.Helper()
	config.AllowImpossible = true
	w := &world{t: t, Story: story.Start(t, config), clock: new(clock), log: new(logBuffer)}
	t.Cleanup(w.checkBlockKit) // when the bots have ended, and Slack has not
	person := func(name, email string, kind slacksim.Kind) string {
		return w.AddUser(slacksim.User{Name: name, RealName: name, Email: email, Kind: kind}).ID
	}
	w.rita = person("rita", "rita@acme.com", slacksim.Member) // asks
	w.anna = person("anna", "anna@acme.com", slacksim.Member) // approves, by user id
	w.otto = person("otto", "otto@acme.com", slacksim.Member) // approves, by group
	w.mark = person("mark", "mark@acme.com", slacksim.Member) // jane's manager
	w.jane = person("jane", "jane@acme.com", slacksim.Member) // leaves
	w.gary = person("gary", "gary@acme.com", slacksim.SingleChannelGuest)
	w.eve = person("eve", "eve@example.com", slacksim.External)
	w.zoe = person("zoe", "zoe@acme.com", slacksim.Deactivated)
	w.bert = person("bert", "", slacksim.Bot)
	everybody := []string{w.rita, w.anna, w.otto, w.mark, w.jane, w.gary, w.eve, w.zoe, w.bert, w.BotUserID()}
	w.group = w.AddGroup(slacksim.Group{Handle: "approvers", Members: []string{w.otto, w.gary, w.eve, w.zoe, w.bert}}).ID
	w.channel = w.AddChannel(slacksim.Channel{Name: "it-offboarding", Private: true, Members: everybody}).ID
	w.shared = w.AddChannel(slacksim.Channel{Name: "with-partner", Members: everybody, ExternallyShared: true}).ID
	w.secretRoom = w.AddChannel(slacksim.Channel{Name: "no-bot-here", Private: true, Members: []string{w.rita}}).ID

	w.direct = w.AddChannel(slacksim.Channel{IM: true, Members: []string{w.rita, w.anna}}).ID

	w.workfront = workfrontsim.New(workfrontsim.Config{})
	w.wfServer = httptest.NewServer(w.workfront)
	t.Cleanup(func() { w.workfront.Close(); w.wfServer.Close() })
	w.wfURL = w.wfServer.URL
	boss := w.workfront.AddUser(workfrontsim.User{Name: "Mark Boss", Email: "mark@acme.com", Active: true})
	w.target = w.workfront.AddUser(workfrontsim.User{
		Name: "Jane Doe", Email: "Jane@acme.com", Active: true, Title: "Designer", ManagerID: boss.ID,
	})

	w.database = "sqlite:" + filepath.Join(t.TempDir(), "wfbot.db")
	w.config = bot.Config{
		AppToken: secret.Value(w.AppToken()), BotToken: secret.Value(w.BotToken()), SlackURL: w.APIURL(),
		Policy: request.Policy{
			Requesters: request.Members{Users: []string{w.rita}},
			Approvers:  request.Members{Users: []string{w.anna}, Groups: []string{w.group}},
			Approvals:  1, AdminApprovals: 2,
			Protected: []string{"boss@acme.com"},
		},
		Now: w.clock.Now,
		Log: slog.New(slog.NewTextHandler(io.MultiWriter(w.log), &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the bot's log:\n%s", w.log)
		}
	})
	return w
}

// start runs the bot until the test ends or w.stop is called.
func (w *world) start() {
	w.t.Helper()
	st, ended, end := w.launch()
	w.st, w.watched = st, st
	w.stop = sync.OnceFunc(func() {
		end()
		if err := <-ended; err != nil {
			w.t.Errorf("Run returned %v", err)
		}
	})
	w.t.Cleanup(w.stop)
}

// launch runs a bot on the world's database and returns when it is ready. ended
// gets what Run returns; end asks it to return, waits, and closes its store, after a
// look for violations if start has launched it.
func (w *world) launch() (st *store.Store, ended <-chan error, end func()) {
	w.t.Helper()
	client, err := workfront.New(workfront.Config{
		URL: w.wfURL, APIKey: secret.Value(w.workfront.APIKey()), Timeout: w.workfrontTimeout, UserFields: w.userFields, Log: w.config.Log,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	st, err = store.Open(w.t.Context(), w.database)
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
	result, returned := make(chan error, 1), make(chan struct{})
	go func() {
		result <- b.Run(ctx)
		close(returned)
	}()
	end = sync.OnceFunc(func() {
		cancel()
		<-returned
		if w.watched == st { // only a bot that has ended stands still to be looked at
			w.check(false)
		}
		client.CloseIdleConnections()
		st.Close()
	})
	w.t.Cleanup(end)
	// Slack's side of the connection is ready a moment after the bot's.
	w.poll("the bot is ready", func() bool { return b.Ready() && len(w.Connections()) > 0 })
	return st, result, end
}

// waitFor fails the test unless cond comes true in time. It is tried whenever
// something happens in Slack or in Workfront.
func (w *world) waitFor(what string, cond func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), story.Patience)
	defer cancel()
	changed, unsubscribe := w.workfront.Subscribe()
	defer unsubscribe()
	for {
		inSlack := w.Changed()
		if cond() {
			return
		}
		select {
		case <-changed:
		case <-inSlack:
		case <-ctx.Done():
			w.t.Fatalf("in vain waited until %s", what)
		}
	}
}

// active reports whether the target is active in Workfront.
func (w *world) active() bool {
	u, ok := w.workfront.User(w.target.ID)
	return ok && u.Active
}

// writes returns what the bot wrote to isActive, effective or not.
func (w *world) writes() []workfrontsim.Write {
	return slices.DeleteFunc(w.workfront.Writes(), func(write workfrontsim.Write) bool { return write.Call == 0 })
}

// requests returns all requests in the database.
func (w *world) requests() []*request.Request {
	w.t.Helper()
	all, err := w.st.Requests(w.t.Context())
	if err != nil && !errors.Is(err, context.Canceled) {
		w.t.Fatal(err)
	}
	return all
}

// ask types the command for jane and returns the card once it has its buttons.
func (w *world) ask() *story.Message {
	w.t.Helper()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
	card := w.Channel(w.channel).ExpectMessage("Jane Doe")
	card.ExpectButtons("Approve", "Deny", "Cancel")
	w.ExpectPrivate(w.rita, "I asked in")
	return card
}

// cancels has a person press Cancel on a card and submit the form.
func (w *world) cancels(card *story.Message, who, comment string) {
	w.t.Helper()
	card.Click(who, "Cancel")
	w.ExpectModal(who, "Cancel this request", "Deactivate in Workfront").Submit(map[string]any{"comment": comment})
}

// insist presses a button of the card, again for as long as Slack shows an error,
// as it does when the machine is too slow. It returns when the press is acknowledged
// or the card has no such button any more.
func (w *world) insist(user string, card *story.Message, button slacksim.Button) {
	for range 100 {
		reply, err := w.Click(user, card.ChannelID(), card.TS(), button)
		if err != nil || reply.Acked {
			return
		}
	}
	w.t.Errorf("a press was never acknowledged")
}

// quiet waits until the bot has nothing left to do, and fails the test if it
// said anything that was not expected.
func (w *world) quiet() {
	w.t.Helper()
	w.settle()
	w.check(true)
	w.NoLeftovers()
}

// settle waits until no row wants anything before somebody decides or time
// passes.
func (w *world) settle() {
	w.t.Helper()
	w.pollFor(time.Minute, "the bot has come to rest", func() bool {
		for _, next := range []func(context.Context, time.Time) (time.Time, bool, error){
			w.st.NextWish, w.st.NextRequest, w.st.NextBatch, w.st.NextHome,
		} {
			at, waiting, err := next(w.t.Context(), w.clock.Now())
			if err != nil {
				w.t.Fatal(err)
			}
			if waiting && !at.After(w.clock.Now().Add(10*time.Minute)) {
				return false
			}
		}
		return true
	})
}

// poll fails the test unless cond comes true in time. It is for what cannot
// announce itself; waitFor is better where something can.
func (w *world) poll(what string, cond func() bool) {
	w.t.Helper()
	w.pollFor(story.Patience, what, cond)
}

// pollFor is poll for what takes its time.
func (w *world) pollFor(patience time.Duration, what string, cond func() bool) {
	w.t.Helper()
	often := time.NewTicker(5 * time.Millisecond) // and not all the time: others need the processor
	defer often.Stop()
	for deadline := time.Now().Add(patience); !cond(); <-often.C {
		if time.Now().After(deadline) {
			w.t.Fatalf("in vain waited until %s", what)
		}
	}
}

// check fails the test if what can be seen of the world breaks an invariant.
// settled says that the bot has come to rest.
func (w *world) check(settled bool) {
	w.t.Helper()
	if w.t.Failed() || w.st.Ping(context.Background()) != nil { // failed already, or closed on purpose
		return
	}
	if err := w.violation(settled); err != nil {
		w.t.Errorf("invariants: %v", err)
	}
}

// violation is what breaks an invariant in what can be seen now.
func (w *world) violation(settled bool) error {
	seen, err := evidence.Gather(context.Background(), evidence.Sources{
		Store: w.st, Slack: w.Server, Workfront: w.workfront,
		Policy: w.config.Policy, StopWindow: w.config.StopWindow, Settled: settled,
		// The bot's clock is real time and what the test has skipped.
		Tolerance: w.clock.farthest() + time.Second,
	})
	if err != nil {
		return err
	}
	return invariant.Check(seen)
}

// trail returns the audit trail.
func (w *world) trail() []store.Entry {
	w.t.Helper()
	entries, err := w.st.Trail(w.t.Context(), 0, 10_000)
	if err != nil {
		w.t.Fatal(err)
	}
	return entries
}

// pressed returns the payload of the last press of a button, for another person
// and another button, as a client would send it that still shows an old card.
func (w *world) pressed(user, action string) map[string]any {
	w.t.Helper()
	for _, e := range slices.Backward(w.Envelopes()) {
		if e.Payload["type"] != "block_actions" {
			continue
		}
		e.Payload["user"].(map[string]any)["id"] = user
		delete(e.Payload, "response_url") // it would answer whoever pressed before
		button := e.Payload["actions"].([]any)[0].(map[string]any)
		button["action_id"], button["action_ts"] = action, fmt.Sprintf("%d.%06d", time.Now().Unix(), len(w.Envelopes()))
		return e.Payload
	}
	w.t.Fatal("nobody has pressed a button")
	return nil
}

// pressLate sends what pressed returns.
func (w *world) pressLate(user, action string) {
	w.t.Helper()
	if reply := w.SendEnvelope(slacksim.Interactive, w.pressed(user, action)); !reply.Acked {
		w.t.Fatalf("a late press was not acknowledged: %s", reply.Failure)
	}
}

// settleExceptRetries is settle for worlds in which something is tried again for
// ever: it waits until the last wish has been dealt with.
func (w *world) settleExceptRetries() {
	w.t.Helper()
	w.poll("the wishes have been dealt with", func() bool {
		_, unfinished, err := w.st.Wishes(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		return unfinished == 0
	})
}
