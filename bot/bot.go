package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"wfbot/bot/request"
	"wfbot/bot/socket"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
)

// Config is what a Bot works with.
type Config struct {
	AppToken secret.Value // Slack app-level token, xapp-…
	BotToken secret.Value // Slack bot token, xoxb-…
	SlackURL string       // base URL of the Web API, ending in "/"; empty: Slack's
	// Connections is how many Socket Mode connections are held at once; 0: 2.
	Connections int
	// SlackTimeout is how long one call to Slack may take; 0: 10 seconds.
	SlackTimeout time.Duration

	Workfront *workfront.Client
	Store     *store.Store // stays the caller's to close, after Run has returned

	// MovedFrom is the host that the tenant had, as Workfront.Host returns it: a
	// database that works for it is taken along to the new one. Empty: it has not
	// moved.
	MovedFrom string

	Policy      request.Policy
	Channel     string        // Slack channel id for the cards; empty: where the command was typed
	OpsChannel  string        // Slack channel id for trouble that needs the operator; empty: none
	RequestTTL  time.Duration // how long a request waits for decisions; 0: 72 hours
	RemindEvery time.Duration // how often people are reminded to decide; 0: never
	StopWindow  time.Duration // how long an approved request can still be cancelled; 0: not
	VerifyAfter time.Duration // how long after the change Workfront is read again; 0: never
	DryRun      bool          // everything but the write

	Log *slog.Logger     // nil: slog.Default()
	Now func() time.Time // nil: time.Now
}

const (
	defaultTTL   = 72 * time.Hour
	slackTimeout = 10 * time.Second // Config.SlackTimeout where it names none
	// shutdownGrace is how long the effects in hand may go on after Run was
	// asked to end. What they found out is stored after that, and what stops the
	// process waits 10 seconds for its end before it kills it (docker stop).
	shutdownGrace = 6 * time.Second
)

// Bot is one process's share of the work. Several may share a database on
// PostgreSQL.
type Bot struct {
	config Config
	log    *slog.Logger
	now    func() time.Time
	slack  *slack.Client
	http   *http.Client
	people *people
	posts  *postLimits
	lent   *lent

	self    atomic.Pointer[identity] // who the bot is in Slack; nil until Slack said so
	selfWF  atomic.Pointer[string]   // the Workfront ID of the user as whom it works
	sockets atomic.Pointer[socket.Pool]
	wake    [kinds]chan struct{} // there is something to look at, by kind of row
	stop    context.CancelCauseFunc

	overview  overview      // what all Home tabs are made of
	homePace  *rate.Limiter // of Home tabs that are drawn again
	openings  chan opening  // forms that wait to be opened
	workfront chan struct{} // holds one for each request that is at a step in Workfront
	reading   chan struct{} // holds one for each person who waits for something to be read in Workfront

	startedAt time.Time

	access access
	alarms *alarms
	token  *tokenCheck
	ailed  chan error // the database failed somebody; see attend
}

