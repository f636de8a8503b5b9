package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// target is a person as a command names them.
type target struct {
	Email string // lower case; empty: Slack shows none
	Name  string // of a person without e-mail
}

// targets finds out who is meant: each e-mail once, in the order of the command.
func (b *Bot) targets(ctx context.Context, people []request.Mention, self slackapi.Identity) ([]target, error) {
	var all []target
	for _, who := range people {
		found := target{Email: who.Email}
		if who.UserID != "" {
			mentioned, _, err := b.slack.Person(ctx, who.UserID, self)
			if trouble, _ := slackapi.Classify(err); err != nil && trouble != slackapi.NoPerson {
				return nil, err
			}
			found = target{Email: strings.ToLower(mentioned.Email)}
			if found.Email == "" {
				found.Name = mentioned.Name
			}
		}
		if found.Email == "" || !slices.Contains(all, found) {
			all = append(all, found)
		}
	}
	return all, nil
}

// newBatch asks for several people at once. r is what is common to all of them; its
// ID becomes that of the batch. Whoever cannot be asked for does not stop the
// others.
func (b *Bot) newBatch(r request.Request, targets []target) verdict {
	return verdict{apply: func(tx *store.Tx) error {
		var members []*request.Request
		for i, who := range targets {
			one := r
			one.ID, one.BatchID, one.Email = fmt.Sprintf("%s-%d", r.ID, i+1), r.ID, who.Email
			one.Target.Name = who.Name
			member := b.newRequest(one)
			if who.Email == "" {
				if err := member.Reject(request.RefusedNoSlackEmail, "", b.now()); err != nil {
					return err
				}
			}
			members = append(members, member)
		}
		return tx.InsertBatch(request.NewBatch(request.Batch{
			ID: r.ID, Action: r.Action, Reason: r.Reason, NotBefore: r.NotBefore, NotBeforeWords: r.NotBeforeWords,
			Requester: r.Requester, Channel: r.Channel, DryRun: b.config.DryRun, Display: request.Display{RemindEvery: b.config.RemindEvery},
		}, members, b.now()))
	}}
}

// judgeBatchClick is judgeClick for a button that is about several people.
func (b *Bot) judgeBatchClick(ctx context.Context, w *store.Interaction, who request.Person, kind request.DecisionKind, id, selection string) (verdict, error) {
	batch, members, err := b.selected(ctx, id, selection)
	v := verdict{batch: batch}
	if err != nil {
		return v, err
	}
	if !batch.HasButtons(w.ChannelID, w.MessageTS) {
		return v, request.RefusedStaleCard
	}
	if batch, members, err = b.selectedNow(ctx, batch, members, selection, kind, who); err != nil {
		return v, err
	}
	v.batch = batch
	may, left := b.split(members, kind, who)
	v.doubtful = someNotApprover(left)
	switch {
	case len(may) == 0:
		return v, nobodyLeft(left)
	case kind == request.Deny || kind == request.Cancel:
		return v, b.openForm(ctx, w, card.BatchForm(kind, batch, selection, may, w.UserID))
	}
	v.applyAll = b.decidingAll(batch, selection, kind, who, "")
	return v, nil
}

// split tells for whom of members a person may take a decision now, and for whom
// not and why.
func (b *Bot) split(members []*request.Request, kind request.DecisionKind, who request.Person) (may []*request.Request, left []card.Left) {
	for _, r := range members {
		no := b.config.Policy.MayDecide(kind, who, r)
		if no == request.Allowed && (kind == request.Deny || kind == request.Cancel) {
			no = r.MayTake(kind)
		}
		if no == request.Allowed {
			may = append(may, r)
		} else {
			left = append(left, card.Left{Request: r, Why: no})
		}
	}
	return may, left
}

func someNotApprover(left []card.Left) bool {
	return slices.ContainsFunc(left, func(l card.Left) bool {
		return l.Why == request.RefusedNotApprover || l.Why == request.RefusedManagerNoMore
	})
}

