package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

var (
	soakFor  = flag.Duration("soak", 0, "TestSoak: how long it does things on each database; 0: 10s, with WFBOT_TEST_ALL 30s")
	soakSeed = flag.Uint64("soak.seed", 0, "TestSoak: what it does; 0: by the clock")
)

// fewest is how many things are done in any case.
const fewest = 40

// TestSoak lets people, Slack, Workfront and the machine do to the program
// whatever a seed says: commands, presses and forms, late and forged ones, by
// those who may and those who may not; faults and lost answers of both services;
// kills and restarts. Then everything works again, time passes until nothing is
// left to do, and the evidence of all that is checked.
//
// The seed is printed. The same seed chooses the same actions in the same order;
// what they meet depends on how far the program has come meanwhile.
func TestSoak(t *testing.T) {
	t.Parallel()
	machine.Slow(t, realProgram)
	seed, length := *soakSeed, *soakFor
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	switch {
	case length > 0:
	case machine.All():
		length = 30 * time.Second
	default:
		length = 10 * time.Second
	}
	for _, database := range crashDatabases() {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			t.Logf("-soak=%v -soak.seed=%d", length, seed)
			s := newSoak(t, database, seed)
			s.run()
			// However slow the machine is, some things happen.
			for n, end := 0, time.Now().Add(length); (n < fewest || time.Now().Before(end)) && !t.Failed(); n++ {
				s.act()
			}
			s.quiet()
			s.program.end()
			s.report(s.check())
		})
	}
}

// soak is a crash world with more in it.
type soak struct {
	*crashWorld
	choose   *rand.Rand
	people   []string // Slack ids: two who ask, two who approve, one who does both, one who may nothing
	channels []string
	targets  []workfrontsim.User
	unfault  []func() // take the faults away that were put into Slack
	accepted int      // Workfront accepts the credential again at so many actions; 0: it does
	done     []string // actions so far
	counts   map[string]int
}

func newSoak(t *testing.T, database string, seed uint64) *soak {
	t.Helper()
	s := &soak{
		crashWorld: newCrashWorld(t, database, point{}, nil),
		choose:     rand.New(rand.NewPCG(seed, 0)), counts: map[string]int{},
	}
	for _, name := range []string{"rob", "abe", "bea"} {
		s.people = append(s.people, s.slack.AddUser(slacksim.User{Name: name, Email: name + "@acme.com"}).ID)
	}
	rob, abe, bea := s.people[0], s.people[1], s.people[2]
	s.people = []string{s.rita, rob, s.ada, abe, bea, s.eve}
	for _, name := range []string{"one", "two", "three"} {
		members := append([]string{s.slack.BotUserID()}, s.people...)
		s.channels = append(s.channels, s.slack.AddChannel(slacksim.Channel{Name: name, Members: members}).ID)
	}
	for i := range 16 {
		u := workfrontsim.User{Name: fmt.Sprintf("Target %d", i), Email: fmt.Sprintf("target%d@acme.com", i), Active: true}
		if i < 3 {
			u.AccessLevelID = workfrontsim.AccessAdministrator
		}
		if i == 9 {
			u.Email = "abe@acme.com" // who may not decide about himself
		}
		s.targets = append(s.targets, s.workfront.AddUser(u))
		s.workfront.AddWork(s.targets[i].ID, workfrontsim.Work{Tasks: i % 3, Issues: i % 2, Projects: i % 4})
	}
	s.policy = request.Policy{
		Requesters: request.Members{Users: []string{s.rita, rob, bea}}, Approvers: request.Members{Users: []string{s.ada, abe, bea}},
		Approvals: 1, AdminApprovals: 2, AllowAdmins: true,
	}
	s.vars["WFBOT_REQUESTERS"] = strings.Join(s.policy.Requesters.Users, ",")
	s.vars["WFBOT_APPROVERS"] = strings.Join(s.policy.Approvers.Users, ",")
	s.vars["WFBOT_ALLOW_ADMINS"], s.vars["WFBOT_SLACK_CONNECTIONS"] = "true", "2"
	s.vars["WFBOT_OPS_CHANNEL"] = s.channel
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("-soak.seed=%d\n%s", seed, strings.Join(s.done, "\n"))
		}
	})
	return s
}

