package workfrontapi

import (
	"context"
	"errors"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/operator"
	"wfbot/bot/request"
	"wfbot/workfront"

	"golang.org/x/sync/errgroup"
)

const (
	// countFor is how long counting what somebody holds may take: the card waits.
	countFor = 5 * time.Second
	// detailsFor is how long reading the names may take: a person waits.
	detailsFor = 10 * time.Second
	// detailsEach is how many names are shown of a kind.
	detailsEach = 5
)

// Count reads what a user holds. until is when it can be read again, if the bot was
// turned away.
func (c *Client) Count(ctx context.Context, userID string) (counted []workfront.Holding, until time.Time) {
	counting, cancel := context.WithTimeout(ctx, countFor)
	defer cancel()
	counted = c.Holdings(counting, userID)
	errs := make([]error, len(counted))
	for i, h := range counted {
		errs[i] = h.Err
	}
	if err := operator.TurnedAwayIn(errs); err != nil {
		until = c.access.Pause(ctx, err)
	}
	return counted, until
}

// ErrBusy stands for what cannot be read yet, since as many read as may.
var ErrBusy = errors.New("as much is being read for people as may be at once")

// Names reads the names of things of these kinds that the target of r holds, while
// somebody waits for it. The error is ErrBusy.
func (c *Client) Names(ctx context.Context, r *request.Request, kinds []string) ([]card.HeldList, error) {
	select {
	case c.reading <- struct{}{}:
		defer func() { <-c.reading }()
	default:
		return nil, ErrBusy
	}
	ctx, cancel := context.WithTimeout(workfront.With(ctx, workfront.ForReader), detailsFor)
	defer cancel()
	lists := make([]card.HeldList, len(kinds))
	errs := make([]error, len(kinds))
	if until, why := c.access.AskIfPaused(ctx, r.LastRetry()); !until.IsZero() {
		for i, kind := range kinds {
			lists[i] = card.HeldList{Kind: kind, Trouble: Explain(why)}
		}
		return lists, nil
	}
	var reading errgroup.Group
	reading.SetLimit(atOnce)
	for i, kind := range kinds {
		reading.Go(func() error {
			names, more, err := c.HeldNames(ctx, r.Target.ID, workfront.HoldingKind(kind), detailsEach)
			lists[i], errs[i] = card.HeldList{Kind: kind, Names: names, More: more}, err
			if err != nil {
				c.log.Warn("names of what a user holds could not be read", "workfront_id", r.Target.ID, "kind", kind, "error", err)
				lists[i].Trouble = Explain(err)
			}
			return nil
		})
	}
	_ = reading.Wait() // each list has its own trouble
	if err := operator.TurnedAwayIn(errs); err != nil {
		c.access.Pause(ctx, err)
	}
	return lists, nil
}
