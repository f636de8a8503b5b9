package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/card"
	"wfbot/bot/loop"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
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
		b.database.Failed(err)
		return err
	}
	b.loops.Wake()
	return nil
}

// Slack takes at least 100 views.publish a minute from an app in a workspace. Tabs
// that somebody opens are drawn at once; the others share what is left, in turn: 40
// a minute, after some at once when it has been quiet.
// Source: https://docs.slack.dev/apis/web-api/rate-limits
const (
	homeEvery = 1500 * time.Millisecond
	homeBurst = 10
)

// openedOnly reports whether no Home tab may be drawn now but those that somebody
// has opened.
func (b *Bot) openedOnly() bool { return b.homePace.TokensAt(b.now()) < 1 }

// claimHome takes the next Home tab that has to be drawn, nil if there is none.
// They wait until Slack has said who the bot is.
func (b *Bot) claimHome(ctx context.Context) (*loop.Step, error) {
	if b.slack.Self() == nil {
		return nil, nil
	}
	home, lease, err := b.config.Store.ClaimHome(ctx, b.now(), loop.LeaseFor, b.openedOnly())
	if err != nil || home == nil {
		return nil, err
	}
	return &loop.Step{Row: "Home tab of " + home.UserID, Lease: lease, Do: func(ctx context.Context) error { return b.drawHome(ctx, home, lease) }}, nil
}

func (b *Bot) nextHome(ctx context.Context, now time.Time) (time.Time, bool, error) {
	if b.slack.Self() == nil {
		return time.Time{}, false, nil
	}
	return b.config.Store.NextHome(ctx, now, b.openedOnly())
}

// drawHome shows a person what there is to see, unless they see it already. A crash
// here: it is drawn again.
func (b *Bot) drawHome(ctx context.Context, home *store.Home, lease store.Lease) error {
	who, groups, err := b.slack.Person(ctx, home.UserID, *b.slack.Self())
	if err != nil {
		return b.cannotDraw(ctx, home, lease, err)
	}
	contents, may, err := b.homeOf(ctx, who, home)
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
	hash, err := hashOf(view)
	if err != nil {
		return err
	}
	switch {
	case home.Opened: // Slack may show something older than it was given last
		b.homePace.AllowN(b.now(), 1)
	case hash == home.View:
		return b.config.Store.HomeDrawn(ctx, home, lease, hash, b.now())
	default: // several may be drawn by the last token: the next ones wait for longer
		b.homePace.ReserveN(b.now(), 1)
	}
	if err := b.slack.PublishHome(ctx, home.UserID, view); err != nil {
		return b.cannotDraw(ctx, home, lease, err)
	}
	return b.config.Store.HomeDrawn(ctx, home, lease, hash, b.now())
}

// hashOf tells views apart.
func hashOf(view slack.HomeTabViewRequest) (string, error) {
	text, err := json.Marshal(view)
	if err != nil {
		return "", fmt.Errorf("encoding a Home tab: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// cannotDraw tries again later, or forgets the Home tab until it is opened again
// where that is of no use.
func (b *Bot) cannotDraw(ctx context.Context, home *store.Home, lease store.Lease, err error) error {
	if cut(ctx) {
		return ctx.Err()
	}
	trouble, wait := b.slack.Trouble(ctx, err)
	b.log.Warn("a Home tab could not be drawn", "user", home.UserID, "error", err)
	switch trouble {
	case slackapi.NoPerson, slackapi.NoHome:
		return b.config.Store.ForgetHome(ctx, home, lease)
	case slackapi.Unfit, slackapi.NoPlace:
		b.operator.Alarm(ctx, "Slack refuses a Home tab", "Slack does not let wfbot show a Home tab (%s). Everything else works. "+
			"Check what the app is allowed in Slack.", slackapi.Says(err))
		return b.config.Store.ForgetHome(ctx, home, lease)
	}
	again := request.Retry{Failures: home.Failures}.Failed(b.now(), wait)
	return b.config.Store.HomeFailed(ctx, home, lease, again.At)
}

// overview is what all Home tabs are made of: read once, however many there are,
// until something happens.
type overview struct {
	mu   sync.Mutex
	news int64 // number of the newest audit entry that it knows of; 0: nothing was read

	open, ended []card.Item // the open requests, newest first; those that ended, the latest first
}

// overviewOf returns the open and the ended requests as they stand after the audit
// entry of that number, or as they stand now with anew: not all that is shown has an
// entry. They are for reading only.
func (b *Bot) overviewOf(ctx context.Context, news int64, anew bool) (open, ended []card.Item, err error) {
	o := &b.overview
	o.mu.Lock()
	defer o.mu.Unlock()
	if !anew && news != 0 && news <= o.news {
		return o.open, o.ended, nil
	}
	ctx, cancel := context.WithTimeout(ctx, overviewFor) // others wait for it too
	defer cancel()
	stillOpen, err := b.config.Store.OpenRequests(ctx, b.now(), mostOpen)
	if err != nil {
		return nil, nil, err
	}
	over, err := b.config.Store.EndedRequests(ctx, mostEnded)
	if err != nil {
		return nil, nil, err
	}
	open, ended = b.items(stillOpen), b.items(over)
	o.news, o.open, o.ended = max(o.news, news), open, ended
	return open, ended, nil
}

// overviewFor is the deadline for reading what all Home tabs are made of.
const overviewFor = 5 * time.Second

// homeOf collects what a person may see on their Home tab; may is false if that is
// nothing.
func (b *Bot) homeOf(ctx context.Context, who request.Person, home *store.Home) (contents card.Home, may bool, err error) {
	reader, no := b.readerOf(who)
	if no != request.Allowed {
		return card.Home{}, false, nil
	}
	open, ended, err := b.overviewOf(ctx, home.News, home.Opened)
	if err != nil {
		return card.Home{}, false, err
	}
	may = reader.all
	for _, item := range open {
		r := item.Request
		may = may || reader.sees(r)
		if r.State == request.Pending && reader.mayDecide(r) && !r.ApprovedBy(who.Identity) {
			contents.Waiting = append(contents.Waiting, item)
		}
	}
	for _, item := range ended {
		if reader.sees(item.Request) {
			may = true
			contents.Ended = append(contents.Ended, item)
		}
	}
	if !may {
		return card.Home{}, false, nil
	}
	contents.Ended = contents.Ended[:min(len(contents.Ended), card.HomeEnded)]
	contents.MayAsk = b.config.Policy.MayRequest(who) == request.Allowed
	mine, err := b.config.Store.RequestsBy(ctx, card.HomeAsked, who.ID, who.OtherID)
	if err != nil {
		return card.Home{}, false, err
	}
	contents.Asked = b.items(mine)
	return contents, true, nil
}
