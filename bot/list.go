package bot

import (
	"context"
	"errors"
	"slices"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
)

const (
	// mostOpen and mostEnded are how many requests are looked at for an overview,
	// which shows fewer. Beyond mostOpen the number of those left out is not exact.
	mostOpen  = 500
	mostEnded = 200
	// mostAbout is how many requests about one person their status shows.
	mostAbout = 5
)

// asksToRead reports whether a typed command wants to be told something, or would
// if it were typed right.
func asksToRead(c request.Command, err error) bool {
	return c.Verb == request.Help || c.Verb == request.List || c.Verb == request.Status || errors.Is(err, request.RefusedStatusOfWhom)
}

// reader is what one person may see of the requests of others.
type reader struct {
	policy request.Policy
	who    request.Person
	all    bool
}

// readerOf refuses who may see nothing, whatever there is. Somebody who is an
// approver only where they are the manager sees the requests that they may decide
// on.
func (b *Bot) readerOf(who request.Person) (reader, request.Refusal) {
	no := b.config.Policy.MayRead(who)
	if no == request.RefusedNotReader && b.config.Policy.Approvers.Manager {
		return reader{policy: b.config.Policy, who: who}, request.Allowed
	}
	return reader{policy: b.config.Policy, who: who, all: no == request.Allowed}, no
}

func (r reader) mayDecide(about *request.Request) bool {
	return r.policy.MayDecide(request.Approve, r.who, about) == request.Allowed
}

func (r reader) sees(about *request.Request) bool { return r.all || r.mayDecide(about) }

// visible returns those of all that the person may see.
func (r reader) visible(all []*request.Request) []*request.Request {
	return slices.DeleteFunc(all, func(about *request.Request) bool { return !r.sees(about) })
}

// open returns the open requests that the person may see, newest first, and
// whether there may be more.
func (b *Bot) open(ctx context.Context, r reader) (open []*request.Request, more bool, err error) {
	open, err = b.config.Store.OpenRequests(ctx, b.now(), mostOpen)
	more = len(open) == mostOpen
	return r.visible(open), more, err
}

// ended returns the requests that ended of late and that the person may see, the
// latest first.
func (b *Bot) ended(ctx context.Context, r reader) ([]*request.Request, error) {
	ended, err := b.config.Store.EndedRequests(ctx, mostEnded)
	return r.visible(ended), err
}

// judgeReading answers somebody who wants to be told something. err is what was
// wrong with what they typed, if anything.
func (b *Bot) judgeReading(ctx context.Context, who request.Person, self slackapi.Identity, command request.Command, err error) (verdict, error) {
	reader, no := b.readerOf(who)
	if no != request.Allowed {
		return verdict{}, no
	}
	open, more, trouble := b.open(ctx, reader)
	if trouble != nil {
		return verdict{}, trouble
	}
	if !reader.all && len(open) == 0 { // they manage nobody whom a request is about, or not any more
		ended, trouble := b.ended(ctx, reader)
		if trouble != nil {
			return verdict{}, trouble
		}
		if len(ended) == 0 {
			return verdict{}, request.RefusedNotReader
		}
	}
	switch {
	case err != nil:
		return verdict{}, err
	case command.Verb == request.Help:
		return verdict{answer: card.Help(b.config.Channel)}, nil
	case command.Verb == request.List:
		return verdict{answer: card.List(b.items(open), more)}, nil
	}
	return b.judgeStatus(ctx, reader, self, command.People[0])
}

func (b *Bot) judgeStatus(ctx context.Context, reader reader, self slackapi.Identity, about request.Mention) (verdict, error) {
	named, err := b.targets(ctx, []request.Mention{about}, self)
	if err != nil {
		return verdict{}, err
	}
	email := named[0].Email
	if email == "" {
		return verdict{}, request.RefusedNoSlackEmail
	}
	found, err := b.config.Store.RequestsAbout(ctx, email, mostAbout)
	if err != nil {
		return verdict{}, err
	}
	return verdict{answer: card.StatusOf(email, b.items(reader.visible(found)))}, nil
}

// items are requests with the addresses of their cards.
func (b *Bot) items(requests []*request.Request) []card.Item {
	items := make([]card.Item, len(requests))
	for i, r := range requests {
		items[i] = card.Item{Request: r, Link: b.slack.Link(r.Channel, r.TS)}
	}
	return items
}
