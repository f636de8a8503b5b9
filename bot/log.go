package bot

import (
	"context"
	"log/slog"
	"strings"

	"wfbot/bot/loop"
)

// LogHandler returns a handler that has next write, and that adds to what is logged
// within a step of a request, a card or an interaction under which id that is: calls
// to Workfront do not know for whom they are made.
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
