package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"wfbot/bot"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

// Config is what Run needs.
type Config struct {
	// Listener is where the page is served: on a loopback address, open already.
	// Run closes it.
	Listener net.Listener
	Log      *slog.Logger // of the bot and everything around it; nil: slog.Default()
	Out      io.Writer    // where the page's address is printed; nil: nowhere
}

// Run serves the sandbox until ctx ends and returns nil then, with everything it
// started ended and every file it made removed. When the bot is connected and the
// page can be used, it prints the page's address.
func Run(ctx context.Context, config Config) (err error) {
	defer config.Listener.Close()
	if config.Log == nil {
		config.Log = slog.Default()
	}
	if config.Out == nil {
		config.Out = io.Discard
	}
	if err := refuseElsewhere(config.Listener); err != nil {
		return err
	}
	directory, err := os.MkdirTemp("", "wfbot-sandbox-")
	if err != nil {
		return fmt.Errorf("making a directory for the database: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()

	slack := slacksim.New(slackConfig(config.Log))
	defer slack.Close()
	if _, err := slack.Start("127.0.0.1:0"); err != nil {
		return err
	}
	tenant := workfrontsim.New(tenantConfig(config.Log))
	tenantURL, stopTenant, err := serveTenant(ctx, tenant, config.Log)
	if err != nil {
		return err
	}
	defer stopTenant()

	world := seed(slack, tenant, time.Now())
	database, err := store.Open(ctx, "sqlite:"+filepath.Join(directory, "wfbot.db"), config.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	client, err := workfront.New(workfront.Config{URL: tenantURL, APIKey: secret.Value(tenant.APIKey()), Log: config.Log})
	if err != nil {
		return fmt.Errorf("configuring the Workfront client: %w", err)
	}
	defer client.CloseIdleConnections()
	wfbot, err := bot.New(bot.Config{
		AppToken: secret.Value(slack.AppToken()), BotToken: secret.Value(slack.BotToken()), SlackURL: slack.APIURL(),
		Workfront: client, Store: database, Log: config.Log,
		// What wfbot run does unless told otherwise.
		Rules: request.Rules{Policy: world.policy, RemindEvery: 24 * time.Hour, VerifyAfter: 24 * time.Hour},
	})
	if err != nil {
		return err
	}
	page, err := newPage(slack, tenant, database, world, config.Log)
	if err != nil {
		return err
	}

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return wfbot.Run(ctx) })
	group.Go(func() error {
		if !ready(ctx, wfbot) {
			return nil
		}
		stop := serve(ctx, config.Listener, page.handler(), config.Log)
		defer stop()
		fmt.Fprintf(config.Out, "The sandbox is ready: http://%s\nPress Ctrl-C to end it.\n", config.Listener.Addr())
		<-ctx.Done()
		return nil
	})
	return group.Wait()
}

// refuseElsewhere returns an error unless the address is one that only this machine
// reaches.
func refuseElsewhere(listener net.Listener) error {
	if address, ok := listener.Addr().(*net.TCPAddr); !ok || !address.IP.IsLoopback() {
		return fmt.Errorf("the sandbox has no log-in, so it is served on loopback addresses only, not on %s", listener.Addr())
	}
	return nil
}

// ready waits until the bot is connected; false if ctx ended before.
func ready(ctx context.Context, b *bot.Bot) bool {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !b.Ready() {
		select {
		case <-look.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// serveTenant serves the simulated Workfront until stop is called; ctx may end
// before, since the bot finishes what it has in hand.
func serveTenant(ctx context.Context, tenant *workfrontsim.Server, log *slog.Logger) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tenant.Close()
		return "", nil, fmt.Errorf("listening for simulated Workfront: %w", err)
	}
	stopServing := serve(context.WithoutCancel(ctx), listener, tenant, log)
	return "http://" + listener.Addr().String(), func() { tenant.Close(); stopServing() }, nil
}

// serve serves handler until stop is called, which returns when all requests have
// ended. Their contexts descend from ctx.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) (stop func()) {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("serving ended", "address", listener.Addr(), "error", err)
		}
	}()
	return func() {
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close() // nobody is left to be told
		}
		<-served
	}
}
