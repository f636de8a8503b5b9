package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wfbot/bot/evidence"
	"wfbot/bot/invariant"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
	"wfbot/workfront/workfrontsim"
)

// A point is a moment in a story at which the program can die.
type point struct {
	what  string // "slack chat.update", "workfront user/put", "envelope interactive", "commit audit+requests"
	nth   int    // of that name in the story, 1 the first
	phase string
}

// The phases of points.
const (
	before       = "before"       // nothing has happened: the call is lost, the commit not made
	unanswered   = "unanswered"   // the call has taken effect, and the program cannot know
	after        = "after"        // the call was answered, the commit made
	acknowledged = "acknowledged" // the envelope was
)

func (p point) String() string { return fmt.Sprintf("%s#%d %s", p.what, p.nth, p.phase) }

// crashWorld is a Slack and a Workfront in which the program runs as a process,
// dies at one point and is started again.
type crashWorld struct {
	t         *testing.T
	slack     *slacksim.Server
	workfront *workfrontsim.Server
	vars      map[string]string
	policy    request.Policy
	file      string
	die       point // zero: never

	rita, ada, eve, channel string // people: who asks, who approves, who may do neither
	jane                    workfrontsim.User

	commits *os.File // what the program says of its commits; a file, so that it is there before the commit
	stderr  output

	mu       sync.Mutex
	count    map[string]int
	seen     []point   // what happened outside, each once with its first phase
	program  *exec.Cmd // that runs now
	dead     chan struct{}
	shot     bool // it was killed
	deaths   int
	ending   bool
	started  time.Time     // of the newest process
	resumed  time.Duration // from the second start to its first work; 0: none was left
	idle     bool          // a person did something since the second start
	finished chan struct{} // the supervisor has ended
}

// errEnding keeps a program that has just been killed from being started again.
var errEnding = errors.New("the test is ending")

func newCrashWorld(t *testing.T, die point, vars map[string]string) *crashWorld {
	t.Helper()
	// A person whose command or click failed does it again, so a shorter deadline
	// only saves time.
	return newCrashWorldWith(t, slacksim.Config{AckDeadline: time.Second}, die, vars)
}

// newCrashWorldWith is newCrashWorld with another Slack.
func newCrashWorldWith(t *testing.T, config slacksim.Config, die point, vars map[string]string) *crashWorld {
	t.Helper()
	w := &crashWorld{
		t: t, die: die, count: map[string]int{}, finished: make(chan struct{}), file: filepath.Join(t.TempDir(), "wfbot.db"),
		slack:     slacksim.New(config),
		workfront: workfrontsim.New(workfrontsim.Config{}),
	}
	if _, err := w.slack.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.workfront)
	t.Cleanup(func() { w.slack.Close(); w.workfront.Close(); server.Close() })
	var err error
	if w.commits, err = os.OpenFile(w.file+".commits", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.commits.Close() })
	w.rita = w.slack.AddUser(slacksim.User{Name: "rita", Email: "rita@acme.com"}).ID
	w.ada = w.slack.AddUser(slacksim.User{Name: "ada", Email: "ada@acme.com"}).ID
	w.eve = w.slack.AddUser(slacksim.User{Name: "eve", Email: "eve@acme.com"}).ID
	w.channel = w.slack.AddChannel(slacksim.Channel{Name: "it", Members: []string{w.rita, w.ada, w.eve, w.slack.BotUserID()}}).ID
	w.jane = w.workfront.AddUser(workfrontsim.User{Name: "Jane Doe", Email: "jane@acme.com", Active: true})
	w.policy = request.Policy{
		Requesters: request.Members{Users: []string{w.rita}}, Approvers: request.Members{Users: []string{w.ada}},
		Approvals: 1, AdminApprovals: 2,
	}
	w.vars = map[string]string{
		"SLACK_APP_TOKEN": w.slack.AppToken(), "SLACK_BOT_TOKEN": w.slack.BotToken(), "SLACK_API_URL": w.slack.APIURL(),
		"WORKFRONT_URL": server.URL, "WORKFRONT_API_KEY": w.workfront.APIKey(), "WFBOT_DATABASE_URL": "sqlite:" + w.file,
		"WFBOT_REQUESTERS": w.rita, "WFBOT_APPROVERS": w.ada, "WFBOT_LOG_LEVEL": "debug",
		"WFBOT_SLACK_CONNECTIONS": "1", // the second one is opened later, to no use here
		crashChild:                "1",
	}
	maps.Copy(w.vars, vars)
	w.observe()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the program's log:\n%s", &w.stderr)
		}
	})
	return w
}

