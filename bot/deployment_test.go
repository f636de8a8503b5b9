package bot_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/slacksim"
)

const twoDeployments = "uses the same Slack app"

// connected waits until the app has so many connections.
func (w *world) connected(n int) {
	w.t.Helper()
	w.pollFor(time.Minute, "all connections stand", func() bool { return len(w.Connections()) == n })
}

// greeted waits until the bots have been greeted n times in all, and so know what Slack
// said then.
func (w *world) greeted(n int) {
	w.t.Helper()
	w.pollFor(time.Minute, "Slack has greeted all connections", func() bool {
		return strings.Count(w.log.String(), "Socket Mode connection open") >= n
	})
}

// compared waits until a bot has compared what Slack said with what it knows.
func (w *world) compared(what string) {
	w.t.Helper()
	w.pollFor(time.Minute, what, func() bool {
		return strings.Contains(w.log.String(), `msg="connections of the app" `+what)
	})
}

// askedForConnections lets time pass until Slack was asked n more times how many connections the
// app has.
func (w *world) askedForConnections(n int) {
	w.t.Helper()
	want := len(w.Calls("apps.connections.open")) + n
	w.pollFor(time.Minute, "Slack is asked how many connections there are", func() bool {
		w.clock.Skip(10 * time.Second)
		return len(w.Calls("apps.connections.open")) >= want
	})
}

// Two bots with databases of their own use one app: the operator is told, once an
// hour, and what one does not know says that there may be another.
func TestSecondDeploymentIsNoticed(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits for connections to be counted")
	w := newWorld(t)
	ops := w.withOps()
	w.config.Connections = 2
	w.database = "sqlite:" + filepath.Join(t.TempDir(), "other.db")
	w.launch()
	w.connected(2)
	w.database = "sqlite:" + filepath.Join(t.TempDir(), "wfbot.db")
	w.start()
	w.connected(4)
	w.greeted(4)
	if text := w.text(ops); strings.Contains(text, twoDeployments) {
		t.Errorf("told at once, as if a connection could not linger: %s", text)
	}
	w.clock.Skip(time.Minute)
	w.Channel(ops).ExpectMessage("Slack counts 5 connections of wfbot's app", "hold 3 at most", twoDeployments, "another database", "its own Slack app")
	w.connected(4)
	w.clock.Skip(30 * time.Minute)
	w.clock.Skip(31 * time.Minute)
	w.Channel(ops).ExpectMessage("Slack counts 5 connections", twoDeployments)
	w.Forgive()
}

// An operator is not told of another wfbot if only an old connection makes it look like
// that: after a restart Slack counts those of before for a while.
func TestRestartIsNoSecondDeployment(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits for connections to be counted")
	w := newWorld(t)
	ops := w.withOps()
	w.config.Connections = 2
	w.start()
	w.connected(2)
	w.stop()
	w.SetSocketMode(func(s *slacksim.SocketMode) { s.Lingering = 2 })
	w.start()
	w.connected(2)
	w.greeted(4)
	w.SetSocketMode(func(s *slacksim.SocketMode) { s.Lingering = 0 })
	w.askedForConnections(1)
	w.connected(2)
	before := len(w.Calls("apps.connections.open"))
	for range 5 { // Slack was asked once, and then knows
		w.clock.Skip(time.Hour)
		w.settle()
	}
	if n := len(w.Calls("apps.connections.open")) - before; n != 0 {
		t.Errorf("%d more connections were opened", n)
	}
	if text := w.text(ops); strings.Contains(text, twoDeployments) {
		t.Errorf("the operator is told: %s", text)
	}
	w.quiet()
}

// A start soon after a power loss is none either, although Slack counts the connections
// of before for up to two minutes.
func TestStartAfterPowerLossIsNoSecondDeployment(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits for connections to be counted")
	w := newWorld(t)
	ops := w.withOps()
	w.config.Connections = 2
	w.start()
	w.connected(2)
	w.stop()
	w.SetSocketMode(func(s *slacksim.SocketMode) { s.Lingering = 2 })
	w.start()
	w.connected(2)
	w.greeted(4)
	w.compared("counted=4")
	w.clock.Skip(time.Minute + time.Second)
	w.SetSocketMode(func(s *slacksim.SocketMode) { s.Lingering = 1 })
	w.Disconnect(slacksim.Warning)
	w.greeted(6)
	w.compared("counted=5") // 2, 2 that take their place, and 1 of before
	if text := w.text(ops); strings.Contains(text, twoDeployments) {
		t.Errorf("the operator is told: %s", text)
	}
	w.quiet()
}

// What a process of before held does not hide another wfbot for longer than some minutes.
func TestSecondDeploymentIsNoticedAfterARestart(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits for connections to be counted")
	w := newWorld(t)
	ops := w.withOps()
	w.config.Connections = 2
	ours := w.database
	w.start()
	w.connected(2)
	w.stop()
	w.database = "sqlite:" + filepath.Join(t.TempDir(), "other.db")
	w.launch()
	w.connected(2)
	w.database = ours
	w.start()
	w.connected(4)
	w.greeted(6)
	w.compared("counted=4 known=4")
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(ours, "sqlite:")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `UPDATE processes SET seen_at = seen_at - 180000 WHERE started_at < (SELECT MAX(started_at) FROM processes)`); err != nil {
		t.Fatal(err)
	}
	w.clock.Skip(3 * time.Minute)
	w.compared("counted=5 known=3")
	w.clock.Skip(time.Minute)
	w.Channel(ops).ExpectMessage("connections of wfbot's app", twoDeployments)
	w.Forgive()
}

// Two processes on one database know of each other, also while one takes the other's
// place and while Slack recycles connections.
func TestReplicasAreNoSecondDeployment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.usePostgres()
	ops := w.withOps()
	w.config.Connections = 2
	w.start()
	w.connected(2)
	_, _, stop := w.launch()
	w.connected(4)
	for range 3 {
		w.Disconnect(slacksim.Warning)
		w.pollFor(time.Minute, "all connections are replaced", func() bool {
			n := 0
			for _, c := range w.Connections() {
				if !c.Leaving {
					n++
				}
			}
			return n == 4
		})
		w.clock.Skip(2 * time.Minute)
	}
	stop()
	w.launch()
	w.clock.Skip(2 * time.Minute)
	w.pollFor(time.Minute, "all old connections are closed", func() bool { return len(w.Connections()) == 4 })
	if text := w.text(ops); strings.Contains(text, twoDeployments) {
		t.Errorf("the operator is told: %s", text)
	}
	w.settle()
	w.Forgive()
}
