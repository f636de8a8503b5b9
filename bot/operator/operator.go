// Package operator is what the people who run wfbot are told, and what has to be
// watched to know it.
//
// An [Operator] says things in the operations channel. [Operator.Alarm] is trouble
// that needs somebody: it goes into the log each time, and to the channel at most
// once an hour for each kind. [Operator.Notify] is the same for what is in the log
// already, and [Operator.Note] is said each time.
//
// [Access] is whether Workfront lets the bot work at all. A refused credential (401,
// with a fresh token where there are tokens; a JWT that is not exchanged) and an
// address that answers with a redirect are nobody's request's fault: they pause
// everything that calls Workfront. Meanwhile nothing is sent except one question, whether
// it is still so, after 2, 5 and 15 seconds and then each minute, or at once when an
// approver presses Retry now. The channel is told when it begins, each hour, and when it
// ends, in Workfront's words and with what may be the cause.
//
// [Database] is told by whoever meets it that the database did not do what it was
// asked to, and tells the channel if that lasts, each hour, and when it ends.
package operator

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// alarmEvery is how often the operator is told the same at most.
const alarmEvery = time.Hour

// Operator tells the people who run wfbot what they need to know. It may be used by
// several goroutines.
type Operator struct {
	slack *slackapi.Client
	log   *slog.Logger
	now   func() time.Time

	aside sync.Map // the rows that they were told are set aside

	mu      sync.Mutex
	channel string          // Slack channel id; empty: they read the log
	last    map[string]said // what they were told last, by what
	owed    map[string]owed // what they are still to be told, by what
	unnamed int             // how much more there is that owed has no place for
	again   request.Retry   // of telling what is owed
}

// said is what the operator was told.
type said struct {
	at   time.Time
	text string
}

// New returns an Operator who reads the Slack channel with that id; empty: only the
// log. now is the time of day.
func New(slack *slackapi.Client, channel string, log *slog.Logger, now func() time.Time) *Operator {
	return &Operator{slack: slack, channel: channel, log: log, now: now, last: map[string]said{}, owed: map[string]owed{}}
}

// Alarm tells the operator of trouble that needs them: in the log, and in the
// channel for it at most once an hour for each what. What is not said now is said later
// by Watch, unless it was said within the hour in the same words. format is as for
// [card.Operator]. It reports whether the channel was told now.
func (o *Operator) Alarm(ctx context.Context, what, format string, args ...any) bool {
	o.log.Error(what, "what_to_do", fmt.Sprintf(format, args...))
	told := o.Notify(ctx, what, format, args...)
	if !told {
		o.owe(what, card.Operator(format, args...))
	}
	return told
}

// Later is Alarm for callers that must not wait for Slack.
func (o *Operator) Later(what, format string, args ...any) {
	o.log.Error(what, "what_to_do", fmt.Sprintf(format, args...))
	o.owe(what, card.Operator(format, args...))
}

// Notify is Alarm for trouble that is in the log already. The caller tells of it again
// until it is over, so nothing is said later.
func (o *Operator) Notify(ctx context.Context, what, format string, args ...any) bool {
	text := card.Operator(format, args...)
	if o.reads() == "" || !o.due(what, text) {
		return false
	}
	told := o.say(ctx, text)
	if !told {
		o.forget(what)
	}
	return told
}

// Note says something in the operator's channel, if there is one, and reports
// whether that worked: true without a channel. format is as for [card.Operator].
func (o *Operator) Note(ctx context.Context, format string, args ...any) bool {
	return o.reads() == "" || o.say(ctx, card.Operator(format, args...))
}

// say says text in the operator's channel and reports whether that worked.
func (o *Operator) say(ctx context.Context, text string) bool {
	channel := o.reads()
	err := o.slack.Say(ctx, channel, text)
	if err != nil {
		o.log.Error("the operator's channel could not be told", "channel", channel, "error", err)
	}
	return err == nil
}

// Moved tells the operator that their channel has another id, if it is theirs: until the
// process ends they are told things there.
func (o *Operator) Moved(ctx context.Context, from, to string) {
	o.mu.Lock()
	theirs := from != "" && from == o.channel
	if theirs {
		o.channel = to
	}
	o.mu.Unlock()
	if theirs {
		o.Alarm(ctx, "the channel of WFBOT_OPS_CHANNEL has another id", "Slack has given the channel of WFBOT_OPS_CHANNEL the id %s. wfbot uses it until it is restarted. "+
			"Set WFBOT_OPS_CHANNEL to that id.", to)
	}
}

// reads is the channel that the operator reads; empty: none.
func (o *Operator) reads() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.channel
}

// SetAside tells the operator of a row that cannot be decoded or handled, once in the
// life of a process: lists and Home tabs meet it again and again.
func (o *Operator) SetAside(ctx context.Context, row string, why error) {
	if _, told := o.aside.LoadOrStore(row, true); told {
		return
	}
	o.Alarm(ctx, row+" is set aside", "wfbot cannot go on with %s and has set it aside: %v. Everything else goes on. "+
		"wfbot tries it again at each start: repair the row, or install a version that can handle it, and start wfbot again.", row, why)
}

// Unread tells the operator of requests that somebody should see and that cannot be
// decoded.
func (o *Operator) Unread(ctx context.Context, unread store.Unread) {
	for _, bad := range unread {
		o.SetAside(ctx, bad.Row, bad.Cause)
	}
}

// due reports whether the operator may be told of what, and notes that they are, with
// text.
func (o *Operator) due(what, text string) bool {
	now := o.now()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.last[what].within(now) {
		return false
	}
	o.last[what] = said{now, text}
	return true
}

// within reports whether it was said less than alarmEvery ago.
func (s said) within(now time.Time) bool {
	since := now.Sub(s.at) // below 0: the clock has been set back
	return since >= 0 && since < alarmEvery
}

// forget lets the operator be told of what at once.
func (o *Operator) forget(what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.last, what)
	delete(o.owed, what)
}

// FormRefused tells the operator of a form that, by this error of Slack, will never
// open as things are.
func (o *Operator) FormRefused(ctx context.Context, err error) {
	if trouble, _ := o.slack.Trouble(ctx, err); trouble.ForGood() {
		o.Alarm(ctx, "Slack refuses a form", "Slack does not let wfbot open a form (%s). "+
			"The person who wanted it gets a private answer instead. Check what the app is allowed in Slack.", slackapi.Says(err))
	}
}
