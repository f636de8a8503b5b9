package operator

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	// databaseFails is what the operator is told about, as a word for Alarm.
	databaseFails = "the database does not take what is written"
	// writableEvery is how often a database that failed is tried again.
	writableEvery = time.Second
)

// Database watches whether the database works, once somebody has met that it does
// not. It may be used by several goroutines.
type Database struct {
	operator *Operator
	writable func(context.Context) error
	failures chan error
	failed   atomic.Bool // what is written is not taken, as far as is known
}

// NewDatabase returns the watch of a database. writable tries whether the database
// takes what is written: nil if it does.
func NewDatabase(operator *Operator, writable func(context.Context) error) *Database {
	return &Database{operator: operator, writable: writable, failures: make(chan error, 1)}
}

// Failed notes that the database did not do what it was asked to. It never blocks.
func (d *Database) Failed(err error) {
	select {
	case d.failures <- err:
	default: // it is looked into already
	}
}

// Fails reports whether the database does not take what is written, as far as anybody
// has met it.
func (d *Database) Fails() bool { return d.failed.Load() }

// Watch tells the operator when the database fails, and when it works again, until
// ctx ends. What works again at once is not worth a word.
func (d *Database) Watch(ctx context.Context) {
	for {
		select {
		case why := <-d.failures:
			if d.writable(ctx) != nil {
				d.failing(ctx, why)
			}
		case <-ctx.Done():
			return
		}
	}
}

// failing is for as long as the database fails.
func (d *Database) failing(ctx context.Context, why error) {
	const text = "wfbot's database does not take what is written: %v. Nothing that people do in Slack is accepted until it does, " +
		"and they are told so; what was accepted before is not lost. wfbot goes on when the database works again."
	d.failed.Store(true)
	defer d.failed.Store(false)
	o := d.operator
	o.log.Error(databaseFails, "what_to_do", fmt.Sprintf(text, why))
	o.Notify(ctx, databaseFails, text, why)
	for d.writable(ctx) != nil {
		select {
		case <-time.After(writableEvery):
		case <-ctx.Done():
			return
		}
		o.Notify(ctx, databaseFails, text, why)
	}
	o.forget(databaseFails)
	o.log.Info("the database works again")
	o.Note(ctx, "wfbot's database works again. What people do in Slack is accepted, and what had been accepted goes on.")
}
