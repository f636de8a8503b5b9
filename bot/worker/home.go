package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/loop"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"

	"github.com/slack-go/slack"
)

// Slack takes at least 100 views.publish a minute from an app in a workspace. Tabs
// that somebody opens are drawn at once; the others share what is left, in turn: 40
// a minute, after some at once when it has been quiet.
// Source: https://docs.slack.dev/apis/web-api/rate-limits
const (
	homeEvery = 1500 * time.Millisecond
	homeBurst = 10
)

// openedOnly reports whether only those Home tabs may be drawn now that somebody has
// opened.
func (w *Worker) openedOnly() bool { return w.homePace.TokensAt(w.Now()) < 1 }

// claimHome takes the next Home tab that has to be drawn, nil if there is none.
func (w *Worker) claimHome(ctx context.Context) (*loop.Step, error) {
	home, lease, err := w.Store.ClaimHome(ctx, w.Now(), loop.LeaseFor, w.openedOnly())
	if err != nil || home == nil {
		return nil, err
	}
	return &loop.Step{Row: "Home tab of " + home.UserID, Lease: lease, Do: func(ctx context.Context) error { return w.drawHome(ctx, home, lease) }}, nil
}

// drawHome shows a person what there is to see, unless they see it already. A crash
// here: it is drawn again.
func (w *Worker) drawHome(ctx context.Context, home *store.Home, lease store.Lease) error {
	w.Metrics.Step("home", home.Failures > 0)
	who, groups, err := w.Slack.Person(ctx, home.UserID, *w.Slack.Self())
	if err != nil {
		return w.cannotDraw(ctx, home, lease, err)
	}
	contents, may, err := w.homeOf(ctx, who, home)
	if err != nil {
		return err
	}
	if groups != nil && !(may && contents.MayAsk) { // they may be in a group that could not be read
		return w.cannotDraw(ctx, home, lease, groups)
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
		w.homePace.AllowN(w.Now(), 1)
	case hash == home.View:
		return w.Store.HomeDrawn(ctx, home, lease, hash, w.Now())
	default: // several may be drawn by the last token: the next ones wait for longer
		w.homePace.ReserveN(w.Now(), 1)
	}
	if err := w.Slack.PublishHome(ctx, home.UserID, view); err != nil {
		return w.cannotDraw(ctx, home, lease, err)
	}
	return w.Store.HomeDrawn(ctx, home, lease, hash, w.Now())
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
func (w *Worker) cannotDraw(ctx context.Context, home *store.Home, lease store.Lease, err error) error {
	if cut(ctx) {
		return ctx.Err()
	}
	trouble, wait := w.Slack.Trouble(ctx, err)
	w.Log.Warn("a Home tab could not be drawn", "user", home.UserID, "error", err)
	switch trouble {
	case slackapi.NoPerson, slackapi.NoHome:
		return w.Store.ForgetHome(ctx, home, lease)
	case slackapi.Unfit, slackapi.NoPlace:
		w.Operator.Alarm(ctx, "Slack refuses a Home tab", "Slack does not let wfbot show a Home tab (%s). Everything else works. "+
			"Check what the app is allowed in Slack.", slackapi.Says(err))
		return w.Store.ForgetHome(ctx, home, lease)
	}
	again := request.Retry{Failures: home.Failures}.Failed(w.Now(), wait)
	return w.Store.HomeFailed(ctx, home, lease, again.At)
}

// overview is what all Home tabs are made of: read once, however many there are,
// until something happens.
type overview struct {
	mu   sync.Mutex
	news int64 // number of the newest audit entry that it knows of; 0: nothing was read

	open, ended []card.Item // the open requests, newest first; those that ended, the latest first
	unread      int         // how many requests cannot be read
}

// overviewOf returns the open and the ended requests, and how many cannot be read, as
// they stand after the audit entry of that number, or, with anew, as they stand now: not
// all that is shown has an entry. They are for reading only.
func (w *Worker) overviewOf(ctx context.Context, news int64, anew bool) (open, ended []card.Item, unread int, err error) {
	o := &w.overview
	o.mu.Lock()
	defer o.mu.Unlock()
	if !anew && news != 0 && news <= o.news {
		return o.open, o.ended, o.unread, nil
	}
	ctx, cancel := context.WithTimeout(ctx, overviewFor) // others wait for it too
	defer cancel()
	stillOpen, openUnread, err := w.Store.OpenRequests(ctx, w.Now(), card.MostOpen)
	if err != nil {
		return nil, nil, 0, err
	}
	over, overUnread, err := w.Store.EndedRequests(ctx, card.MostEnded)
	if err != nil {
		return nil, nil, 0, err
	}
	garbled := append(openUnread, overUnread...)
	w.Operator.Unread(ctx, garbled)
	unread = garbled.Count()
	open, ended = card.Items(stillOpen, w.Slack.Link), card.Items(over, w.Slack.Link)
	o.news, o.open, o.ended, o.unread = max(o.news, news), open, ended, unread
	return open, ended, unread, nil
}

// overviewFor is the deadline for reading what all Home tabs are made of.
const overviewFor = 5 * time.Second

// homeOf collects what a person may see on their Home tab; may is false if that is
// nothing.
func (w *Worker) homeOf(ctx context.Context, who request.Person, home *store.Home) (contents card.Home, may bool, err error) {
	reader, no := w.Policy.Reader(who)
	if no != request.Allowed {
		return card.Home{}, false, nil
	}
	open, ended, unread, err := w.overviewOf(ctx, home.News, home.Opened)
	if err != nil {
		return card.Home{}, false, err
	}
	may = reader.All
	for _, item := range open {
		r := item.Request
		may = may || reader.Sees(r)
		if r.State == request.Pending && reader.MayDecide(r) && !r.ApprovedBy(who.Identity) {
			contents.Waiting = append(contents.Waiting, item)
		}
	}
	for _, item := range ended {
		if reader.Sees(item.Request) {
			may = true
			contents.Ended = append(contents.Ended, item)
		}
	}
	if !may {
		return card.Home{}, false, nil
	}
	contents.Ended = contents.Ended[:min(len(contents.Ended), card.HomeEnded)]
	contents.MayAsk = w.Policy.MayRequest(who) == request.Allowed
	contents.Unread = unread
	mine, _, err := w.Store.RequestsBy(ctx, card.HomeAsked, who.ID, who.OtherID)
	if err != nil {
		return card.Home{}, false, err
	}
	contents.Asked = card.Items(mine, w.Slack.Link)
	return contents, true, nil
}
