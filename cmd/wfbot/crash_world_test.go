package main

import (
	"context"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wfbot/bot/bottest/evidence"
	"wfbot/bot/bottest/invariant"
	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
	"wfbot/workfront/workfrontsim"
)

// realProgram is why -short leaves out what needs a crashWorld.
const realProgram = "runs the real program"

// crashWorld is a Slack and a Workfront where the program runs as a process,
// dies at one point and is started again.
type crashWorld struct {
	t          *testing.T
	slack      *slacksim.Server
	workfront  *workfrontsim.Server
	database   *crashDatabase
	program    *crashProgram
	vars       map[string]string
	policy     request.Policy
	stopWindow time.Duration
	die        point // zero: never

	rita, ada, eve, channel string // people: who asks, who approves, who may do neither
	jane, joe, max          workfrontsim.User

	dir     string   // where the program runs
	commits *os.File // on SQLite, what the program says of its commits; a file, so that it is there before the commit

	mu       sync.Mutex
	calm     *sync.Cond // a call has ended
	inFlight int        // calls that have arrived and not ended
	count    map[string]int
	seen     []point       // what happened outside, each once with its first phase
	shot     bool          // the program was killed at the point
	escaped  bool          // it came to the point, and ended as it was told to before it could be killed
	ambush   ambush        // besides die, and again each time it is set
	resumed  time.Duration // from the second start to its first work; 0: none was left
	acted    time.Time     // when a person last did something
}

// newCrashWorld is a world on SQLite or on PostgreSQL.
func newCrashWorld(t *testing.T, database string, die point, vars map[string]string) *crashWorld {
	t.Helper()
	slack := slacksim.Config{AckDeadline: time.Minute} // where nothing dies, a slow machine is no failure
	if die != (point{}) {
		// A person whose command or click failed does it again: a deadline saves time.
		// A slow machine must not miss it, or everything is done twice.
		slack.AckDeadline = 3 * time.Second
	}
	w := emptyCrashWorld(t, slack, die)
	w.database = newSQLite(t)
	if database == onPostgres {
		w.database = newPostgres(t, w.meet)
	}
	w.furnish(vars)
	return w
}

// emptyCrashWorld is a world that a database is to be added to. The proxy of the database
// may meet commits from then on.
func emptyCrashWorld(t *testing.T, slack slacksim.Config, die point) *crashWorld {
	t.Helper()
	machine.Slow(t, realProgram)
	w := &crashWorld{
		t: t, die: die, count: map[string]int{}, slack: slacksim.New(slack), workfront: workfrontsim.New(workfrontsim.Config{}),
		dir: t.TempDir(),
	}
	w.calm = sync.NewCond(&w.mu)
	w.program = &crashProgram{t: t, between: w.betweenLives, command: func(log *output) *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Dir, cmd.Stdout, cmd.Stderr = w.dir, w.commits, log
		cmd.Env = append(environ(w.vars), crashCommit+"="+w.commitAhead())
		return cmd
	}}
	return w
}

// furnish makes everything but the database, which is there.
func (w *crashWorld) furnish(vars map[string]string) {
	t := w.t
	t.Helper()
	if _, err := w.slack.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.workfront)
	t.Cleanup(func() { w.slack.Close(); w.workfront.Close(); server.Close() })
	var err error
	if w.commits, err = os.OpenFile(filepath.Join(w.dir, "commits"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.commits.Close() })
	w.people()
	w.vars = map[string]string{
		"SLACK_APP_TOKEN": w.slack.AppToken(), "SLACK_BOT_TOKEN": w.slack.BotToken(), "SLACK_API_URL": w.slack.APIURL(),
		"WORKFRONT_URL": server.URL, "WORKFRONT_API_KEY": w.workfront.APIKey(), "WFBOT_DATABASE_URL": w.database.url,
		"WFBOT_REQUESTERS": w.rita, "WFBOT_APPROVERS": w.ada, "WFBOT_LOG_LEVEL": "debug",
		"WFBOT_SLACK_CONNECTIONS": "1", // the second one is opened later, to no use here
		crashChild:                "1",
	}
	maps.Copy(w.vars, vars)
	w.observe()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the program's log:\n%s", w.program.said())
		}
	})
}

// people adds who and what every story needs.
func (w *crashWorld) people() {
	w.rita = w.slack.AddUser(slacksim.User{Name: "rita", Email: "rita@acme.com"}).ID
	w.ada = w.slack.AddUser(slacksim.User{Name: "ada", Email: "ada@acme.com"}).ID
	w.eve = w.slack.AddUser(slacksim.User{Name: "eve", Email: "eve@acme.com"}).ID
	w.channel = w.slack.AddChannel(slacksim.Channel{Name: "it", Members: []string{w.rita, w.ada, w.eve, w.slack.BotUserID()}}).ID
	for name, user := range map[string]*workfrontsim.User{"Jane Doe": &w.jane, "Joe Roe": &w.joe, "Max Moe": &w.max} {
		first, _, _ := strings.Cut(strings.ToLower(name), " ")
		*user = w.workfront.AddUser(workfrontsim.User{Name: name, Email: first + "@acme.com", Active: true})
	}
	w.policy = request.Policy{
		Requesters: request.Members{Users: []string{w.rita}}, Approvers: request.Members{Users: []string{w.ada}},
		Approvals: 1, AdminApprovals: 2,
	}
}

