package worker

import (
	"context"
	"fmt"

	"wfbot/bot/card"
	"wfbot/bot/loop"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// claimCard takes the next due card, nil if there is none.
func (w *Worker) claimCard(ctx context.Context) (*loop.Step, error) {
	c, lease, err := w.Store.ClaimCard(ctx, w.Now(), loop.LeaseFor)
	if c == nil {
		return nil, err
	}
	return &loop.Step{Row: "card " + c.ID, Lease: lease, Do: func(ctx context.Context) error {
		if err != nil {
			return err
		}
		return w.stepCard(ctx, c, lease)
	}}, nil
}

// stepCard does the one thing that a claimed card needs now.
func (w *Worker) stepCard(ctx context.Context, c *request.Card, lease store.Lease) error {
	step, at := c.Next(w.Now())
	if step == request.Nothing || at.After(w.Now()) {
		return w.noteCard(ctx, c.ID, lease, func(*request.Card) error { return nil })
	}
	w.Metrics.Step(string(step), c.TriedBefore(step))
	w.Log.Debug("step", "card", c.ID, "step", string(step))
	switch step {
	case request.PostCard:
		return w.post(ctx, c, lease)
	case request.PaintCard:
		return w.paint(ctx, c, lease)
	case request.Tell:
		return w.tell(ctx, c, lease)
	case request.Remind:
		return w.remind(ctx, c, lease)
	}
	return &request.ImpossibleError{What: fmt.Sprintf("nobody knows the step %q of a card", step)}
}

// storeCard applies what a step found to the card and its requests as they stand
// now, if the lease is still ours, and ends the claim. What is known is stored even
// if the step has run out of time.
func (w *Worker) storeCard(ctx context.Context, id string, lease store.Lease, apply func(*request.Card) error) error {
	return w.Store.Update(context.WithoutCancel(ctx), w.Now(), saveCard(id, lease, apply))
}

// noteCard is storeCard for a step that does no harm if its result is lost and it is done
// again. The audit trail does not need to know of it.
func (w *Worker) noteCard(ctx context.Context, id string, lease store.Lease, apply func(*request.Card) error) error {
	return w.Store.UpdateUnsynced(context.WithoutCancel(ctx), w.Now(), saveCard(id, lease, apply))
}

func saveCard(id string, lease store.Lease, apply func(*request.Card) error) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		c, err := tx.ClaimedCard(id, lease)
		if err != nil {
			return err
		}
		if err := apply(c); err != nil {
			return err
		}
		return tx.SaveCardAndRelease(c)
	}
}

// nameOf is what the operator calls what a card is about: one command is one request to
// them, for however many people.
func nameOf(c *request.Card) string { return "request " + c.ID }

// view is how this bot's cards are drawn.
func (w *Worker) view(buttons bool) card.View {
	return card.View{Buttons: buttons, Approvers: w.Policy.Approvers, StopWindow: w.StopWindow, UserPage: w.UserPage}
}

// draw is the card as Slack's methods take it.
func (w *Worker) draw(c *request.Card, buttons bool) slackapi.Message {
	return slackapi.Drawn(card.Message(c, w.view(buttons)))
}
