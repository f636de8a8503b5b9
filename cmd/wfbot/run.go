package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"

	"wfbot/bot"
	"wfbot/bot/check"
	"wfbot/bot/metrics"
	"wfbot/bot/request"
	"wfbot/bot/store"
	"wfbot/workfront"
)

// runBot is "wfbot run".
func runBot(ctx context.Context, p process, flags *flag.FlagSet, args []string) (err error) {
	if done, err := p.parse(flags, args, runHelp()); done {
		return err
	}
	c, err := loadConfig(p.environ, dotenv)
	if err != nil {
		return err
	}
	log := c.logger(p.stderr)
	counted := metrics.New(versionText())
	access := c.workfront(log)
	access.Wrap = counted.Workfront
	client, err := workfront.New(access)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	db, err := store.Open(ctx, c.DatabaseURL.Reveal(), log)
	if err != nil && ctx.Err() != nil { // told to end, which is no failure
		log.Info("wfbot has ended before it began", "because", err)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	warnOfReaders(log, append(db.Files(), dotenv)...)
	config := c.bot(client, db, log)
	config.Metrics = counted
	b, err := bot.New(config)
	if err != nil {
		return err
	}
	log.Info("wfbot starts", "version", versionText(), "workfront", c.Workfront.URL, "dry_run", c.DryRun)
	if err := b.Run(ctx); err != nil {
		if wrong, ok := errors.AsType[*store.BindingError](err); ok {
			return &misuse{wrong.Error()}
		}
		return err
	}
	log.Info("wfbot has ended")
	return nil
}

// warnOfReaders names the files that somebody besides their owner may read or
// change. Those that do not exist are passed over.
func warnOfReaders(log *slog.Logger, files ...string) {
	for _, exposed := range check.Exposed(files...) {
		log.Warn(exposed.What+": "+exposed.Do, "file", exposed.Subject)
	}
}

func runHelp() string {
	return "Usage: wfbot run\n\n" +
		"Connects to Slack and Workfront and works until it is told to end (SIGINT,\n" +
		"SIGTERM). The log goes to standard error.\n\n" +
		"These environment variables are read, and the file " + dotenv + " in the working\n" +
		"directory; a variable of the environment takes precedence over the file. Tokens,\n" +
		"keys and the database address can also be read from a file each: NAME_FILE\n" +
		"instead of NAME, where the file holds nothing else.\n" +
		describe[config]()
}

func (c *config) logger(to io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(bot.LogHandler(slog.NewJSONHandler(to, options)))
	}
	return slog.New(bot.LogHandler(slog.NewTextHandler(to, options)))
}

func (c *config) workfront(log *slog.Logger) workfront.Config {
	cfg := workfront.Config{URL: c.Workfront.URL, Version: c.Workfront.APIVersion, APIKey: c.WorkfrontAPIKey, Concurrency: c.WorkfrontConcurrency, Log: log,
		UserFields: c.reads.userFields, ClosedStatuses: c.reads.closed, DecidedStatuses: c.reads.decided}
	if c.WorkfrontAPIKey == "" {
		cfg.OAuth = &workfront.OAuth{
			ClientID:     c.WorkfrontClientID,
			ClientSecret: c.WorkfrontClientSecret,
			CustomerID:   c.WorkfrontCustomerID,
			UserID:       c.WorkfrontUserID,
			PrivateKey:   c.WorkfrontPrivateKey,
		}
	}
	return cfg
}

func (c *config) bot(client *workfront.Client, db *store.Store, log *slog.Logger) bot.Config {
	return bot.Config{
		AppToken:    c.SlackAppToken,
		BotToken:    c.SlackBotToken,
		SlackURL:    c.SlackAPIURL,
		Connections: c.SlackConnections,
		Workfront:   client,
		Store:       db,
		MovedFrom:   c.MovedFrom,
		OpsChannel:  c.OpsChannel,
		HTTPAddr:    c.HTTP.Addr,
		Rules: request.Rules{
			Policy: c.policy, Channel: c.Channel, UserPage: c.WorkfrontUserPage, RequestTTL: c.RequestTTL, RemindEvery: c.RemindEvery,
			StopWindow: c.StopWindow, VerifyAfter: c.VerifyAfter, DryRun: c.DryRun, Retain: c.Retain,
		},
		Log: log,
	}
}
