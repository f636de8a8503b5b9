package handler

import (
	"context"

	"github.com/slack-go/slack"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// details answers with the names of what the target of r still holds, for those
// who may see them. That they were shown is in the audit trail before they are. Until
// they are read, a modal shows what is counted.
func (h *Handler) details(ctx context.Context, in *store.Interaction, who request.Person, r *request.Request) (verdict, error) {
	v := verdict{about: r}
	if no := h.Policy.MaySee(who, r); no != request.Allowed {
		return v, no
	}
	if !card.HasDetails(r) {
		return v, request.RefusedNothingHeld
	}
	h.openDetails(ctx, in, r)
	var kinds []string
	for _, h := range r.Holdings {
		if h.Count > 0 {
			kinds = append(kinds, h.Kind)
		}
	}
	names, err := h.Workfront.Names(ctx, r, kinds)
	if err != nil {
		return v, err
	}
	answer := card.Details(r, names)
	h.showLater(in, answer, card.DetailsModal(r, names))
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

// openDetails opens the modal where in will be answered, unless it is open. Without
// it the answer is private all the same, so that nobody has to press again. A crash
// after it: the modal stays as it is, and the answer is a private message.
func (h *Handler) openDetails(ctx context.Context, in *store.Interaction, r *request.Request) {
	route := h.Slack.ReplyRoute(in.ID)
	if route.Modal != nil {
		return
	}
	opening, cancel := context.WithTimeout(ctx, slackapi.TriggerFor)
	defer cancel()
	id, err := h.Slack.OpenView(opening, route, card.DetailsOpening(r))
	if err != nil {
		h.Log.Info("a modal could not be opened, the answer is private", "interaction", in.ID, "user", in.UserID, "error", err)
		h.Operator.FormRefused(ctx, err)
		return
	}
	route.Modal = &slackapi.Modal{ID: id}
	h.Slack.KeepReplyRoute(in.ID, route)
}

// showLater has the modal that is open for in, if there is one, show the names once the
// answer is stored.
func (h *Handler) showLater(in *store.Interaction, answer string, names slack.ModalViewRequest) {
	if route := h.Slack.ReplyRoute(in.ID); route.Modal != nil {
		route.Modal = &slackapi.Modal{ID: route.Modal.ID, Answer: answer, Shows: names}
		h.Slack.KeepReplyRoute(in.ID, route)
	}
}

// answerInModal shows the answer to in in the modal that was opened for it, and reports
// whether it did: this process may have opened none, its reader may have closed it, and
// a refusal is private.
func (h *Handler) answerInModal(ctx context.Context, in *store.Interaction) bool {
	route := h.Slack.ReplyRoute(in.ID)
	if route.Modal == nil || route.Modal.Answer != in.Answer {
		return false
	}
	err := h.Slack.UpdateView(ctx, route.Modal.ID, route.Modal.Shows)
	if err != nil {
		h.Log.Info("a modal does not take the answer, which is private instead", "interaction", in.ID, "user", in.UserID, "error", err)
	}
	route.Modal = nil // with the names
	h.Slack.KeepReplyRoute(in.ID, route)
	return err == nil
}
