package bot

import (
	"cmp"
	"context"
	"errors"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// refuse ends an interaction with one private sentence, and records the attempt. word is
// what was wrong in it, if that is one word, and instead what fits in its place.
func (b *Bot) refuse(ctx context.Context, w *store.Interaction, lease store.Lease, v verdict, why request.Refusal, word string, instead ...string) error {
	aboutID, link := "", ""
	switch {
	case v.about != nil:
		aboutID = v.about.ID
		shows := v.about
		if why == request.RefusedAlreadyOpen { // the card to use is that of the other
			other, err := b.openFor(ctx, v.about)
			if err != nil {
				return err
			}
			shows = cmp.Or(other, shows)
		}
		link = b.slack.Link(shows.Channel, shows.TS)
	case v.card != nil:
		aboutID, link = v.card.ID, b.slack.Link(v.card.Channel, v.card.TS)
	}
	what := w.Command
	if what == "" {
		what = w.ActionID + w.Callback
	}
	b.log.Info("refused", "user", w.UserID, "what", what, "why", string(why), "about", aboutID)
	return b.config.Store.Update(ctx, b.now(), func(tx *store.Tx) error {
		tx.Record(aboutID, request.Event{At: b.now(), Kind: "refused", Actor: w.UserID, Detail: map[string]string{
			"what": what, "why": string(why), "word": word,
		}})
		about := v.about
		if about != nil { // the words are about the request as it stands now
			var err error
			if about, err = tx.Request(about.ID); err != nil {
				return err
			}
		}
		w.Decided, w.Retry = true, request.Retry{}
		w.Answer = card.Refused(why, card.About{Request: about, Action: actionOf(w.Command), Word: word, Link: link, Instead: instead})
		return tx.SaveInteraction(w, lease, false)
	})
}

// openFor returns the open request for the target of r, nil if there is none any more.
func (b *Bot) openFor(ctx context.Context, r *request.Request) (*request.Request, error) {
	all, err := b.config.Store.RequestsFor(ctx, r.Target.ID)
	for _, other := range all {
		if other.ID != r.ID && other.State.Open() {
			return other, err
		}
	}
	return nil, err
}

// judgeLater puts an interaction back whose facts could not be had.
func (b *Bot) judgeLater(ctx context.Context, w *store.Interaction, lease store.Lease, v verdict, cause error) error {
	trouble, wait := b.slack.Trouble(ctx, cause)
	if trouble.ForGood() {
		b.operator.Alarm(ctx, "Slack refuses a question", "Slack refuses to say who may do what or where, so wfbot has to refuse somebody: %v (%s). "+
			"Check what the app is allowed in Slack, and the user groups in WFBOT_REQUESTERS and WFBOT_APPROVERS.", cause, slackapi.Says(cause))
	}
	w.Retry = w.Retry.Failed(b.now(), wait)
	since := w.Retry.Since
	if since.Before(b.startedAt) { // how long the program was away is nobody's failure
		since = b.startedAt
	}
	last := since.Add(peopleFor)
	if !b.now().Before(last) {
		b.log.Warn("an interaction is refused because its facts cannot be had", "interaction", w.ID, "error", cause)
		why := request.RefusedUnreachable
		if _, ok := errors.AsType[managerUnknownError](cause); ok {
			why = request.RefusedManagerUnknown
		}
		return b.refuse(ctx, w, lease, v, why, "")
	}
	b.log.Warn("an interaction cannot be judged yet, trying again", "interaction", w.ID, "error", cause)
	w.Retry.At = earlier(w.Retry.At, last)
	return b.config.Store.Update(ctx, b.now(), func(tx *store.Tx) error { return tx.SaveInteraction(w, lease, false) })
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
