package operator

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"wfbot/bot/request"
)

const (
	// owedMost is how many kinds of trouble the operator can be told of later, each in
	// its last words. For the others they are told how many there are.
	owedMost = 100
	// owedEvery is how often it is looked whether something is owed.
	owedEvery = time.Second
)

// owed is what the operator is still to be told of one kind of trouble.
type owed struct {
	text string // the last words
	more int    // how many others came before them
}

// owe notes what could not be said now, unless it was said within the hour.
func (o *Operator) owe(what, text string) {
	now := o.now()
	o.mu.Lock()
	defer o.mu.Unlock()
	if last := o.last[what]; o.channel == "" || last.text == text && last.within(now) {
		return
	}
	before, found := o.owed[what]
	switch {
	case !found && len(o.owed) >= owedMost:
		o.unnamed++
		return
	case found && before.text != text:
		before.more++
	}
	o.owed[what] = owed{text, before.more}
}

// Watch tells the operator what is owed until ctx ends: what the channel did not take,
// again and again with growing pauses, and what was too soon after the like of it, when
// the hour is over. What is owed when the process ends is in the log.
func (o *Operator) Watch(ctx context.Context) {
	tick := time.NewTicker(owedEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			o.tellOwed(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// tellOwed tells the operator all that is owed and due, until the channel does not take it.
func (o *Operator) tellOwed(ctx context.Context) {
	if o.now().Before(o.again.At) {
		return
	}
	for _, what := range o.owes() {
		o.mu.Lock()
		one, found := o.owed[what]
		o.mu.Unlock()
		if !found || !o.due(what, one.text) {
			continue
		}
		text := one.text
		if one.more > 0 {
			text += fmt.Sprintf(" (%d more of the kind are in the log.)", one.more)
		}
		told := o.say(ctx, text)
		o.forgetOwed(what, one, told)
		if !told {
			o.again = o.again.Failed(o.now(), 0)
			return
		}
		o.again = request.Retry{}
	}
	o.mu.Lock()
	unnamed := o.unnamed
	o.mu.Unlock()
	if unnamed > 0 && o.Note(ctx, "%d more troubles came while wfbot could not tell you. The log has them.", unnamed) {
		o.mu.Lock()
		o.unnamed -= unnamed
		o.mu.Unlock()
	}
}

// owes are the kinds of trouble that the operator is still to be told about.
func (o *Operator) owes() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(maps.Keys(o.owed))
}

// forgetOwed notes that one was told, or could not be.
func (o *Operator) forgetOwed(what string, one owed, told bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case !told:
		delete(o.last, what)
	case o.owed[what] == one: // and not other words since
		delete(o.owed, what)
	}
}
