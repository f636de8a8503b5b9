package bot

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"wfbot/bot/socket"
	"wfbot/bot/store"
)

const (
	// seenEvery is how often a process says in the database that it works.
	seenEvery = 20 * time.Second
	// unaccountedFor is how long Slack has to count more connections than are known
	// before somebody is told: after a restart it counts old ones for some seconds.
	unaccountedFor = time.Minute
	// agedFor is how long after a start rows of processes that it replaced may still
	// count, and hide as many connections of another wfbot: they end a while after it.
	agedFor = store.ProcessFor + time.Minute
	// noteEvery is how often it tries while the database does not take that.
	noteEvery = time.Second
	// alarmEvery is how often Slack is asked once the operator has been told.
	alarmEvery = time.Hour
	// greetings is how many of Slack's counts may wait to be looked at.
	greetings = 16

	anotherWfbot = "another wfbot uses the same Slack app"
)

// deployment watches for another wfbot, on another database, that uses the same Slack
// app: Slack gives each of the two a part of what people do, and neither knows the
// other's requests. Each process notes in the database how many connections it holds,
// and Slack says with each new one how many the app has.
type deployment struct {
	bot         *Bot
	noted       bool // the database has the row, as of the last try
	counts      chan count
	unaccounted unaccounted
}

// count is how many connections the app has, as Slack said then.
type count struct {
	ofApp int
	at    time.Time
}

func newDeployment(b *Bot) *deployment {
	return &deployment{bot: b, counts: make(chan count, greetings), unaccounted: unaccounted{agedAt: b.now().Add(agedFor)}}
}

// greeted takes in what Slack says. It never blocks.
func (d *deployment) greeted(connections int) {
	select {
	case d.counts <- count{connections, d.bot.now()}:
	default: // Slack says it again
	}
}

// run keeps the connections of sockets open, as [socket.Pool.Run] does, with a row for
// this process in the database for as long as they are: from before the first one,
// so that no other process takes them for a stranger's. The row stays when they end,
// since Slack counts them for a while. A database that does not take it keeps nobody
// from being told that it fails.
func (d *deployment) run(ctx context.Context, sockets *socket.Pool) error {
	d.seen(ctx, sockets)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return sockets.Run(ctx) })
	group.Go(func() error { d.watch(ctx, sockets); return nil })
	return group.Wait()
}

// watch keeps the row fresh and looks at what Slack says, until ctx ends.
func (d *deployment) watch(ctx context.Context, sockets *socket.Pool) {
	seen, look := time.NewTicker(seenEvery), time.NewTicker(noteEvery)
	defer seen.Stop()
	defer look.Stop()
	var (
		latest count            // what Slack said last
		rested <-chan time.Time // when that is compared; nil: it has been
	)
	for {
		select {
		case <-ctx.Done():
			return
		case <-seen.C:
			d.seen(ctx, sockets)
		case <-look.C:
			if !d.noted {
				d.seen(ctx, sockets)
			}
			if d.unaccounted.ask(d.bot.now()) {
				sockets.Ask()
			}
		case latest = <-d.counts:
			d.seen(ctx, sockets)
			// The other processes do the same for the connections that are counted.
			rested = time.After(noteEvery)
		case <-rested:
			rested = nil
			d.compare(ctx, latest, sockets)
		}
	}
}

// seen renews the row of this process.
func (d *deployment) seen(ctx context.Context, sockets *socket.Pool) {
	err := d.bot.config.Store.ProcessSeen(ctx, sockets.Held())
	if err != nil && ctx.Err() == nil {
		d.bot.database.Failed(err)
	}
	d.noted = err == nil
}

// compare tells the operator if the app has had more connections for some time than
// the processes on this database hold.
func (d *deployment) compare(ctx context.Context, said count, sockets *socket.Pool) {
	others, err := d.bot.config.Store.OtherConnections(ctx)
	if err != nil {
		if ctx.Err() == nil {
			d.bot.database.Failed(err)
		}
		return // Slack says it again
	}
	known := sockets.Held() + others
	d.bot.log.Debug("connections of the app", "counted", said.ofApp, "known", known)
	if d.unaccounted.seen(said.ofApp > known, others > 0, said.at) {
		d.bot.operator.Alarm(ctx, anotherWfbot, "Slack counts %d connections of wfbot's app, but the wfbot processes on this database hold %d at most. "+
			"Another wfbot, perhaps with another database, uses the same Slack app. Slack gives it some of the commands and clicks, "+
			"and neither knows the other's requests. Give each of them its own Slack app, or end one.", said.ofApp, known)
	}
}

// unaccounted is since when Slack has counted more connections than are known.
type unaccounted struct {
	since  time.Time // zero: it does not
	askAt  time.Time // when Slack is to be asked again; zero: not
	agedAt time.Time // from then on no process that this one replaced is counted
}

// seen notes what Slack said, whether there are connections that nobody knows, and
// others: other processes on the database account for some. It reports whether the
// first has been so for long enough to be told.
func (s *unaccounted) seen(strange, others bool, now time.Time) (tell bool) {
	switch {
	case !strange:
		s.since, s.askAt = time.Time{}, time.Time{}
		if others && now.Before(s.agedAt) { // they may have ended, and hide a stranger's
			s.askAt = s.agedAt
		}
	case s.since.IsZero() || now.Before(s.since): // or the clock has been set back
		s.since, s.askAt = now, now.Add(unaccountedFor)
	case now.Sub(s.since) >= unaccountedFor:
		s.askAt = now.Add(alarmEvery)
		return true
	}
	return false
}

// ask reports whether Slack is to be asked again now.
func (s *unaccounted) ask(now time.Time) bool {
	if s.askAt.IsZero() || now.Before(s.askAt) {
		return false
	}
	s.askAt = now.Add(unaccountedFor) // where no answer comes
	return true
}
