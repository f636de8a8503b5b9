package worker

import (
	"context"
	"time"

	"wfbot/bot/loop"
	"wfbot/bot/store"
)

// duties are what is done from time to time, by one of the processes that share the
// database.
var duties = []struct {
	name  string
	first time.Duration // after the first start on a database
	do    func(*Worker, context.Context) (again time.Duration, err error)
}{
	{"log the head of the audit trail", 0, (*Worker).logHead},
	{"tell the head of the audit trail", headTold, (*Worker).tellHead},
	{"erase what is old", 0, (*Worker).erase},
}

const (
	// headLogged and headTold are how often the head of the audit trail goes into the
	// log and to the operations channel: whoever can write to the database cannot change
	// what is noted there.
	headLogged = 24 * time.Hour
	headTold   = 7 * 24 * time.Hour
	// tellAgain is when a channel is told again that could not be.
	tellAgain = time.Hour
	// eraseEvery is how often is looked for what is to be erased; eraseAtOnce is how much
	// of it is erased before others have their turn.
	eraseEvery  = time.Hour
	eraseAtOnce = 100
	// interactionsFor is how long interactions are kept at most that are dealt with.
	// Slack delivers none again after a day, the least that Retain can be.
	interactionsFor = 30 * 24 * time.Hour
)

// AddDuties makes sure that what is done from time to time will be.
func (w *Worker) AddDuties(ctx context.Context) error {
	for _, d := range duties {
		if err := w.Store.AddDuty(ctx, d.name, w.Now().Add(d.first)); err != nil {
			return err
		}
	}
	return nil
}

// claimDuty takes the next duty, nil if none is due.
func (w *Worker) claimDuty(ctx context.Context) (*loop.Step, error) {
	name, lease, err := w.Store.ClaimDuty(ctx, w.Now(), loop.LeaseFor)
	if err != nil || name == "" {
		return nil, err
	}
	return &loop.Step{Row: "duty " + name, Lease: lease, Do: func(ctx context.Context) error { return w.doDuty(ctx, name, lease) }}, nil
}

// doDuty does what is due. A crash here: it is done again.
func (w *Worker) doDuty(ctx context.Context, name string, lease store.Lease) error {
	for _, d := range duties {
		if d.name != name {
			continue
		}
		again, err := d.do(w, ctx)
		if err != nil {
			return err
		}
		return w.Store.DutyDone(ctx, lease, w.Now().Add(again))
	}
	// Another version's, which shares the database and will do it.
	return w.Store.DutyDone(ctx, lease, w.Now().Add(tellAgain))
}

// logHead writes the head of the audit trail to the log.
func (w *Worker) logHead(ctx context.Context) (again time.Duration, err error) {
	head, err := w.Store.Head(ctx)
	if err != nil || head.Seq == 0 {
		return headLogged, err
	}
	w.Log.Info("the head of the audit trail", "entries", head.Seq, "head", head.String())
	return headLogged, nil
}

// tellHead says the head of the audit trail in the operations channel.
func (w *Worker) tellHead(ctx context.Context) (again time.Duration, err error) {
	head, err := w.Store.Head(ctx)
	if err != nil || head.Seq == 0 {
		return headTold, err
	}
	if !w.Operator.Note(ctx, "The audit trail has %d entries. Its head is %s. "+
		"If you ever doubt the trail, run this: wfbot audit verify -head %s", head.Seq, head.String(), head.String()) {
		return tellAgain, nil
	}
	return headTold, nil
}

// erase removes interactions that nobody needs any more, and erases what is known of
// people as the configuration says.
func (w *Worker) erase(ctx context.Context) (again time.Duration, err error) {
	keep := interactionsFor
	if w.Retain > 0 {
		keep = min(keep, w.Retain)
	}
	removed, err := w.Store.RemoveInteractions(ctx, w.Now().Add(-keep), eraseAtOnce)
	if err != nil || w.Retain == 0 && removed < eraseAtOnce {
		return eraseEvery, err
	}
	var erased store.Erased
	var more bool
	if w.Retain > 0 {
		erased, more, err = w.Store.EraseEnded(ctx, w.Now().Add(-w.Retain), w.Now(), eraseAtOnce)
	}
	if erased.Entries > 0 {
		w.Log.Info("erased personal data older than WFBOT_RETAIN", "requests", erased.Requests, "audit_entries", erased.Entries)
	}
	if more || removed == eraseAtOnce {
		return 0, err
	}
	return eraseEvery, err
}