// observe kills the program at the point, if that lies outside of it.
func (w *crashWorld) observe() {
	if operation, ok := strings.CutPrefix(w.die.what, "workfront "); ok && w.die.phase == before {
		w.workfront.Inject(workfrontsim.Fault{
			Name: "the program died", Operation: operation, Skip: w.die.nth - 1, Times: 1, Answer: workfrontsim.Answer{Kind: workfrontsim.Reset},
		})
	}
	var calls sync.Map // func(phase string) bool by what and sequence number
	call := func(what string, seq int, phase string) (killed bool) {
		key := fmt.Sprint(what, " ", seq)
		if phase == before {
			calls.Store(key, w.meet(what))
			w.flies(1)
		}
		at, ok := calls.Load(key)
		if !ok {
			return false // it had arrived before
		}
		killed = at.(func(string) bool)(phase)
		if phase == after {
			calls.Delete(key)
			w.flies(-1)
		}
		return killed
	}
	phases := map[slacksim.Phase]string{slacksim.Arrived: before, slacksim.Applied: unanswered, slacksim.Answered: after}
	w.slack.Observe(func(c slacksim.Call, phase slacksim.Phase) {
		if call("slack "+c.Method, c.Seq, phases[phase]) && phase == slacksim.Arrived {
			w.slack.DropCall(c.Seq)
		}
	})
	w.slack.ObserveEnvelopes(func(e slacksim.Envelope, phase slacksim.Phase) {
		if phase == slacksim.Acknowledged {
			w.meet("envelope " + e.Type)(acknowledged)
		}
	})
	w.workfront.Observe(func(c workfrontsim.Call, phase workfrontsim.Phase) {
		call("workfront "+c.Operation, c.Seq, [...]string{before, unanswered, after}[phase])
	})
}

func (w *crashWorld) flies(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inFlight += n
	w.calm.Broadcast()
}

// meet counts what happens outside of the program by its name, and returns what
// is called at each of its phases. That kills the program if this is the point,
// and returns when the program is dead.
func (w *crashWorld) meet(what string) func(phase string) (killed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count[what]++
	p := point{what: what, nth: w.count[what]}
	return func(phase string) bool {
		p := p
		p.phase = phase
		return w.at(p)
	}
}

// at notes that the story has come to a point outside of the program.
func (w *crashWorld) at(p point) (killed bool) {
	started, deaths := w.program.now()
	w.mu.Lock()
	if p.phase == before || p.phase == acknowledged {
		w.seen = append(w.seen, p)
	}
	work := p.phase == before && p.what != "slack auth.test" && p.what != "slack apps.connections.open" && !strings.HasPrefix(p.what, "commit ")
	if work && deaths == 1 && w.resumed == 0 && w.acted.Before(started) {
		w.resumed = time.Since(started)
	}
	met := p == w.die && !w.shot
	w.shot = w.shot || met
	met = met || w.ambush.met(p)
	w.mu.Unlock()
	return met && w.program.kill()
}

// run starts the program, which is started again when it has been killed.
func (w *crashWorld) run() {
	w.t.Helper()
	if err := w.program.start(); err != nil {
		w.t.Fatal(err)
	}
}

// awaitDeath waits, if the program has come to the point, until it has died there,
// been started again and has come to rest again.
func (w *crashWorld) awaitDeath() {
	w.t.Helper()
	w.mu.Lock()
	for w.inFlight > 0 { // the last answer may have been read before it was noted
		w.calm.Wait()
	}
	dies := w.met() && !w.escaped
	w.mu.Unlock()
	if dies {
		w.await("the program is killed and started again", func() bool {
			_, deaths := w.program.now()
			return deaths == 1 && w.isConnected()
		})
		w.database.settle()
	}
}

// met reports whether the program has come to the point. The caller holds mu.
func (w *crashWorld) met() bool {
	return w.shot || slices.Contains(w.committed(), point{what: w.die.what, nth: w.die.nth})
}

func (w *crashWorld) betweenLives() {
	_, deaths := w.program.now()
	w.mu.Lock()
	w.escaped = deaths == 0 && w.met()
	w.mu.Unlock()
	w.database.voidLeases()
}

// await fails the test unless cond comes true in time.
func (w *crashWorld) await(what string, cond func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	if err := w.slack.WaitFor(ctx, cond); err != nil {
		w.t.Fatalf("in vain waited until %s", what)
	}
}

// check looks for violations when the program has ended, and returns the
// requests.
func (w *crashWorld) check() []*request.Request {
	w.t.Helper()
	st, err := store.Open(w.t.Context(), w.database.direct, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer st.Close()
	_, deaths := w.program.now()
	world, err := evidence.Gather(w.t.Context(), evidence.Sources{
		Store: st, Slack: w.slack, Workfront: w.workfront, Policy: w.policy, StopWindow: w.stopWindow,
		Settled: true, Killed: deaths > 0,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := invariant.Check(world); err != nil {
		w.t.Error(err)
	}
	return world.Requests
}
