package bot

import (
	"cmp"
	"context"
	"errors"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// asked is what somebody asks for, typed or in the form.
type asked struct {
	action  request.Action
	command request.Command
	channel string // where the card is to go
}

// judgeAsked makes a request, or a batch, of what somebody asks for who may ask.
func (b *Bot) judgeAsked(ctx context.Context, w *store.Wish, who request.Person, self identity, a asked) (verdict, error) {
	due, err := b.due(a.command.When, who)
	if err != nil {
		return verdict{}, err
	}
	if err := b.mayPost(ctx, a.channel); err != nil {
		return verdict{}, err
	}
	r := request.Request{
		ID: w.ID, Action: a.action, Reason: a.command.Reason, NotBefore: due, Requester: who.Identity, Channel: a.channel,
	}
	targets, err := b.targets(ctx, a.command.People, self)
	switch {
	case err != nil:
		return verdict{}, err
	case len(targets) > 1:
		return b.newBatch(r, targets), nil
	case targets[0].Email == "":
		return verdict{}, request.RefusedNoSlackEmail
	}
	r.Email = targets[0].Email
	made := b.newRequest(r)
	return verdict{apply: func(tx *store.Tx) error { return tx.Insert(made) }}, nil
}

// newRequest is request.New with what the configuration says of every request.
func (b *Bot) newRequest(r request.Request) *request.Request {
	r.DryRun, r.VerifyAfter, r.RemindEvery = b.config.DryRun, b.config.VerifyAfter, b.config.RemindEvery
	return request.New(r, b.now(), b.config.RequestTTL)
}

// due is the moment that a person means, by the clock they live by; zero for at
// once.
func (b *Bot) due(when request.When, who request.Person) (time.Time, error) {
	if when == (request.When{}) {
		return time.Time{}, nil
	}
	if who.Zone == nil {
		return time.Time{}, request.RefusedNoZone
	}
	at, err := when.Check(who.Zone, b.now())
	return at.UTC(), err
}

// mayPost asks Slack whether cards may be posted in a channel; a request.Refusal if
// not.
func (b *Bot) mayPost(ctx context.Context, channel string) error {
	facts, err := b.people.channel(ctx, channel)
	if err != nil {
		return err
	}
	if no := request.MayPost(facts); no != request.Allowed {
		return no
	}
	return nil
}

// askBack is the way back from the card of a deactivation: the same as the slash
// command for it, typed by who. The look-up decides whether there is one.
func (b *Bot) askBack(ctx context.Context, w *store.Wish, who request.Person, r *request.Request) (verdict, error) {
	v := verdict{about: r}
	if no := b.config.Policy.MayRequest(who); no != request.Allowed {
		return v, no
	}
	if r.State != request.Done || r.Action != request.Deactivate || r.DryRun {
		return v, request.RefusedNotOpen
	}
	channel := cmp.Or(b.config.Channel, r.Channel)
	if err := b.mayPost(ctx, channel); err != nil {
		return v, err
	}
	back := b.newRequest(request.Request{
		ID: w.ID, Action: request.Reactivate, Email: r.Target.Email, Reason: "Asked for on the card of the deactivation",
		Requester: who.Identity, Channel: channel,
	})
	v.apply = func(tx *store.Tx) error { return tx.Insert(back) }
	return v, nil
}

// wayBack says whether target may be reactivated, as far as Workfront knows. A
// user who was never active waits for approval there; when in doubt, they do.
func (b *Bot) wayBack(ctx context.Context, target request.Target) error {
	if target.Active {
		return request.RefusedActive
	}
	waits, err := b.config.Workfront.AwaitingApproval(ctx, target.ID)
	if refusedForGood(err) {
		b.log.Warn("not known whether a user awaits approval in Workfront", "workfront_id", target.ID, "error", err)
		return request.RefusedNewUser
	}
	if err == nil && waits {
		return request.RefusedNewUser
	}
	return err
}

// since applies what wfbot itself has done to a user to a request that was just
// found: whether there is a way back, and until when an earlier write may still
// arrive. all are the requests for that user.
func (b *Bot) since(action request.Action, all []*request.Request) (clearAt time.Time, err error) {
	if action == request.Reactivate && !b.config.Policy.ReactivateAny && !request.DeactivatedByUs(all) {
		return time.Time{}, request.RefusedNotOurs
	}
	return clearAfter(request.LastOpposed(all, action)), nil
}

// clearAfter is when a write that was sent then can arrive no more: its process
// may have been frozen until the end of its lease, and send it late.
func clearAfter(sent time.Time) time.Time {
	if sent.IsZero() {
		return time.Time{}
	}
	return sent.Add(leaseFor + writeFor)
}

// rejecting is how a look-up ends that err is about; nil if err is no refusal.
func (b *Bot) rejecting(err error) change {
	var unapprovable unapprovableError
	var no request.Refusal
	switch {
	case errors.As(err, &unapprovable):
		return func(r *request.Request) error {
			return r.RejectUnapprovable(request.NoManager(unapprovable), b.now())
		}
	case errors.As(err, &no):
		return func(r *request.Request) error { return r.Reject(no, "", b.now()) }
	}
	return nil
}

// unapprovableError says why nobody can approve, where only the manager may.
type unapprovableError request.NoManager

func (e unapprovableError) Error() string { return "nobody can approve: the manager is " + string(e) }
