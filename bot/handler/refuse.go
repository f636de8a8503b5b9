package handler

import (
	"cmp"
	"context"
	"errors"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// refuse ends an interaction with one private sentence, and records the attempt. word is
// what was wrong in it, if that is one word, and instead what fits in its place.
func (h *Handler) refuse(ctx context.Context, in *store.Interaction, lease store.Lease, v verdict, why request.Refusal, word string, instead ...string) error {
	aboutID, cardID, link := "", "", ""
	switch {
	case v.about != nil:
		aboutID, cardID = v.about.ID, v.about.CardID
		shows := v.about
		if why == request.RefusedAlreadyOpen { // the card to use is that of the other
			other, err := h.openFor(ctx, v.about)
			if err != nil {
				return err
			}
			shows = cmp.Or(other, shows)
		}
		link = h.Slack.Link(shows.Channel, shows.TS)
	case v.card != nil:
		aboutID, cardID, link = v.card.ID, v.card.ID, h.Slack.Link(v.card.Channel, v.card.TS)
	}
	what := in.Command
	if what == "" {
		what = in.ActionID + in.Callback
	}
	return h.Store.Update(ctx, h.Now(), func(tx *store.Tx) error {
		tx.Record(aboutID, request.Event{At: h.Now(), Kind: "refused", Actor: in.UserID, Detail: map[string]string{
			"what": what, "why": string(why), "word": word,
		}})
		about := v.about
		if about != nil { // the words are about the request as it stands now
			var err error
			if about, err = tx.Request(about.ID); err != nil && !store.Unreadable(err) {
				return err
			}
		}
		if why == request.RefusedSharedChannel && cardID != "" {
			tx.RaiseCard(cardID) // to be hidden at once
		}
		in.Handled, in.Retry = true, request.Retry{}
		in.Answer = card.Refused(why, card.About{Request: about, Action: card.ActionOf(in.Command), Word: word, Link: link, Instead: instead})
		return tx.SaveInteraction(in, lease, false)
	})
}

// openFor returns the open request for the target of r, nil if there is none any more.
func (h *Handler) openFor(ctx context.Context, r *request.Request) (*request.Request, error) {
	all, _, err := h.Store.RequestsFor(ctx, r.Target.ID)
	for _, other := range all {
		if other.ID != r.ID && other.State.Open() {
			return other, err
		}
	}
	return nil, err
}

// handleLater puts an interaction back whose facts could not be found out.
func (h *Handler) handleLater(ctx context.Context, in *store.Interaction, lease store.Lease, v verdict, cause error) error {
	trouble, wait := h.Slack.Trouble(ctx, cause)
	if trouble.ForGood() {
		h.Operator.Alarm(ctx, "Slack refuses a question", "Slack refuses a question about a person, group or channel, so wfbot has to refuse somebody: %v (%s). "+
			"Check what the app is allowed in Slack, and the user groups in WFBOT_REQUESTERS and WFBOT_APPROVERS.", cause, slackapi.Says(cause))
	}
	in.Retry = in.Retry.Failed(h.Now(), wait)
	since := in.Retry.Since
	if since.Before(h.startedAt) { // how long the program was away is nobody's failure
		since = h.startedAt
	}
	last := since.Add(peopleFor)
	if !h.Now().Before(last) {
		h.Log.Warn("an interaction is refused because who and where could not be looked up", "interaction", in.ID, "error", cause)
		why := request.RefusedUnreachable
		if _, ok := errors.AsType[managerUnknownError](cause); ok {
			why = request.RefusedManagerUnknown
		}
		return h.refuse(ctx, in, lease, v, why, "")
	}
	h.Log.Warn("an interaction cannot be judged yet, trying again", "interaction", in.ID, "error", cause)
	if last.Before(in.Retry.At) {
		in.Retry.At = last
	}
	return h.Store.UpdateUnsynced(ctx, h.Now(), func(tx *store.Tx) error { return tx.SaveInteraction(in, lease, false) })
}

// unreadable is err, or a request.Refusal if what an interaction is about cannot be
// decoded. The operator is told of that.
func (h *Handler) unreadable(ctx context.Context, err error) error {
	if bad, ok := errors.AsType[*store.UnreadableError](err); ok {
		h.Operator.Unread(ctx, store.Unread{bad})
		return request.RefusedUnreadable
	}
	return err
}

// sayAside tells a person that their interaction has been set aside, or else the operator
// that they do not know. A crash here: the next start sets it aside again, and tells them
// then.
func (h *Handler) sayAside(ctx context.Context, in *store.Interaction) {
	who, why := "Somebody", "it does not say who did it"
	if in.UserID != "" {
		err := h.Slack.TellPrivately(ctx, in.ID, in.UserID, in.ChannelID, slackapi.Message{Text: card.SetAside})
		if err == nil {
			return
		}
		who, why = "The Slack user "+in.UserID, cmp.Or(slackapi.Says(err), "Slack does not answer")
	}
	h.Operator.Alarm(ctx, "a person does not know what is set aside: interaction "+in.ID, "%s does not know that interaction %s, what they did, is set aside: "+
		"wfbot could not tell them (%s). Tell them to look at the card, or to type `%s list`, and to do it again if it has not happened.", who, in.ID, why, card.Command)
}