// observe kills the program at the point, if that lies outside of it.
func (w *crashWorld) observe() {
	if operation, ok := strings.CutPrefix(w.die.what, "workfront "); ok && w.die.phase == before {
		w.workfront.Inject(workfrontsim.Fault{
			Name: "the program died", Operation: operation, Skip: w.die.nth - 1, Times: 1, Answer: workfrontsim.Answer{Kind: workfrontsim.Reset},
		})
	}
	phases := map[slacksim.Phase]string{
		slacksim.Arrived: before, slacksim.Applied: unanswered, slacksim.Answered: after, slacksim.Acknowledged: acknowledged,
	}
	nth := map[string]int{} // guarded by w.mu
	number := func(what string, seq int, first bool) point {
		w.mu.Lock()
		defer w.mu.Unlock()
		key := fmt.Sprint(what, " ", seq)
		if first {
			w.count[what]++
			nth[key] = w.count[what]
		}
		return point{what: what, nth: nth[key]}
	}
	w.slack.Observe(func(c slacksim.Call, phase slacksim.Phase) {
		p := number("slack "+c.Method, c.Seq, phase == slacksim.Arrived)
		p.phase = phases[phase]
		if w.at(p) && phase == slacksim.Arrived {
			w.slack.DropCall(c.Seq)
		}
	})
	w.slack.ObserveEnvelopes(func(e slacksim.Envelope, phase slacksim.Phase) {
		if phase == slacksim.Acknowledged {
			p := number("envelope "+e.Type, e.Seq, true)
			p.phase = acknowledged
			w.at(p)
		}
	})
	w.workfront.Observe(func(c workfrontsim.Call, phase workfrontsim.Phase) {
		p := number("workfront "+c.Operation, c.Seq, phase == workfrontsim.Received)
		p.phase = [...]string{before, unanswered, after}[phase]
		w.at(p)
	})
}

// at notes that the story has come to a point outside of the program, and kills
// the program if it is the one. It returns when the program is dead.
func (w *crashWorld) at(p point) (killed bool) {
	w.mu.Lock()
	if p.phase == before || p.phase == acknowledged {
		w.seen = append(w.seen, p)
	}
	work := p.what != "slack auth.test" && p.what != "slack apps.connections.open" && p.phase == before
	if work && w.deaths == 1 && w.resumed == 0 && !w.idle {
		w.resumed = time.Since(w.started)
	}
	if p != w.die || w.shot || w.ending { // a program that is being ended is past its story
		w.mu.Unlock()
		return false
	}
	w.shot = true
	dead := w.dead
	_ = w.program.Process.Kill()
	w.mu.Unlock()
	<-dead
	return true
}

// run starts the program, and again when it has been killed, until end.
func (w *crashWorld) run() {
	w.t.Helper()
	crash := ""
	if strings.HasPrefix(w.die.what, "commit ") {
		crash = w.die.String()
	}
	if err := w.launch(crash); err != nil {
		w.t.Fatal(err)
	}
	go func() {
		defer close(w.finished)
		for {
			err := w.program.Wait()
			w.mu.Lock()
			close(w.dead)
			if w.ending {
				w.mu.Unlock()
				return
			}
			killed := w.program.ProcessState.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
			w.deaths++
			w.mu.Unlock()
			if !killed {
				w.t.Errorf("the program ended by itself: %v", err)
				return
			}
			if err := w.launch(""); err != nil {
				if !errors.Is(err, errEnding) {
					w.t.Error(err)
				}
				return
			}
		}
	}()
	w.t.Cleanup(w.end)
}

func (w *crashWorld) launch(crash string) error {
	cmd := exec.Command(os.Args[0])
	cmd.Dir = filepath.Dir(w.file)
	cmd.Env = environ(w.vars)
	if crash != "" {
		cmd.Env = append(cmd.Env, crashCommit+"="+crash)
	}
	cmd.Stdout, cmd.Stderr = w.commits, &w.stderr
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ending {
		return errEnding
	}
	w.program, w.dead, w.started, w.idle = cmd, make(chan struct{}), time.Now(), false
	return cmd.Start()
}

