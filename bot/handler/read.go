package handler

import (
	"context"
	"errors"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
)

const (
	mostAbout = 5   // how many requests about one person their status shows
	allAbout  = 500 // among how many the open one is looked for
)

// asksToRead reports whether a typed command wants to be told something, or would
// if it were typed right.
func asksToRead(c request.Command, err error) bool {
	return c.Verb == request.Help || c.Verb == request.List || c.Verb == request.Status || errors.Is(err, request.RefusedStatusOfWhom)
}

// open returns the open requests that the person may see, newest first, and
// whether there may be more, and how many cannot be read.
func (h *Handler) open(ctx context.Context, r request.Reader) (open []*request.Request, more bool, unread int, err error) {
	open, garbled, err := h.Store.OpenRequests(ctx, h.Now(), card.MostOpen)
	h.Operator.Unread(ctx, garbled)
	more = len(open)+len(garbled) >= card.MostOpen
	return r.Visible(open), more, garbled.Count(), err
}

// ended returns the requests that ended of late and that the person may see, the
// latest first.
func (h *Handler) ended(ctx context.Context, r request.Reader) ([]*request.Request, error) {
	ended, _, err := h.Store.EndedRequests(ctx, card.MostEnded)
	return r.Visible(ended), err
}

// handleReading answers somebody who wants to be told something. err is what was
// wrong with what they typed, if anything.
func (h *Handler) handleReading(ctx context.Context, who request.Person, self slackapi.Identity, command request.Command, err error) (verdict, error) {
	reader, no := h.Policy.Reader(who)
	if no != request.Allowed {
		return verdict{}, no
	}
	open, more, unread, trouble := h.open(ctx, reader)
	if trouble != nil {
		return verdict{}, trouble
	}
	if !reader.All && len(open) == 0 { // they manage nobody whom a request is about, or not any more
		ended, trouble := h.ended(ctx, reader)
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
		return verdict{answer: card.Help(h.Channel)}, nil
	case command.Verb == request.List:
		return verdict{answer: card.List(card.Items(open, h.Slack.Link), more, command.Page) + card.Unread(unread)}, nil
	}
	return h.handleStatus(ctx, reader, self, command.People[0])
}

func (h *Handler) handleStatus(ctx context.Context, reader request.Reader, self slackapi.Identity, about request.Mention) (verdict, error) {
	found, email, unread, err := h.about(ctx, self, about, mostAbout)
	if err != nil {
		return verdict{}, err
	}
	return verdict{answer: card.StatusOf(email, card.Items(reader.Visible(found), h.Slack.Link)) + card.Unread(unread)}, nil
}

// about returns up to limit requests about a person, the newest, by which e-mail they are meant, and
// how many cannot be read.
func (h *Handler) about(ctx context.Context, self slackapi.Identity, who request.Mention, limit int) (found []*request.Request, email string, unread int, err error) {
	named, err := h.targets(ctx, []request.Mention{who}, self)
	if err != nil {
		return nil, "", 0, err
	}
	if email = named[0].Email; email == "" {
		return nil, "", 0, request.RefusedNoSlackEmail
	}
	found, garbled, err := h.Store.RequestsAbout(ctx, email, limit)
	h.Operator.Unread(ctx, garbled)
	return found, email, garbled.Count(), err
}
