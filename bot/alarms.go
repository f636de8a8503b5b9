package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"wfbot/bot/card"
)

// alarms keeps the operator from being told the same thing all the time.
type alarms struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func newAlarms() *alarms { return &alarms{last: map[string]time.Time{}} }

const alarmEvery = time.Hour

func (a *alarms) due(what string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if last, ok := a.last[what]; ok {
		// Before the last one: the clock has been set back.
		if since := now.Sub(last); since >= 0 && since < alarmEvery {
			return false
		}
	}
	a.last[what] = now
	return true
}

func (a *alarms) forget(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.last, what)
}

// alarm tells the operator of trouble that needs them: in the log, and in the
// channel for it at most once an hour for each what. A message that fails is
// tried again when the trouble is met again. format is as for [card.Operator]. It
// reports whether the operator was told now.
func (b *Bot) alarm(ctx context.Context, what, format string, args ...any) bool {
	b.log.Error(what, "what_to_do", fmt.Sprintf(format, args...))
	return b.remind(ctx, what, format, args...)
}

// remind is alarm for trouble that is in the log already.
func (b *Bot) remind(ctx context.Context, what, format string, args ...any) bool {
	if b.config.OpsChannel == "" || !b.alarms.due(what, b.now()) {
		return false
	}
	told := b.note(ctx, format, args...)
	if !told {
		b.alarms.forget(what)
	}
	return told
}

// note says something in the operator's channel, if there is one, and reports
// whether that worked. format is as for [card.Operator].
func (b *Bot) note(ctx context.Context, format string, args ...any) bool {
	if b.config.OpsChannel == "" {
		return true
	}
	err := b.slack.Say(ctx, b.config.OpsChannel, card.Operator(format, args...))
	if err != nil {
		b.log.Error("the operator's channel could not be told", "channel", b.config.OpsChannel, "error", err)
	}
	return err == nil
}
