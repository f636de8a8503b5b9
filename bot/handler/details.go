package handler

import (
	"context"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/store"
)

// details answers with the names of what the target of r still holds, for those
// who may see them. That they were shown is in the audit trail before they are.
func (h *Handler) details(ctx context.Context, who request.Person, r *request.Request) (verdict, error) {
	v := verdict{about: r}
	if no := h.Policy.MaySee(who, r); no != request.Allowed {
		return v, no
	}
	var kinds []string
	for _, h := range r.Holdings {
		if h.Count > 0 {
			kinds = append(kinds, h.Kind)
		}
	}
	if len(kinds) == 0 {
		return v, request.RefusedNothingHeld
	}
	names, err := h.Workfront.Names(ctx, r, kinds)
	if err != nil {
		return v, err
	}
	answer := card.Details(r, names)
	v.apply = func(tx *store.Tx) (string, error) {
		now, err := tx.Request(r.ID)
		if err != nil {
			return "", err
		}
		if no := h.Policy.MaySee(who, now); no != request.Allowed {
			return "", no
		}
		tx.Record(r.ID, request.Event{At: h.Now(), Kind: "details shown", Actor: who.ID, Detail: map[string]string{
			"workfront_id": r.Target.ID,
		}})
		return answer, nil
	}
	return v, nil
}
