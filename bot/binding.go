package bot

import (
	"context"
	"errors"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// bindWorkfront makes sure that the database is that of the configured Workfront,
// before anything is claimed: what was approved for one tenant never takes effect in
// another. The first one that a database sees is its own.
func (b *Bot) bindWorkfront(ctx context.Context) error {
	host, from := b.config.Workfront.Host(), b.config.MovedFrom
	err := b.bind(ctx, func(bound *store.Binding) (kind string, detail map[string]string, err error) {
		was := bound.Workfront
		if err := bound.CheckWorkfront(host, from); err != nil {
			return "", nil, err
		}
		bound.Workfront = host
		switch was {
		case host:
			return "", nil, nil
		case "":
			return "workfront adopted", map[string]string{"host": host}, nil
		}
		return "workfront moved", map[string]string{"host": host, "from": was}, nil
	})
	if err == nil && from != "" {
		b.log.Warn("the database is bound to the host of WORKFRONT_URL already: remove WFBOT_MOVED_FROM, it has no effect any more")
	}
	return err
}

// bindEvery is how often bindSlack tries while the database does not answer.
const bindEvery = time.Second

// bindSlack makes sure that the database is that of the bot's workspace, before anything
// is judged: ids of people and groups mean nothing in another. It goes on while the
// database does not answer, until ctx ends.
func (b *Bot) bindSlack(ctx context.Context, self slackapi.Identity) error {
	for {
		err := b.bind(ctx, func(bound *store.Binding) (kind string, detail map[string]string, err error) {
			was := bound.Slack
			if err := bound.CheckSlack(self.TeamID, self.URL); err != nil {
				return "", nil, err
			}
			if was == self.TeamID {
				return "", nil, nil
			}
			bound.Slack = self.TeamID
			return "workspace adopted", map[string]string{"team_id": self.TeamID, "url": self.URL}, nil
		})
		if _, wrong := errors.AsType[*store.BindingError](err); err == nil || wrong {
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
// kind: it is recorded under that, in the same transaction.
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
		b.log.Info("the database is now bound to this", "event", kind, "detail", detail)
	}
	return nil
}
