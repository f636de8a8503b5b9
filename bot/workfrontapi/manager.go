package workfrontapi

import (
	"context"
	"slices"

	"wfbot/bot/operator"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/workfront"

	"golang.org/x/sync/errgroup"
)

// ManagerOf returns the Slack user who approves as the target's manager: with the
// e-mail of the Workfront manager, allowed to decide, and not the requester; or
// why there is none.
func (c *Client) ManagerOf(ctx context.Context, r *request.Request, target request.Target) (request.Identity, request.NoManager, error) {
	self := c.slack.Self()
	if self == nil {
		return request.Identity{}, "", slackapi.ErrNotIdentified
	}
	if target.ManagerEmail == "" {
		if slices.Contains(target.Missing, request.MissingManager) {
			return request.Identity{}, request.ManagerUnread, nil
		}
		return request.Identity{}, request.ManagerNone, nil
	}
	id, err := c.slack.ByEmail(ctx, target.ManagerEmail)
	if err != nil || id == "" {
		return request.Identity{}, request.ManagerNotHere, err
	}
	who, _, err := c.slack.Person(ctx, id, *self)
	if err != nil {
		return request.Identity{}, "", err
	}
	as := *r
	as.Target, as.Manager = target, who.Identity
	switch c.policy.MayDecide(request.Approve, who, &as) {
	case request.Allowed:
		return who.Identity, "", nil
	case request.RefusedOwnRequest:
		return request.Identity{}, request.ManagerRequester, nil
	case request.RefusedDeactivated:
		return request.Identity{}, request.ManagerNotHere, nil
	}
	return request.Identity{}, request.ManagerMayNot, nil
}

// Managing finds out who manages the target of r now, with facts at most slackapi.FactsFor
// old. Where Workfront does not say it, or no longer has the user, it is nobody.
func (c *Client) Managing(ctx context.Context, r *request.Request) (request.Managing, error) {
	target, err := slackapi.Known(ctx, c.slack, "manager of "+r.Target.ID, func(ctx context.Context) (request.Target, error) {
		user, err := c.Get(ctx, r.Target.ID)
		if RefusedForGood(err) {
			c.log.Warn("Workfront does not say who manages a user", "request", r.ID, "workfront_id", r.Target.ID, "error", err)
			return request.Target{Missing: []string{request.MissingManager}}, nil
		}
		return TargetOf(user), err
	})
	if err != nil {
		return request.Managing{}, err
	}
	as := r.Target
	as.Manager, as.ManagerEmail, as.Missing = target.Manager, target.ManagerEmail, target.Missing
	m := request.Managing{Name: target.Manager, Email: target.ManagerEmail}
	m.Manager, m.NoManager, err = c.ManagerOf(ctx, r, as)
	return m, err
}

// Managers is Managing for several, while somebody waits for it.
func (c *Client) Managers(ctx context.Context, requests []*request.Request) ([]request.Managing, error) {
	select {
	case c.reading <- struct{}{}:
		defer func() { <-c.reading }()
	default:
		return nil, ErrBusy
	}
	ctx, cancel := context.WithTimeout(workfront.With(ctx, workfront.ForReader), detailsFor)
	defer cancel()
	if until, why := c.access.AskIfPaused(ctx, requests[0].LastRetry()); !until.IsZero() {
		return nil, why
	}
	found := make([]request.Managing, len(requests))
	var reading errgroup.Group
	reading.SetLimit(atOnce)
	for i, r := range requests {
		reading.Go(func() (err error) {
			found[i], err = c.Managing(ctx, r)
			return err
		})
	}
	err := reading.Wait() // what was found is known for a while, so that the next try has less to ask
	if operator.TurnedAway(err) {
		c.access.Pause(ctx, err)
	}
	return found, err
}
