package main

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wfbot/bot/loop"
	"wfbot/bot/slacksim"
)

// Three processes that start at once on an empty database bring it up together.
// Then five people press Approve at once, again and again, and reach whichever
// process: three approvals, and one write.
func TestReplicasCountEachApprovalOnce(t *testing.T) {
	t.Parallel()
	f := newFleet(t, freshDatabase(t))
	approvers := []string{f.ada}
	for _, name := range []string{"ben", "cora", "dan", "ella"} {
		id := f.slack.AddUser(slacksim.User{Name: name, Email: name + "@acme.com"}).ID
		f.slack.Invite(f.channel, id)
		approvers = append(approvers, id)
	}
	f.vars["WFBOT_APPROVERS"], f.vars["WFBOT_APPROVALS"] = strings.Join(approvers, ","), "3"
	f.policy.Approvers.Users, f.policy.Approvals = approvers, 3
	f.launch()
	f.asks()
	ts, button, _ := f.button("Approve")
	var clicks sync.WaitGroup
	for i := range 60 {
		clicks.Go(func() {
			for { // until it is acknowledged, or the card has lost its buttons
				reply, err := f.slack.Click(approvers[i%len(approvers)], f.channel, ts, button)
				if err != nil || reply.Acked {
					return
				}
			}
		})
	}
	clicks.Wait()
	f.hears("Deactivated: ")
	f.end()
	if n := len(f.workfront.Writes()); n != 1 {
		t.Errorf("%d writes reached Workfront, want 1", n)
	}
	reached := map[int]bool{}
	for _, e := range f.slack.Envelopes() {
		reached[e.Connection] = true
	}
	if len(reached) != 3 {
		t.Errorf("what people did reached %d processes, want all 3", len(reached))
	}
}

// A process dies in the middle of an execution, while its write is under way; the
// write arrives before the next process reads, or long after it is done.
func TestReplicaIsKilled(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"the write arrives": false, "the write arrives when all is done": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, freshDatabase(t)).launch()
			f.asks()
			held := f.setTrap(http.MethodPut, false)
			f.presses(f.ada, "Approve")
			dead := f.catch(held)
			dead.signal(t, syscall.SIGKILL)
			<-dead.ended
			if !late {
				held.release()
				f.await("the write has arrived", func() bool { return len(f.workfront.Writes()) == 1 })
			}
			f.voidLease()
			f.hears("Deactivated: ")
			f.database.settle()
			row, card := f.row(), f.card()
			held.release()
			want := map[bool]int{false: 1, true: 2}[late]
			f.await("all writes have arrived", func() bool { return len(f.workfront.Writes()) == want })
			f.end(dead)
			if n := len(f.workfront.Changes()); n != 1 {
				t.Errorf("jane was changed %d times, want once", n)
			}
			if f.row() != row || f.card() != card {
				t.Error("the late write changed the row or the card")
			}
		})
	}
}

// A process dies, or loses the connection that shows that it is there, before it has
// recorded a write: another one goes on long before the lease has ended.
func TestReplicaIsGoneBeforeItsWrite(t *testing.T) {
	t.Parallel()
	for name, killed := range map[string]bool{"killed": true, "its lock is lost": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, freshDatabase(t)).launch()
			f.asks()
			held := f.setTrap(http.MethodGet, true)
			f.presses(f.ada, "Approve")
			gone := f.catch(held)
			at := time.Now()
			var dead []*replica
			if killed {
				gone.signal(t, syscall.SIGKILL)
				<-gone.ended
				dead = append(dead, gone)
			} else {
				f.cutLocks()
				gone.stderr.await(t, regexp.MustCompile("a step was cut short because the database lost contact with this process"))
			}
			f.hears("Deactivated: ")
			if took := time.Since(at); took > loop.LeaseFor*2/3 {
				t.Errorf("it took %v: the lease was waited for", took)
			}
			held.release()
			f.end(dead...)
			if n := len(f.workfront.Writes()); n != 1 {
				t.Errorf("%d writes reached Workfront, want 1", n)
			}
		})
	}
}