// New returns a Bot that is ready to Run. The error names every mistake in
// config.
func New(config Config) (*Bot, error) {
	var mistakes []error
	require := func(ok bool, what string) {
		if !ok {
			mistakes = append(mistakes, errors.New(what))
		}
	}
	require(config.AppToken != "", "no Slack app token")
	require(config.BotToken != "", "no Slack bot token")
	require(config.Workfront != nil, "no Workfront client")
	require(config.Store != nil, "no store")
	require(!config.Policy.Requesters.Empty(), "nobody may request")
	require(!config.Policy.Approvers.Empty(), "nobody may approve")
	require(!config.Policy.Requesters.Manager, "the word manager is for approvers only")
	if err := errors.Join(mistakes...); err != nil {
		return nil, fmt.Errorf("configuring the bot: %w", err)
	}
	if config.RequestTTL == 0 {
		config.RequestTTL = defaultTTL
	}
	if config.SlackTimeout == 0 {
		config.SlackTimeout = slackTimeout
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	b := &Bot{
		config: config,
		log:    config.Log,
		// Stored times are whole milliseconds; so are the times compared with them.
		now:    func() time.Time { return config.Now().UTC().Truncate(time.Millisecond) },
		http:   &http.Client{Timeout: config.SlackTimeout, CheckRedirect: noRedirect},
		posts:  newPostLimits(),
		lent:   newLent(),
		alarms: newAlarms(),
		token:  newTokenCheck(),
		ailed:  make(chan error, 1),

		homePace:  rate.NewLimiter(rate.Every(homeEvery), homeBurst),
		openings:  make(chan opening, toOpen),
		workfront: make(chan struct{}, workfrontPlaces),
		reading:   make(chan struct{}, workfrontPlaces),
	}
	for kind := range b.wake {
		b.wake[kind] = make(chan struct{}, 1)
	}
	options := []slack.Option{slack.OptionHTTPClient(&http.Client{
		Timeout: config.SlackTimeout, CheckRedirect: noRedirect, Transport: newPauses(http.DefaultTransport, b.now),
	})}
	if config.SlackURL != "" {
		options = append(options, slack.OptionAPIURL(config.SlackURL))
	}
	b.slack = slack.New(config.BotToken.Reveal(), options...)
	b.people = newPeople(b.slack, b.log, config.Policy, config.Now)
	return b, nil
}

// noRedirect keeps a token from travelling to wherever an answer points.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Run works until ctx ends and returns nil then, after the effects in hand have
// ended or shutdownGrace has passed. It returns an error when it cannot go on:
// Slack refuses the tokens, or a scope is missing, or, a *BindingError, the database
// is another Workfront's or workspace's.
func (b *Bot) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	b.stop, b.startedAt = stop, b.now()

	if err := b.bindWorkfront(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}

	running := ctx
	group, ctx := errgroup.WithContext(ctx)
	// The worker starts first: what was approved before a crash needs no word
	// from Slack to be carried out.
	group.Go(func() error { return b.work(ctx) })
	group.Go(func() error { return b.listen(ctx) })
	for range openers {
		group.Go(func() error { b.openForms(ctx); return nil })
	}
	err := group.Wait()
	b.notOpenedAtAll(ctx)
	if cause := context.Cause(running); cause != nil { // whoever gave up said why; the others only noticed
		err = cause
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// fail ends Run with err: the process cannot go on.
func (b *Bot) fail(err error) { b.stop(err) }

// listen learns who the bot is and then takes in what Slack delivers.
func (b *Bot) listen(ctx context.Context) error {
	self, err := b.introduce(ctx)
	if err != nil {
		return err
	}
	if err := b.bindSlack(ctx, self); err != nil {
		return err
	}
	b.self.Store(&self)
	b.nudge() // interactions of before a restart wait for this
	b.log.Info("connected to Slack", "team", self.TeamID, "bot_user", self.UserID)
	deployment := newDeployment(b)
	sockets, err := socket.New(socket.Config{
		AppToken:    b.config.AppToken,
		APIURL:      b.config.SlackURL,
		Connections: b.config.Connections,
		Handler:     b.take,
		TooMany:     b.tooManyConnections,
		Greeted:     deployment.greeted,
		Log:         b.log,
	})
	if err != nil {
		return err
	}
	b.sockets.Store(sockets)
	return deployment.run(ctx, sockets)
}

// tooManyConnections tells the operator that Slack turns connections away.
func (b *Bot) tooManyConnections(ctx context.Context) {
	b.alarm(ctx, "Slack allows no more connections", "Slack turns connections of wfbot away: an app may have 10 in all. "+
		"The number of wfbot processes times WFBOT_SLACK_CONNECTIONS must be at most 10; lower one of them. "+
		"The connections that stand do the work meanwhile.")
}

// Ready reports whether the bot takes in interactions: Slack has said who the bot is
// and at least one Socket Mode connection stands.
func (b *Bot) Ready() bool {
	sockets := b.sockets.Load()
	return b.self.Load() != nil && sockets != nil && sockets.Connected() > 0
}

// identity is who the bot is in Slack.
type identity struct {
	TeamID, EnterpriseID, UserID string
	URL                          string // of the workspace, ending in "/"
}

// isHome reports whether a person is a member of the bot's workspace. On Enterprise
// Grid their account may be at home in a sister workspace or in the organisation
// itself (team_id is its E… id); Slack lists the workspaces then.
func (i identity) isHome(user *slack.User) bool {
	return user.TeamID == i.TeamID ||
		i.EnterpriseID != "" && user.Enterprise.EnterpriseID == i.EnterpriseID && slices.Contains(user.Enterprise.Teams, i.TeamID)
}

// scopes are what the bot token must be granted.
var scopes = []string{"chat:write", "channels:read", "groups:read", "users:read", "users:read.email"}

// introduce asks Slack who the bot is, until it answers. Refused tokens and
// missing scopes are errors.
func (b *Bot) introduce(ctx context.Context) (identity, error) {
	var retry request.Retry
	for {
		self, err := b.identify(ctx)
		var unusable unusableToken
		if err == nil || errors.As(err, &unusable) {
			return self, err
		}
		if ctx.Err() != nil {
			return identity{}, ctx.Err()
		}
		_, wait := classify(err)
		retry = retry.Failed(b.now(), wait)
		pause := min(retry.At.Sub(b.now()), 30*time.Second)
		b.log.Warn("Slack does not answer, trying again", "error", err, "in", pause)
		if !sleep(ctx, pause) {
			return identity{}, ctx.Err()
		}
	}
}

// checkScopes names all missing scopes at once. granted is the header in which
// Slack lists them; without the header nothing is known and nothing refused.
func (b *Bot) checkScopes(granted string) error {
	if granted == "" {
		return nil
	}
	have := strings.FieldsFunc(granted, func(r rune) bool { return r == ',' || r == ' ' })
	need := scopes
	if len(b.people.groups) > 0 {
		need = append(slices.Clone(need), "usergroups:read")
	}
	var missing []string
	for _, scope := range need {
		if !slices.Contains(have, scope) {
			missing = append(missing, scope)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("the Slack app lacks the bot scopes %s: add them under OAuth & Permissions and reinstall the app", strings.Join(missing, ", "))
	}
	return nil
}

// sleep waits for d and reports whether ctx is still alive.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
