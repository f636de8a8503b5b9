package bot_test

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wfbot/bot"
	"wfbot/bot/bottest/machine"
	"wfbot/bot/metrics"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

func TestMain(m *testing.M) {
	machine.Prepare()
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

	oauth            *workfront.OAuth // of the Workfront client, instead of the API key
	userFields       []string         // of the Workfront client; nil: the usual ones
	workfrontTimeout time.Duration    // of one call to Workfront; 0: the client's own

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
	low  time.Duration // the least and the most that was ever skipped
	high time.Duration
	bots []*bot.Bot // that go by it, also those that have ended
}

// drives has a bot notice at once when time is skipped. By itself it looks at the
// clock each second, which bot/loop tests.
func (c *clock) drives(b *bot.Bot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bots = append(c.bots, b)
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
	c.low, c.high = min(c.low, c.skip), max(c.high, c.skip)
	for _, b := range c.bots {
		b.Wake()
	}
}

// span is how far two stamps of the same moment may be apart: this clock's of before
// and after it was set, or this clock's and real time.
func (c *clock) span() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.high - c.low
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

// newWorld makes a world where the bot has not been started.
func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, slacksim.Config{})
}

// newWorldWith is newWorld with another Slack. Its people wait longer for an
// acknowledgement than Slack does, unless config says how long: many tests run at
// once, and a slow machine is no failure.
func newWorldWith(t *testing.T, config slacksim.Config) *world {
	t.Helper()
	config.AllowImpossible = true
	config.AckDeadline = cmp.Or(config.AckDeadline, 30*time.Second)
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

	w.serveWorkfront(workfrontsim.Config{})

	file := filepath.Join(t.TempDir(), "wfbot.db")
	if err := os.WriteFile(file, emptyDatabase(t), 0o600); err != nil {
		t.Fatal(err)
	}
	w.database = "sqlite:" + file
	w.config = bot.Config{
		AppToken: secret.Value(w.AppToken()), BotToken: secret.Value(w.BotToken()), SlackURL: w.APIURL(),
		Rules: request.Rules{Policy: request.Policy{
			Requesters: request.Members{Users: []string{w.rita}},
			Approvers:  request.Members{Users: []string{w.anna}, Groups: []string{w.group}},
			Approvals:  1, AdminApprovals: 2,
			Protected: []string{"boss@acme.com"},
		}},
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

// emptyDatabase is a database file as the bot makes it. Making one takes longer than
// many a test.
func emptyDatabase(t *testing.T) []byte {
	t.Helper()
	text, err := madeDatabase()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var madeDatabase = sync.OnceValues(func() ([]byte, error) {
	directory, err := os.MkdirTemp("", "wfbot")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	file := filepath.Join(directory, "wfbot.db")
	st, err := store.Open(context.Background(), "sqlite:"+file, nil)
	if err != nil {
		return nil, err
	}
	if err := st.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// serveWorkfront makes w's Workfront a tenant like that, with jane and her manager.
func (w *world) serveWorkfront(config workfrontsim.Config) {
	w.t.Helper()
	tenant := workfrontsim.New(config)
	server := httptest.NewServer(tenant)
	// Another server may have taken its place by then, at the same address; see closePort.
	w.t.Cleanup(func() { tenant.Close(); server.Close(); w.wfServer.Close() })
	w.workfront, w.wfServer, w.wfURL = tenant, server, server.URL
	boss := tenant.AddUser(workfrontsim.User{Name: "Mark Boss", Email: "mark@acme.com", Active: true})
	w.target = tenant.AddUser(workfrontsim.User{
		Name: "Jane Doe", Email: "Jane@acme.com", Active: true, Title: "Designer", ManagerID: boss.ID,
	})
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
	access := workfront.Config{
		URL: w.wfURL, APIKey: secret.Value(w.workfront.APIKey()), Timeout: w.workfrontTimeout, UserFields: w.userFields, Log: w.config.Log,
	}
	if w.oauth != nil {
		access.APIKey, access.OAuth = "", w.oauth
	}
	counted := metrics.New("")
	access.Wrap = counted.Workfront
	client, err := workfront.New(access)
	if err != nil {
		w.t.Fatal(err)
	}
	st, err = store.Open(w.t.Context(), w.database, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	config := w.config
	config.Workfront, config.Store, config.Metrics = client, st, counted
	b, err := bot.New(config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.clock.drives(b)
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
		if file, ok := strings.CutPrefix(w.database, "sqlite:"); ok {
			if _, err := os.Stat(file + "-wal"); err == nil {
				w.t.Error("a bot that has ended left something beside the database file")
			}
		}
	})
	w.t.Cleanup(end)
	// Slack's side of the connection is ready a moment after the bot's.
	w.poll("the bot is ready", func() bool { return b.Ready() && len(w.Connections()) > 0 })
	return st, result, end
}
