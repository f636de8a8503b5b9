package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"wfbot/bot/handler"
	"wfbot/bot/health"
	"wfbot/bot/inbox"
	"wfbot/bot/loop"
	"wfbot/bot/metrics"
	"wfbot/bot/operator"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/socket"
	"wfbot/bot/store"
	"wfbot/bot/worker"
	"wfbot/bot/workfrontapi"
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

	request.Rules
	OpsChannel string // Slack channel id for trouble that needs the operator; empty: none

	// HTTPAddr is the host and port where health and metrics are served; empty: no port
	// is opened. See package health.
	HTTPAddr string
	Metrics  *metrics.Metrics // nil: the bot's own

	Log *slog.Logger     // nil: slog.Default()
	Now func() time.Time // nil: time.Now
}

const defaultTTL = 72 * time.Hour

// Bot is one process's share of the work. Several may share a database on
// PostgreSQL.
type Bot struct {
	config Config
	log    *slog.Logger
	now    func() time.Time
	slack  *slackapi.Client

	operator *operator.Operator
	database *operator.Database // whether it works
	access   *operator.Access
	health   *health.Server

	inbox   *inbox.Inbox
	worker  *worker.Worker
	loops   *loop.Loops
	sockets atomic.Pointer[socket.Pool]
	stop    context.CancelCauseFunc
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
	config.RequestTTL = cmp.Or(config.RequestTTL, defaultTTL)
	config.Log = cmp.Or(config.Log, slog.Default())
	if config.Metrics == nil {
		config.Metrics = metrics.New("")
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	b := &Bot{
		config: config,
		log:    config.Log,
		// Stored times are whole milliseconds; so are the times compared with them.
		now: func() time.Time { return config.Now().UTC().Truncate(time.Millisecond) },
	}
	b.slack = slackapi.New(slackapi.Config{
		Token:    config.BotToken,
		URL:      config.SlackURL,
		Timeout:  config.SlackTimeout,
		Groups:   slices.Concat(config.Policy.Requesters.Groups, config.Policy.Approvers.Groups),
		Unusable: b.fail,
		NoGroup: func(id string) {
			b.operator.Later("there is no such user group: "+id, "Slack does not know the user group %s of WFBOT_REQUESTERS or WFBOT_APPROVERS, or it is disabled. "+
				"Nobody may do anything because they are in it. Enable it, or replace it there and start wfbot again.", id)
		},
		Wrap: config.Metrics.Slack, WrapReplies: config.Metrics.SlackReply,
		Log: config.Log,
		Now: config.Now,
	})
	b.operator = operator.New(b.slack, config.OpsChannel, b.log, b.now)
	b.database = operator.NewDatabase(b.operator, config.Store.Writable)
	b.wire()
	b.observe()
	return b, nil
}

// wire makes the stages; what connects them are the rows.
func (b *Bot) wire() {
	config := b.config
	b.access = operator.NewAccess(config.Workfront, b.operator, b.log, b.now)
	client := workfrontapi.New(config.Workfront, b.access, b.slack, config.Policy, b.log)
	b.inbox = inbox.New(inbox.Config{
		Store: config.Store, Slack: b.slack, Operator: b.operator, Database: b.database, Metrics: config.Metrics,
		Policy: config.Policy, Channel: config.Channel,
		Log: b.log, Now: b.now,
	})
	handle := handler.New(handler.Config{
		Store: config.Store, Slack: b.slack, Workfront: client, Operator: b.operator,
		Rules: config.Rules, Log: b.log, Now: b.now,
	})
	b.worker = worker.New(worker.Config{
		Store: config.Store, Slack: b.slack, Workfront: client, Operator: b.operator, Access: b.access, Metrics: config.Metrics,
		Rules: config.Rules, Log: b.log, Now: b.now,
	})
	b.loops = loop.New(loop.Config{
		Kinds:     append(b.worker.Kinds(), handle.Kind()),
		Next:      config.Store.Next,
		Release:   config.Store.Release,
		SetAside:  b.setAside,
		Failed:    b.database.Failed,
		NotStored: b.stepNotStored,
		Log:       b.log,
		Now:       b.now,
	})
	config.Store.WhenDue(b.loops.Due)
}

// stepNotStored tells the operator of a step whose result could not be stored.
func (b *Bot) stepNotStored(ctx context.Context, row string, err error) {
	b.operator.Alarm(ctx, "a step could not be stored", "wfbot could not store the result for %s and tries again: %v", row, err)
}

// setAside sets a row aside and tells the operator, in this order: the others wait for
// nobody.
func (b *Bot) setAside(ctx context.Context, lease store.Lease, row string, why error) error {
	if err := b.config.Store.SetAside(ctx, lease, why.Error(), b.now()); err != nil {
		return err
	}
	b.operator.SetAside(ctx, row, why)
	return nil
}

// Run works until ctx ends and returns nil then, after the effects in hand have
// ended or loop.ShutdownGrace has passed. It returns an error when it cannot go on:
// Slack refuses the tokens, or a scope is missing, or, a *store.BindingError, the database
// is another Workfront's or workspace's, or the port of HTTPAddr cannot be opened.
func (b *Bot) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	b.stop = stop

	port, err := b.openPort(ctx)
	if err != nil {
		return err
	}
	if port != nil {
		defer port.Close() // does nothing where it has been served
	}
	if err := b.prepare(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}

	// Whoever goes on with the work of this process has to know that it is there, until
	// its last step has ended.
	defer b.config.Store.Attend(ctx, b.log)()

	running := ctx
	group, ctx := errgroup.WithContext(ctx)
	// The loops start first: what was approved before a crash needs no word from Slack to
	// be executed.
	group.Go(func() error { b.loops.Run(ctx); return nil })
	group.Go(func() error { b.database.Watch(ctx); return nil })
	group.Go(func() error { b.operator.Watch(ctx); return nil })
	group.Go(func() error { b.worker.WatchChannels(ctx, b.database.Failed); return nil })
	group.Go(func() error { return b.listen(ctx) })
	if port != nil {
		group.Go(func() error { return b.health.Serve(ctx, port) })
	}
	group.Go(func() error { b.inbox.OpenForms(ctx); return nil })
	err = group.Wait()
	if cause := context.Cause(running); cause != nil { // whoever gave up said why; the others only noticed
		err = cause
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// prepare tells the database what it has to know before work begins.
func (b *Bot) prepare(ctx context.Context) error {
	if err := b.bindWorkfront(ctx); err != nil {
		return err
	}
	// What could not be handled is tried again: it may have been fixed.
	if err := b.config.Store.TakeUpSetAside(ctx); err != nil {
		return err
	}
	return b.worker.AddDuties(ctx)
}

// fail ends Run with err: the process cannot go on.
func (b *Bot) fail(err error) { b.stop(err) }

// listen learns who the bot is and then takes in what Slack delivers.
func (b *Bot) listen(ctx context.Context) error {
	self, err := b.slack.Identify(ctx)
	if err != nil {
		return err
	}
	if err := b.bindSlack(ctx, self); err != nil {
		return err
	}
	b.slack.WorkAs(self)
	b.loops.Wake() // interactions of before a restart wait for this
	b.log.Info("connected to Slack", "team", self.TeamID, "bot_user", self.UserID)
	deployment := newDeployment(b)
	sockets, err := socket.New(socket.Config{
		AppToken:     b.config.AppToken,
		APIURL:       b.config.SlackURL,
		Connections:  b.config.Connections,
		Handler:      b.inbox.Take,
		TooMany:      b.tooManyConnections,
		Greeted:      deployment.greeted,
		Acknowledged: b.config.Metrics.Acknowledged,
		Wrap:         b.config.Metrics.Slack,
		Log:          b.log,
	})
	if err != nil {
		return err
	}
	b.sockets.Store(sockets)
	return deployment.run(ctx, sockets)
}

// tooManyConnections tells the operator that Slack turns connections away.
func (b *Bot) tooManyConnections(ctx context.Context) {
	b.operator.Alarm(ctx, "Slack allows no more connections", "Slack turns connections of wfbot away: an app may have 10 in all. "+
		"The number of wfbot processes times WFBOT_SLACK_CONNECTIONS must be at most 10; lower one of them. "+
		"Until then the open connections do the work.")
}

// Ready reports whether the bot takes in interactions: Slack has said who the bot is
// and at least one Socket Mode connection stands.
func (b *Bot) Ready() bool {
	sockets := b.sockets.Load()
	return b.slack.Identified() && sockets != nil && sockets.Connected() > 0
}