// awaitDeath waits, if the program has come to the point, until it has died there,
// been started again and has come to rest again.
func (w *crashWorld) awaitDeath() {
	w.t.Helper()
	w.mu.Lock()
	met := w.shot || slices.Contains(w.committed(), point{what: w.die.what, nth: w.die.nth})
	w.mu.Unlock()
	if met {
		w.await("the program is killed and started again", func() bool {
			w.mu.Lock()
			deaths := w.deaths
			w.mu.Unlock()
			return deaths == 1 && w.isConnected()
		})
		w.settle()
	}
}

// end asks the program to end and waits for it.
func (w *crashWorld) end() {
	w.mu.Lock()
	if !w.ending {
		w.ending = true
		_ = w.program.Process.Signal(syscall.SIGTERM)
	}
	w.mu.Unlock()
	<-w.finished
}

// acted notes that a person is about to do something.
func (w *crashWorld) acted() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = true
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

// look opens the database beside the program.
func (w *crashWorld) look() *sql.DB {
	w.t.Helper()
	driver, address := "pgx", w.vars["WFBOT_DATABASE_URL"]
	if strings.HasPrefix(address, "sqlite:") {
		driver, address = "sqlite", "file:"+(&url.URL{Path: w.file}).EscapedPath()+"?mode=ro&_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		w.t.Fatal(err)
	}
	return db
}

// settle waits until no row wants anything any more. It only reads, beside the
// program or between two of its lives.
func (w *crashWorld) settle() {
	w.t.Helper()
	db := w.look()
	defer db.Close()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; <-tick.C {
		var due int
		err := db.QueryRow(`SELECT (SELECT COUNT(*) FROM wishes WHERE next_at IS NOT NULL) +
			(SELECT COUNT(*) FROM requests WHERE next_at < $1)`, time.Now().Add(time.Hour).UnixMilli()).Scan(&due)
		if err == nil && due == 0 {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%d rows still want something (%v)", due, err)
		}
	}
}

// check looks for violations when the program has ended, and returns the
// requests.
func (w *crashWorld) check() []*request.Request {
	w.t.Helper()
	if state := w.program.ProcessState; state.ExitCode() != 0 {
		w.t.Errorf("the program ended with %v", state)
	}
	return w.examine()
}

// examine looks for violations in what is left, and returns the requests.
func (w *crashWorld) examine() []*request.Request {
	w.t.Helper()
	st, err := store.Open(w.t.Context(), w.vars["WFBOT_DATABASE_URL"])
	if err != nil {
		w.t.Fatal(err)
	}
	defer st.Close()
	world, err := evidence.Gather(w.t.Context(), evidence.Sources{
		Store: st, Slack: w.slack, Workfront: w.workfront, Policy: w.policy, Settled: true,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := invariant.Check(world); err != nil {
		w.t.Error(err)
	}
	return world.Requests
}

// committed returns the commits that the program said it made, as points.
func (w *crashWorld) committed() []point {
	w.t.Helper()
	text, err := os.ReadFile(w.commits.Name())
	if err != nil {
		w.t.Fatal(err)
	}
	var points []point
	for line := range strings.Lines(string(text)) {
		what, nth, ok := strings.Cut(strings.TrimSpace(line), "#")
		p := point{what: what}
		if _, err := fmt.Sscan(nth, &p.nth); ok && err == nil && strings.HasPrefix(what, "commit ") {
			points = append(points, p)
		}
	}
	return points
}

// points returns every point that comes after the first skip ones.
func (w *crashWorld) points(skipCommits, skipOutside int) []point {
	var all []point
	for _, p := range w.committed()[skipCommits:] {
		for _, p.phase = range []string{before, after} {
			all = append(all, p)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.seen[skipOutside:] {
		if p.phase == acknowledged {
			all = append(all, p)
			continue
		}
		for _, p.phase = range []string{before, unanswered, after} {
			all = append(all, p)
		}
	}
	return slices.Clip(all)
}
