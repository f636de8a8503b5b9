package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"wfbot/bot/health"
	"wfbot/bot/loop"
	"wfbot/bot/metrics"
	"wfbot/bot/operator"
	"wfbot/bot/request"
)

// observe makes what the people who run the bot see of it: the log of what happens to
// requests, metrics, and health.
func (b *Bot) observe() {
	b.config.Store.OnRecorded(b.recorded)
	b.health = health.New(health.Config{
		Live: b.loops.Working,
		Ready: []health.Check{
			{Name: "database", Works: b.databaseWorks},
			{Name: "slack", Works: b.slackWorks},
			{Name: "workfront", Works: b.workfrontWorks},
		},
		Metrics: b.config.Metrics.Handler(),
		Log:     b.log,
	})
	b.config.Metrics.Watch(metrics.Sources{
		Standing: b.standing, Connections: b.connections, Ready: b.health.Check, Now: b.now,
	})
}

// recorded counts and logs an entry of the audit trail once it is on disk. So one
// request can be followed in the log by its id. What the entry holds besides stays in
// the trail: it may be about people.
func (b *Bot) recorded(requestID string, e request.Event) {
	why := ""
	if e.Kind == "refused" || e.Kind == "rejected" { // a request.Refusal; elsewhere words that Workfront may have part in
		why = e.Detail["why"]
	}
	b.config.Metrics.Recorded(e.Kind, why)
	about := []any{"event", e.Kind, "request", requestID, "by", e.Actor}
	if why != "" {
		about = append(about, "why", why)
	}
	b.log.Info("recorded", about...)
}

// openPort opens the port where health and metrics are served; nil: none is.
func (b *Bot) openPort(ctx context.Context) (net.Listener, error) {
	if b.config.HTTPAddr == "" {
		return nil, nil
	}
	port, err := new(net.ListenConfig).Listen(ctx, "tcp", b.config.HTTPAddr)
	if err != nil {
		return nil, fmt.Errorf("opening the port of WFBOT_HTTP_ADDR: %w", err)
	}
	b.log.Info("serving health and metrics", "at", port.Addr().String())
	return port, nil
}

func (b *Bot) databaseWorks(ctx context.Context) error {
	if b.database.Fails() {
		return errors.New("does not take what is written")
	}
	if err := b.config.Store.Answers(ctx); err != nil {
		b.log.Warn("not ready: the database does not answer", "error", err)
		return errors.New("does not answer")
	}
	return nil
}

func (b *Bot) slackWorks(context.Context) error {
	switch {
	case !b.slack.Identified():
		return errors.New("has not said yet who wfbot is")
	case !b.Ready():
		return errors.New("no connection stands")
	}
	return nil
}

func (b *Bot) workfrontWorks(ctx context.Context) error {
	err := b.access.Works(ctx)
	switch {
	case err == nil:
		return nil
	case operator.TurnedAway(err): // which is in the log
		return errors.New("turns wfbot away: the credential is refused, or the address redirects")
	}
	b.log.Warn("not ready: Workfront has not said yet whether it takes the credential", "error", err)
	return errors.New("has not said yet whether it takes the credential")
}

// connections are how many connections to Slack stand, and how many are kept open.
func (b *Bot) connections() (open, wanted int) {
	sockets := b.sockets.Load()
	if sockets == nil {
		return 0, 0
	}
	return sockets.Connected(), sockets.Wanted()
}

// standing is how things stand in the database, for the metrics.
func (b *Bot) standing(ctx context.Context) (metrics.Standing, error) {
	found, err := b.config.Store.Standing(ctx, b.now())
	if err != nil {
		b.log.Warn("the metrics lack the numbers from the database", "error", err)
		return metrics.Standing{}, err
	}
	requests := make(map[string]int, len(found.Requests))
	for state, n := range found.Requests {
		requests[string(state)] = n
	}
	return metrics.Standing{Requests: requests, SetAside: found.SetAside, PeopleSince: found.PeopleSince, BotSince: found.BotSince}, nil
}

// LogHandler returns a handler that has next write. To what is logged within a step of a
// request, a card or an interaction it adds the id: calls to Workfront do not know who
// they are made for.
func LogHandler(next slog.Handler) slog.Handler { return rowHandler{next} }

type rowHandler struct{ slog.Handler }

// Handle implements slog.Handler.
func (h rowHandler) Handle(ctx context.Context, record slog.Record) error {
	switch kind, id, _ := strings.Cut(loop.Row(ctx), " "); kind {
	case "request", "card", "interaction":
		record.AddAttrs(slog.String(kind, id))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (h rowHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return rowHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h rowHandler) WithGroup(name string) slog.Handler { return rowHandler{h.Handler.WithGroup(name)} }
