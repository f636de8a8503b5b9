package bot

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/socket"
	"wfbot/bot/store"
)

// What the bot reads of an event: its type, and what else there is only where it is
// a Home tab's, since events of other types have other things under the same names.
type (
	eventPayload struct {
		Event struct {
			Type string `json:"type"`
		} `json:"event"`
	}

	homePayload struct {
		Event struct {
			User string `json:"user"`
			Tab  string `json:"tab"`
		} `json:"event"`
	}
)

// takeEvent notes that somebody has opened their Home tab. Slack sends again what
// is not acknowledged, since it could not be stored. Other events mean nothing, and
// one that cannot be understood would not be the next time either.
func (b *Bot) takeEvent(ctx context.Context, e socket.Envelope) error {
	var p eventPayload
	var home homePayload
	err := json.Unmarshal(e.Payload, &p)
	if err == nil && p.Event.Type == "app_home_opened" {
		err = json.Unmarshal(e.Payload, &home)
	}
	if err != nil {
		b.log.Warn("an event could not be understood, and is dropped", "event", p.Event.Type, "error", err)
		return nil
	}
	if home.Event.Tab != "home" || home.Event.User == "" {
		return nil
	}
	if err := b.config.Store.OpenHome(ctx, home.Event.User, b.now()); err != nil {
		b.ailing(err)
		return err
	}
	b.nudge()
	return nil
}

// claimHome takes the next Home tab that has to be drawn, nil if there is none.
// They wait until Slack has said who the bot is.
func (b *Bot) claimHome(ctx context.Context) (job, error) {
	if b.self.Load() == nil {
		return nil, nil
	}
	home, lease, err := b.config.Store.ClaimHome(ctx, b.now(), leaseFor)
	if err != nil || home == nil {
		return nil, err
	}
	return func(ctx context.Context) {
		b.settle(ctx, "Home tab of "+home.UserID, lease, func(ctx context.Context) error { return b.drawHome(ctx, home, lease) })
	}, nil
}

func (b *Bot) nextHome(ctx context.Context, now time.Time) (time.Time, bool, error) {
	if b.self.Load() == nil {
		return time.Time{}, false, nil
	}
	return b.config.Store.NextHome(ctx, now)
}

// drawHome shows a person what there is to see. A crash here: it is drawn again.
func (b *Bot) drawHome(ctx context.Context, home *store.Home, lease store.Lease) error {
	who, groups, err := b.people.person(ctx, home.UserID, *b.self.Load())
	if err != nil {
		return b.cannotDraw(ctx, home, lease, err)
	}
	contents, may, err := b.homeOf(ctx, who)
	if err != nil {
		return err
	}
	if groups != nil && !(may && contents.MayAsk) { // they may be in a group that could not be read
		return b.cannotDraw(ctx, home, lease, groups)
	}
	view := card.HomeOfOthers()
	if may {
		view = card.HomeTab(contents)
	}
	answer, err := b.slack.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: home.UserID, View: view})
	if err == nil && !answer.Ok {
		err = errSlackSilent
	}
	if err != nil {
		return b.cannotDraw(ctx, home, lease, err)
	}
	return b.config.Store.HomeDrawn(ctx, home, lease, b.now())
}

// cannotDraw tries again later, or forgets the Home tab until it is opened again
// where that is of no use.
func (b *Bot) cannotDraw(ctx context.Context, home *store.Home, lease store.Lease, err error) error {
	if cut(ctx) {
		return ctx.Err()
	}
	trouble, wait := b.trouble(ctx, err)
	b.log.Warn("a Home tab could not be drawn", "user", home.UserID, "error", err)
	switch trouble {
	case noPerson, noHome:
		return b.config.Store.ForgetHome(ctx, home, lease)
	case unfit, noPlace:
		b.alarm(ctx, "Slack refuses a Home tab", "Slack does not let wfbot show a Home tab ("+slackSays(err)+
			"). Everything else works. Check what the app is allowed in Slack.")
		return b.config.Store.ForgetHome(ctx, home, lease)
	}
	again := request.Retry{Failures: home.Failures}.Failed(b.now(), wait)
	return b.config.Store.HomeFailed(ctx, home, lease, again.At)
}

// homeOf collects what a person may see; may is false if that is nothing.
func (b *Bot) homeOf(ctx context.Context, who request.Person) (contents card.Home, may bool, err error) {
	reader, no := b.readerOf(who)
	if no != request.Allowed {
		return card.Home{}, false, nil
	}
	open, _, err := b.open(ctx, reader)
	if err != nil {
		return card.Home{}, false, err
	}
	ended, err := b.ended(ctx, reader)
	if err != nil {
		return card.Home{}, false, err
	}
	if !reader.all && len(open)+len(ended) == 0 {
		return card.Home{}, false, nil
	}
	contents.MayAsk = b.config.Policy.MayRequest(who) == request.Allowed
	if contents.Waiting, err = b.items(ctx, slices.DeleteFunc(open, func(r *request.Request) bool {
		return r.State != request.Pending || !reader.mayDecide(r) || r.ApprovedBy(who.Identity)
	})); err != nil {
		return card.Home{}, false, err
	}
	mine, err := b.config.Store.RequestsBy(ctx, card.HomeAsked, who.ID, who.OtherID)
	if err != nil {
		return card.Home{}, false, err
	}
	if contents.Asked, err = b.items(ctx, mine); err != nil {
		return card.Home{}, false, err
	}
	contents.Ended, err = b.items(ctx, ended[:min(len(ended), card.HomeEnded)])
	return contents, err == nil, err
}
