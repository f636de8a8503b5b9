// Package evidence collects what [invariant.Check] wants to see: from the
// database, and from the journals of the simulated Slack and Workfront. It is for
// tests.
//
// What the program says of itself is never taken for what happened: whether a
// interaction was acknowledged, a person was told, a card shows its request or a write
// took effect comes from the simulators, and the database only says what the
// program believes.
package evidence

import (
	"context"
	"fmt"
	"time"

	"wfbot/bot/bottest/invariant"
	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/bot/store"
	"wfbot/workfront/workfrontsim"
)

// Sources are the witnesses of one world. All fields but StopWindow, Settled, Killed
// and Tolerance are needed.
type Sources struct {
	Store     *store.Store
	Slack     *slacksim.Server
	Workfront *workfrontsim.Server
	Policy    request.Policy
	// StopWindow is the program's, since cards name it.
	StopWindow time.Duration
	// Settled says that everything has come to rest; see invariant.World.
	Settled bool
	// Killed says that the program was, on the way: a form that somebody asked it for
	// just before need not have opened, which they saw.
	Killed bool
	// Tolerance is how far a stored time may lie from the simulators'; 0: a
	// millisecond, which is how precisely times are stored.
	Tolerance time.Duration
}

// Gather returns the world as the sources show it. The audit trail is verified
// on the way; a trail that is not whole is an error.
//
// Gather waits for nothing: unless the program has ended or come to rest, what
// it returns may be in the middle of things.
func Gather(ctx context.Context, s Sources) (invariant.World, error) {
	requests, err := s.Store.Requests(ctx)
	if err != nil {
		return invariant.World{}, err
	}
	cards, err := s.Store.Cards(ctx)
	if err != nil {
		return invariant.World{}, err
	}
	trail, err := trailOf(ctx, s.Store)
	if err != nil {
		return invariant.World{}, err
	}
	interactions, _, err := s.Store.Interactions(ctx)
	if err != nil {
		return invariant.World{}, err
	}
	w := invariant.World{
		Requests:   requests,
		Cards:      cards,
		Trail:      trail,
		Calls:      calls(s.Workfront),
		Inactive:   inactive(s.Workfront),
		Needed:     s.Policy.Needed,
		StopWindow: s.StopWindow,
		Tolerance:  max(s.Tolerance, time.Millisecond),
		Settled:    s.Settled,
	}
	slack := workspace{Server: s.Slack, requests: requests, cards: cards, view: card.View{
		Buttons: true, Approvers: s.Policy.Approvers, StopWindow: s.StopWindow,
	}}
	if w.Messages, err = slack.messages(); err != nil {
		return invariant.World{}, err
	}
	w.Told = slack.told()
	w.Interactions = slack.interactions(interactions, s.Settled && !s.Killed)
	w.Deeds = slack.decisions()
	w.Approver = slack.approver(s.Policy.Approvers)
	return w, nil
}

// trailOf reads and verifies the whole audit trail.
func trailOf(ctx context.Context, st *store.Store) ([]invariant.Entry, error) {
	found, err := st.VerifyTrail(ctx)
	if err != nil {
		return nil, fmt.Errorf("verifying the audit trail: %w", err)
	}
	if found.Before != "" {
		return nil, fmt.Errorf("verifying the audit trail: before it was hashed anew, %s", found.Before)
	}
	stored, err := st.Trail(ctx, 0, int(found.Entries)+1)
	if err != nil {
		return nil, err
	}
	trail := make([]invariant.Entry, len(stored))
	for i, e := range stored {
		trail[i] = invariant.Entry{RequestID: e.RequestID, Kind: e.Kind, Actor: e.Actor, At: e.At, Detail: e.Detail}
	}
	return trail, nil
}
