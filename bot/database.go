package bot

import (
	"context"
)

// databaseFails is what the operator is told about, as a word for alarm.
const databaseFails = "the database does not take what is written"

// ailing notes that the database did not do what it was asked to. It never
// blocks.
func (b *Bot) ailing(err error) {
	select {
	case b.ailed <- err:
	default: // somebody looks after it already
	}
}

// attend tells the operator when the database fails, and when it works again,
// until ctx ends. What works again at once is not worth a word.
func (b *Bot) attend(ctx context.Context) {
	for {
		var why error
		select {
		case why = <-b.ailed:
		case <-ctx.Done():
			return
		}
		if b.config.Store.Writable(ctx) == nil {
			continue
		}
		const text = "wfbot's database does not take what is written: %v. Nothing that people do in Slack is accepted until it does, " +
			"and they are told so; what was accepted before is not lost. wfbot goes on by itself when the database works again."
		b.alarm(ctx, databaseFails, text, why)
		for b.config.Store.Writable(ctx) != nil {
			if !sleep(ctx, lookEvery) {
				return
			}
			b.remind(ctx, databaseFails, text, why)
		}
		b.alarms.forget(databaseFails)
		b.log.Info("the database works again")
		b.note(ctx, "wfbot's database works again. What people do in Slack is accepted, and what had been accepted goes on.")
	}
}
