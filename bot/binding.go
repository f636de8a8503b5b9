package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// BindingError says that the database works for another Workfront or another Slack
// workspace than the one that the configuration names.
type BindingError struct {
	text string // for the operator; what is wrong and what to do
}

// Error implements error.
func (e *BindingError) Error() string { return e.text }

// bindWorkfront makes sure that the database is that of the configured Workfront,
// before anything is claimed: what was approved for one tenant is never carried out
// in another. The first one that a database sees is its own.
func (b *Bot) bindWorkfront(ctx context.Context) error {
	host, from := b.config.Workfront.Host(), b.config.MovedFrom
	err := b.bind(ctx, func(bound *store.Binding) (kind string, detail map[string]string, err error) {
		was := bound.Workfront
		bound.Workfront = host
		switch {
		case was == host:
			return "", nil, nil
		case was == "":
			return "workfront adopted", map[string]string{"host": host}, nil
		case was == from:
			return "workfront moved", map[string]string{"host": host, "from": was}, nil
		}
		text := fmt.Sprintf("the database works for the Workfront %s, and WORKFRONT_URL names %s. What was approved for one is never carried out in another: "+
			"set WFBOT_DATABASE_URL to the database of %s or to a new one, or WORKFRONT_URL to https://%s. "+
			"If it is the same Workfront under a new address, set WFBOT_MOVED_FROM=%s for the next start", was, host, host, was, was)
		if from != "" {
			text += "; it names another host now"
		}
		return "", nil, &BindingError{text}
	})
	if err == nil && from != "" {
		b.log.Warn("the database works for the host of WORKFRONT_URL: remove WFBOT_MOVED_FROM, which has no effect any more")
	}
	return err
}

// bindEvery is how often bindSlack tries while the database does not answer.
const bindEvery = time.Second

// bindSlack makes sure that the database is that of the workspace in which the bot
// is, before anything is judged: ids of people and groups mean nothing in another.
// It goes on while the database does not answer, until ctx ends.
func (b *Bot) bindSlack(ctx context.Context, self slackapi.Identity) error {
	for {
		err := b.bind(ctx, func(bound *store.Binding) (kind string, detail map[string]string, err error) {
			was := bound.Slack
			bound.Slack = self.TeamID
			switch was {
			case self.TeamID:
				return "", nil, nil
			case "":
				return "workspace adopted", map[string]string{"team_id": self.TeamID, "url": self.URL}, nil
			}
			return "", nil, &BindingError{fmt.Sprintf("the database works for the Slack workspace %s, and SLACK_BOT_TOKEN is of %s (%s): "+
				"set WFBOT_DATABASE_URL to the database of that workspace or to a new one, or set the tokens of the workspace that the database works for",
				was, self.TeamID, self.URL)}
		})
		if _, wrong := errors.AsType[*BindingError](err); err == nil || wrong {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b.log.Warn("the database does not answer, trying again", "error", err)
		b.database.Failed(err)
		select {
		case <-time.After(bindEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// bind has decide compare what the database works for, and change it. A change has a
// kind, under which it is recorded together with it.
func (b *Bot) bind(ctx context.Context, decide func(*store.Binding) (kind string, detail map[string]string, err error)) error {
	bound, err := b.config.Store.Binding(ctx)
	if err != nil {
		return err
	}
	kind, detail, err := decide(&bound)
	if kind == "" { // as at every start but the first
		return err
	}
	if err := b.config.Store.Update(ctx, b.now(), func(tx *store.Tx) error {
		bound, err := tx.Binding() // another process may have come first
		if err != nil {
			return err
		}
		if kind, detail, err = decide(&bound); kind == "" {
			return err
		}
		tx.Record("", request.Event{At: b.now(), Kind: kind, Actor: request.Bot, Detail: detail})
		return tx.Bind(bound)
	}); err != nil {
		return err
	}
	if kind != "" {
		b.log.Info("from now on the database works for this and nothing else", "event", kind, "detail", detail)
	}
	return nil
}
