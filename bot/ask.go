package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/loop"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// asked is what somebody asks for, typed, in the form or with a button.
type asked struct {
	action  request.Action
	command request.Command
	channel string // where the card is to go, unless it has a place of its own
}

// judgeAsked makes a card of what somebody asks for who may ask.
func (b *Bot) judgeAsked(ctx context.Context, w *store.Interaction, who request.Person, self slackapi.Identity, a asked) (verdict, error) {
	due, err := b.due(a.command, who)
	if err != nil {
		return verdict{}, err
	}
	channel, err := b.cardChannel(ctx, a.channel)
	if err != nil {
		return verdict{}, err
	}
	targets, err := b.targets(ctx, a.command.People, self)
	if err != nil {
		return verdict{}, err
	}
	if len(targets) == 1 && targets[0].Email == "" {
		return verdict{}, request.RefusedNoSlackEmail
	}
	return b.asking(request.Request{
		ID: w.ID, Action: a.action, Reason: a.command.Reason, NotBefore: due.UTC(), NotBeforeWords: card.OnTheClock(due),
		Requester: who.Identity, Place: request.Place{Channel: channel},
	}, targets), nil
}

// asking makes a card, with a request for each target. common is what they have in
// common; its ID becomes the card's, and that of a request which is alone. Whoever
// cannot be asked for does not stop the others.
func (b *Bot) asking(common request.Request, targets []target) verdict {
	common.CardID = common.ID
	common.DryRun, common.VerifyAfter, common.RemindEvery = b.config.DryRun, b.config.VerifyAfter, b.config.RemindEvery
	return verdict{apply: func(tx *store.Tx) (string, error) {
		var requests []*request.Request
		for i, who := range targets {
			one := common
			if len(targets) > 1 {
				one.ID = fmt.Sprintf("%s-%d", common.ID, i+1)
			}
			one.Email, one.Target.Name = who.Email, who.Name
			r := request.New(one, b.now(), b.config.RequestTTL)
			if who.Email == "" {
				if err := r.Reject(request.RefusedNoSlackEmail, "", b.now()); err != nil {
					return "", err
				}
			}
			requests = append(requests, r)
		}
		return "", tx.InsertCard(request.NewCard(request.Card{
			ID: common.ID, Action: common.Action, Reason: common.Reason, NotBefore: common.NotBefore, NotBeforeWords: common.NotBeforeWords,
			Requester: common.Requester, Place: common.Place, DryRun: common.DryRun, RemindEvery: common.RemindEvery,
		}, requests, b.now()))
	}}
}

// target is a person as a command names them.
type target struct {
	Email string // lower case; empty: Slack shows none
	Name  string // of a person without e-mail
}

// targets finds out who is meant: each e-mail once, in the order of the command.
func (b *Bot) targets(ctx context.Context, people []request.Mention, self slackapi.Identity) ([]target, error) {
	var all []target
	for _, who := range people {
		found := target{Email: who.Email}
		if who.UserID != "" {
			mentioned, _, err := b.slack.Person(ctx, who.UserID, self)
			if trouble, _ := slackapi.Classify(err); err != nil && trouble != slackapi.NoPerson {
				return nil, err
			}
			found = target{Email: strings.ToLower(mentioned.Email)}
			if found.Email == "" {
				found.Name = mentioned.Name
			}
		}
		if found.Email == "" || !slices.Contains(all, found) {
			all = append(all, found)
		}
	}
	return all, nil
}

// due is the moment that a person means, by the clock that they name or live by;
// zero for at once.
func (b *Bot) due(c request.Command, who request.Person) (time.Time, error) {
	zone := who.Zone
	switch {
	case c.When.Zone != "":
		var err error
		if zone, err = zoneTyped(c.When.Zone); err != nil {
			return time.Time{}, err
		}
	case zone == nil && c.When != request.When{}:
		return time.Time{}, request.RefusedNoZone
	case zone == nil:
		zone = time.UTC
	}
	return c.Due(zone, b.now())
}

// cardChannel is where cards go that were asked for in a channel; a
// request.Refusal if they may not be posted there.
func (b *Bot) cardChannel(ctx context.Context, askedIn string) (string, error) {
	channel := b.config.Channel
	if channel == "" {
		channel = askedIn
	}
	facts, err := b.slack.Channel(ctx, channel)
	if err != nil {
		return "", err
	}
	if no := request.MayPost(facts); no != request.Allowed {
		if b.config.Channel != "" { // whoever asks cannot choose another one
			b.operator.Alarm(ctx, "no cards can be posted to WFBOT_CHANNEL", "wfbot refuses requests, because cards cannot be posted to the channel of WFBOT_CHANNEL, %s (%s). "+
				"Set it to a channel that wfbot is a member of, that is not archived and not shared with another organisation.", channel, string(no))
		}
		return "", no
	}
	return channel, nil
}

// askBack is the way back from the card of a deactivation: the same as the slash
// command for it, typed by who. The look-up decides whether there is one.
func (b *Bot) askBack(ctx context.Context, w *store.Interaction, who request.Person, r *request.Request) (verdict, error) {
	v := verdict{about: r}
	if no := b.config.Policy.MayRequest(who); no != request.Allowed {
		return v, no
	}
	if r.State != request.Done || r.Action != request.Deactivate || r.DryRun {
		return v, request.RefusedNotOpen
	}
	channel, err := b.cardChannel(ctx, r.Channel)
	if err != nil {
		return v, err
	}
	v.apply = b.asking(request.Request{
		ID: w.ID, Action: request.Reactivate, Wanted: r.Target.ID, Reason: "Asked for on the card of the deactivation",
		Requester: who.Identity, Place: request.Place{Channel: channel},
	}, []target{{Email: r.Target.Email}}).apply
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
	return sent.Add(loop.LeaseFor + writeFor)
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