// A process loses the connection that shows that it is there while its write is under
// way: nobody takes the request over, and what it finds out counts.
func TestLockIsLostDuringAWrite(t *testing.T) {
	t.Parallel()
	f := newFleet(t, freshDatabase(t)).launch()
	f.asks()
	held := f.setTrap(http.MethodPut, false)
	f.presses(f.ada, "Approve")
	f.catch(held)
	f.cutLocks()
	// What another process had claimed is free when this one is handled: leases were void.
	for _, r := range f.replicas {
		r.stderr.await(t, regexp.MustCompile("lost the connection that shows that this process is alive"))
	}
	f.types(f.rita, "/wf-deactivate nobody@acme.com left")
	f.learns(f.rita, "nobody@acme.com")
	if !strings.HasPrefix(f.row(), "executing ") {
		t.Errorf("somebody has taken it over: %s", f.row())
	}
	held.release()
	f.hears("Deactivated: ")
	f.end()
	if n := len(f.workfront.Writes()); n != 1 {
		t.Errorf("%d writes reached Workfront, want 1", n)
	}
}

// A process is frozen in the middle of an execution, for longer than its lease.
// Another one finishes. When the first is woken, its result is refused: a write
// that was on its way can only repeat what was approved, and one that was not sent
// yet is not sent any more.
func TestReplicaIsFrozen(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		method string
		answer bool // of the call is held
		writes int  // that reach Workfront in all
	}{
		{"the write is on its way", http.MethodPut, false, 2},
		{"the write is done, its answer on its way", http.MethodPut, true, 1},
		{"the read before the write is on its way", http.MethodGet, false, 1},
		{"the read says active, the write is next", http.MethodGet, true, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, freshDatabase(t)).launch()
			f.asks()
			held := f.setTrap(row.method, row.answer)
			f.presses(f.ada, "Approve")
			frozen := f.catch(held)
			frozen.signal(t, syscall.SIGSTOP)
			f.voidLease()
			f.hears("Deactivated: ")
			f.database.settle()
			before, card := f.row(), f.card()
			if !strings.HasPrefix(before, "done ") {
				t.Errorf("the other process left it as %s", before)
			}
			if strings.Contains(frozen.stderr.String(), "came too late") {
				t.Error("the process was not frozen")
			}

			held.release()
			frozen.signal(t, syscall.SIGCONT)
			frozen.stderr.await(t, regexp.MustCompile("a result came too late: somebody else has the row|could not store the result for request"))
			f.end()
			if f.row() != before || f.card() != card {
				t.Error("the late result changed the row or the card")
			}
			if n := len(f.workfront.Writes()); n != row.writes {
				t.Errorf("%d writes reached Workfront, want %d", n, row.writes)
			}
			if n := len(f.workfront.Changes()); n != 1 {
				t.Errorf("jane was changed %d times, want once", n)
			}
		})
	}
}

// PostgreSQL goes down as in a crash, with a write under way, and comes up again;
// nobody restarts the bots.
func TestPostgresIsRestarted(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]bool{"the write is recorded, and not sent": false, "its answer is on its way": true} {
		t.Run(name, func(t *testing.T) { restartsPostgres(t, answer) })
	}
}

func restartsPostgres(t *testing.T, answer bool) {
	p := ownPostgres(t)
	f := newFleet(t, p.address).launch()
	f.asks()
	held := f.setTrap(http.MethodPut, answer)
	f.presses(f.ada, "Approve")
	f.catch(held)
	p.does("stop")
	if answer {
		held.release()
	}
	reply, err := f.slack.Command(f.rita, f.channel, "/wf-deactivate joe@acme.com left")
	if text, _ := reply.Payload["text"].(string); err != nil || !strings.Contains(text, "could not store this") {
		t.Errorf("a command without a database: %+v, %v", reply, err)
	}
	p.does("start")
	if !answer { // until all processes are there again
		for _, r := range f.replicas {
			r.stderr.await(t, regexp.MustCompile("lost the connection that shows that this process is alive"))
		}
		held.release()
	}
	f.hears("Deactivated: ")
	f.types(f.rita, "/wf-deactivate nobody@acme.com left")
	f.learns(f.rita, "nobody@acme.com")
	f.end()
	if n := len(f.workfront.Writes()); n != 1 {
		t.Errorf("%d writes reached Workfront, want 1", n)
	}
}
