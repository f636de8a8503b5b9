package handler

import (
	"context"
	"slices"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// managerUnknownError says that it could not be found out whether somebody is the
// manager, as whom alone they might decide.
type managerUnknownError struct{ cause error }

func (e managerUnknownError) Error() string {
	return "finding out who manages a user: " + e.cause.Error()
}

func (e managerUnknownError) Unwrap() error { return e.cause }

// managersNow looks for the managers anew of those of requests about whom who may
// take a decision of this kind only as the manager, and stores those that changed,
// which it reports: the requests are to be read again then. The decision itself is
// judged by what is stored. A crash in between: it is judged anew.
func (h *Handler) managersNow(ctx context.Context, kind request.DecisionKind, who request.Person, requests ...*request.Request) (changed bool, err error) {
	hang := slices.DeleteFunc(slices.Clone(requests), func(r *request.Request) bool {
		return r.Target.ID == "" || !h.Policy.AsManager(kind, who, r) // or not looked up yet
	})
	if len(hang) == 0 {
		return false, nil
	}
	found, err := h.Workfront.Managers(ctx, hang)
	if err != nil {
		return false, managerUnknownError{err}
	}
	for i, r := range hang {
		if r.Manages(found[i]) {
			continue
		}
		changed = true
		if err := h.Store.Update(ctx, h.Now(), func(tx *store.Tx) error {
			r, err := tx.Request(r.ID)
			if err != nil {
				return err
			}
			h.Policy.ManagerFound(r, found[i], h.Now())
			return tx.Save(r)
		}); err != nil {
			return false, err
		}
	}
	return changed, nil
}
