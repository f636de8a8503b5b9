package handler

import (
	"context"
	"errors"
	"strconv"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
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

// handleReading answers somebody who wants to be told something. err is what was
// wrong with what they typed, if anything.
func (h *Handler) handleReading(ctx context.Context, in *store.Interaction, who request.Person, self slackapi.Identity, command request.Command, err error) (verdict, error) {
	reader, no := h.Policy.Reader(who)
	if no != request.Allowed {
		return verdict{}, no
	}
	open, unread, trouble := h.Store.OpenRequests(ctx, h.Now(), card.MostOpen)
	h.Operator.Unread(ctx, unread)
	if trouble != nil {
		return verdict{}, trouble
	}
	more := len(open)+len(unread) >= card.MostOpen
	open = reader.Visible(open)
	if !reader.All && len(open) == 0 { // no request is about somebody they manage, or not any more
		ended, _, trouble := h.Store.EndedRequests(ctx, card.MostEnded)
		if trouble != nil {
			return verdict{}, trouble
		}
		if len(reader.Visible(ended)) == 0 {
			return verdict{}, request.RefusedNotReader
		}
	}
	switch {
	case err != nil:
		return verdict{}, err
	case command.Verb == request.Help:
		return verdict{answer: card.Help(h.Channel)}, nil
	case command.Verb == request.List:
		answer := slackapi.Drawn(card.List(card.Items(open, h.Slack.Link), more, command.Page, unread.Count()))
		h.drawLater(in, answer)
		return verdict{answer: answer.Text}, nil
	}
	return h.handleStatus(ctx, reader, self, command.People[0])
}

// handlePage answers the button under a page of the list: with the page that it is
// about, as if that had been typed.
func (h *Handler) handlePage(ctx context.Context, in *store.Interaction, who request.Person, self slackapi.Identity) (verdict, error) {
	page, err := strconv.Atoi(in.Value)
	if err != nil || page < 2 {
		return verdict{}, request.RefusedUnknownAction
	}
	return h.handleReading(ctx, in, who, self, request.Command{Verb: request.List, Page: page}, nil)
}

// drawLater has the answer to in show its blocks once its text is stored. Another process
// that tells it shows the text, which says how to type what the buttons do.
func (h *Handler) drawLater(in *store.Interaction, answer slackapi.Message) {
	if route := h.Slack.ReplyRoute(in.ID); !route.At.IsZero() {
		route.Drawn = &answer
		h.Slack.KeepReplyRoute(in.ID, route)
	}
}

func (h *Handler) handleStatus(ctx context.Context, reader request.Reader, self slackapi.Identity, about request.Mention) (verdict, error) {
	found, email, unread, err := h.about(ctx, self, about, mostAbout)
	if err != nil {
		return verdict{}, err
	}
	return verdict{answer: card.StatusOf(email, card.Items(reader.Visible(found), h.Slack.Link)) + card.Unread(unread)}, nil
}

// about returns up to limit requests about a person, the newest. It also returns the
// e-mail that they are meant by, and how many requests cannot be read.
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