// judgeBatchForm is judgeForm for a form that is about several people.
func (b *Bot) judgeBatchForm(ctx context.Context, w *store.Interaction, who request.Person, form card.Form, id, selection string) (verdict, error) {
	batch, members, err := b.selected(ctx, id, selection)
	v := verdict{batch: batch}
	if err != nil {
		return v, err
	}
	w.ChannelID = batch.Card.Channel // where an answer can be given
	if !who.Is(form.Opener) {
		return v, request.RefusedNotTheOpener
	}
	if batch, members, err = b.selectedNow(ctx, batch, members, selection, form.Kind, who); err != nil {
		return v, err
	}
	v.batch = batch
	_, left := b.split(members, form.Kind, who)
	v.doubtful = someNotApprover(left)
	v.applyAll = b.decidingAll(batch, selection, form.Kind, who, w.Comment)
	return v, nil
}

// selected reads a batch and those of its members whom a button is about.
func (b *Bot) selected(ctx context.Context, id, selection string) (*request.Batch, []*request.Request, error) {
	batch, err := b.config.Store.Batch(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, request.RefusedUnknownRequest
	}
	if err != nil {
		return nil, nil, err
	}
	members, err := batch.Selected(selection)
	if err != nil {
		b.log.Warn("a button without meaning", "error", err)
		return batch, nil, request.RefusedUnknownAction
	}
	return batch, members, nil
}

// selectedNow is selected once more where a manager changed on whom it hangs whether
// who may take the decision.
func (b *Bot) selectedNow(ctx context.Context, batch *request.Batch, members []*request.Request, selection string,
	kind request.DecisionKind, who request.Person) (*request.Batch, []*request.Request, error) {
	if changed, err := b.managersNow(ctx, kind, who, members...); err != nil || !changed {
		return batch, members, err
	}
	return b.selected(ctx, batch.ID, selection)
}

// decidingAll takes a decision for each of the selected members for whom the
// person may, as they stand in the transaction, and says for whom not and why.
// That is recorded for each of them; where it is for nobody, it is a refusal.
func (b *Bot) decidingAll(batch *request.Batch, selection string, kind request.DecisionKind, who request.Person, comment string) func(*store.Tx) (string, error) {
	return func(tx *store.Tx) (string, error) {
		now := *batch
		var err error
		if now.Members, err = tx.Members(batch.ID); err != nil {
			return "", err
		}
		members, err := now.Selected(selection)
		if err != nil {
			return "", err
		}
		var taken []*request.Request
		var left []card.Left
		for _, r := range members {
			no, err := b.decideOne(tx, r, kind, who, comment)
			switch {
			case err != nil:
				return "", err
			case no != request.Allowed:
				left = append(left, card.Left{Request: r, Why: no})
			default:
				taken = append(taken, r)
			}
		}
		if len(taken) == 0 {
			return "", nobodyLeft(left)
		}
		for _, l := range left {
			tx.Record(l.Request.ID, request.Event{At: b.now(), Kind: "refused", Actor: who.ID, Detail: map[string]string{
				"what": string(kind), "why": string(l.Why),
			}})
		}
		return card.BatchAnswer(kind, taken, left), nil
	}
}

// decideOne takes a decision for one member and saves it, or says why not.
func (b *Bot) decideOne(tx *store.Tx, r *request.Request, kind request.DecisionKind, who request.Person, comment string) (request.Refusal, error) {
	if no := b.config.Policy.MayDecide(kind, who, r); no != request.Allowed {
		return no, nil
	}
	err := b.applyDecision(tx, r, kind, who, comment)
	var no request.Refusal
	switch {
	case errors.As(err, &no):
		return no, nil
	case err != nil:
		return request.Allowed, err
	}
	return request.Allowed, tx.Save(r)
}

// nobodyLeft is the refusal where a decision could be taken for nobody: the reason
// that holds for all, if it is about the person and not about how each stands.
func nobodyLeft(left []card.Left) request.Refusal {
	aboutPerson := []request.Refusal{
		request.RefusedUnknownPerson, request.RefusedDeactivated, request.RefusedBot, request.RefusedExternal, request.RefusedGuest,
		request.RefusedNotApprover, request.RefusedManagerNoMore, request.RefusedOwnRequest, request.RefusedOwnAccount, request.RefusedNoEmail,
		request.RefusedAlreadyApproved,
	}
	for _, l := range left {
		if l.Why != left[0].Why || !slices.Contains(aboutPerson, l.Why) {
			return request.RefusedNobodyLeft
		}
	}
	if len(left) == 0 {
		return request.RefusedNobodyLeft
	}
	return left[0].Why
}