// soakActions are what can happen, as often as their weight says. Each takes all
// it needs to choose from n, so that the choices do not depend on what is there.
var soakActions = []struct {
	name   string
	weight int
	do     func(s *soak, n [4]int)
}{
	{"asks", 20, (*soak).asks},
	{"presses", 30, (*soak).presses},
	{"chooses from a menu", 6, (*soak).chooses},
	{"asks for a form", 5, (*soak).opensForm},
	{"fills in a form", 12, (*soak).fillsIn},
	{"opens the Home tab", 5, (*soak).opensHome},
	{"forges", 6, (*soak).forges},
	{"delivers again", 4, (*soak).redelivers},
	{"Slack fails", 8, (*soak).failSlack},
	{"Workfront fails", 8, (*soak).failWorkfront},
	{"Socket Mode fails", 4, (*soak).failSocket},
	{"the credential is refused", 1, (*soak).refuseCredential},
	{"somebody else activates", 4, (*soak).activates},
	{"time passes", 4, (*soak).letTimePass},
	{"an ambush", 4, (*soak).setAmbush},
	{"a kill", 1, func(s *soak, _ [4]int) { s.program.kill() }},
	{"a restart", 1, func(s *soak, _ [4]int) { s.program.restart() }},
}

// act does the next thing, when the program is not too far behind.
func (s *soak) act() {
	s.t.Helper()
	s.awaitRows("the program keeps up", 6, 0)
	if s.accepted > 0 && len(s.done) >= s.accepted {
		s.acceptCredential()
	}
	sum := 0
	for _, a := range soakActions {
		sum += a.weight
	}
	at := s.choose.IntN(sum)
	var n [4]int
	for i := range n {
		n[i] = s.choose.IntN(1 << 20)
	}
	for _, a := range soakActions {
		if at -= a.weight; at < 0 {
			s.done = append(s.done, fmt.Sprintf("%s %s %v", time.Now().UTC().Format("15:04:05.000"), a.name, n))
			s.counts[a.name]++
			a.do(s, n)
			return
		}
	}
}

// awaitRows waits until at most so many rows want something within a time.
func (s *soak) awaitRows(what string, most int, within time.Duration) {
	s.t.Helper()
	db := s.database.open()
	defer db.Close()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(2 * patience); ; <-tick.C {
		rows, err := s.database.due(db, within)
		if err == nil && rows <= most {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("in vain waited until %s: %d rows (%v)", what, rows, err)
		}
	}
}

// quiet ends all trouble and lets time pass until nothing wants anything any more.
func (s *soak) quiet() {
	s.t.Helper()
	s.mu.Lock()
	s.ambush = ambush{}
	s.mu.Unlock()
	s.workfront.ClearFaults()
	for _, remove := range s.unfault {
		remove()
	}
	s.slack.SetSocketMode(func(m *slacksim.SocketMode) { *m = slacksim.SocketMode{} })
	s.acceptCredential()
	// What was not looked up before expires the second time, and what was done then is
	// read again the third.
	for range 3 {
		s.program.restart() // knows nothing of a refused credential
		s.database.timePasses(true)
		s.awaitRows("all is done", 0, 45*time.Minute)
	}
	s.awaitRows("nothing waits for anything", 0, 1000*time.Hour)
}

// report says what there was, and fails the test if there was nothing.
func (s *soak) report(requests []*request.Request) {
	s.t.Helper()
	states := map[request.State]int{}
	for _, r := range requests {
		states[r.State]++
	}
	var did []string
	for _, a := range soakActions {
		did = append(did, a.name+" "+strconv.Itoa(s.counts[a.name]))
	}
	_, deaths := s.program.now()
	s.t.Logf("%d actions: %s", len(s.done), strings.Join(did, ", "))
	batches := map[string]bool{}
	back, dated, again, changedBack := 0, 0, 0, 0
	for _, r := range requests {
		if r.CardID != r.ID {
			batches[r.CardID] = true
		}
		back += count(r.Action == request.Reactivate && r.State == request.Done)
		dated += count(!r.NotBefore.IsZero() && r.State == request.Done)
		again += count(r.Verified.Result == request.NoDrift)
		changedBack += count(r.Verified.Result == request.Drifted)
	}
	s.t.Logf("%d lives, %d killed; %d requests, %d batches: %v; %d changes in Workfront", s.program.lives, deaths, len(requests), len(batches), states, len(s.workfront.Changes()))
	s.t.Logf("%d done on the way back, %d with a date; %d read again as they were, %d changed back", back, dated, again, changedBack)
	if len(requests) == 0 {
		s.t.Error("nobody asked for anything")
	}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}
