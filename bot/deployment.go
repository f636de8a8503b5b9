package bot

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"wfbot/bot/socket"
)

const (
	// seenEvery is how often a process says in the database that it works.
	seenEvery = 20 * time.Second
	// unaccountedFor is how long Slack has to count more connections than are known
	// before somebody is told: after a restart it counts old ones for some seconds.
	unaccountedFor = time.Minute
	// forgetFor is how long the end of a process waits for the row to be removed.
	forgetFor = time.Second
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
	return &deployment{bot: b, counts: make(chan count, greetings)}
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
// so that no other process takes them for a stranger's. A database that does not take
// it keeps nobody from being told that it fails.
func (d *deployment) run(ctx context.Context, sockets *socket.Pool) error {
	d.seen(ctx, sockets)
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forgetFor)
		defer cancel()
		// Where that fails the row is forgotten when it has not been renewed for a while.
		if err := d.bot.config.Store.ForgetProcess(ctx); err != nil {
			d.bot.log.Warn("the database still counts this process for some minutes", "error", err)
		}
	}()
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
	if d.unaccounted.seen(said.ofApp > known, said.at) {
		d.bot.operator.Alarm(ctx, anotherWfbot, "Slack counts %d connections of wfbot's app, and the wfbot processes on this database hold %d at most. "+
			"Another wfbot, perhaps with another database, uses the same Slack app: Slack gives it part of all commands and clicks, "+
			"and each of the two does not know the other's requests. Give each of them its own Slack app, or end one.", said.ofApp, known)
	}
}

// unaccounted is since when Slack has counted more connections than are known. The zero
// value: it does not.
type unaccounted struct {
	since time.Time
	askAt time.Time // when Slack is to be asked again
}

// seen notes what Slack said, whether there are connections that nobody knows, and
// reports whether that has been so for long enough to be told.
func (s *unaccounted) seen(strange bool, now time.Time) (tell bool) {
	switch {
	case !strange:
		*s = unaccounted{}
	case s.since.IsZero() || now.Before(s.since): // or the clock has been set back
		*s = unaccounted{since: now, askAt: now.Add(unaccountedFor)}
	case now.Sub(s.since) >= unaccountedFor:
		s.askAt = now.Add(alarmEvery)
		return true
	}
	return false
}

// ask reports whether Slack is to be asked again now.
func (s *unaccounted) ask(now time.Time) bool {
	if s.since.IsZero() || now.Before(s.askAt) {
		return false
	}
	s.askAt = now.Add(unaccountedFor) // where no answer comes
	return true
}
