package handler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
	"wfbot/bot/workfrontapi"
)

// decisions are what the buttons and menus that decide mean.
var decisions = map[string]request.DecisionKind{
	card.ActionApprove: request.Approve, card.ActionDeny: request.Deny,
	card.ActionCancel: request.Cancel, card.ActionRetry: request.RunAgain, card.ActionLeaveOut: request.Cancel,
}

// pressed is what a button is about: one request, or some of those of a card.
type pressed struct {
	card      *request.Card
	requests  []*request.Request // of the card; never empty if it is about one
	selection string             // of several
	several   bool
}

// verdict is the verdict on what was pressed. Nothing is decided yet.
func (p pressed) verdict() verdict {
	if p.several || p.card == nil {
		return verdict{card: p.card}
	}
	return verdict{about: p.requests[0]}
}

// pressed reads what the value of a button is about; a request.Refusal if that is
// nothing.
func (h *Handler) pressed(ctx context.Context, value string) (p pressed, err error) {
	id, selection, several := card.ParseValue(value)
	p = pressed{selection: selection, several: several}
	cardID := id
	if !several {
		r, err := h.Store.Request(ctx, id)
		if err != nil {
			return pressed{}, unknownRequest(err)
		}
		cardID, p.requests = r.CardID, []*request.Request{r}
	}
	if p.card, err = h.Store.Card(ctx, cardID); err != nil || !several {
		return p, unknownRequest(err)
	}
	if p.requests, err = p.card.Selected(selection); err != nil {
		h.Log.Warn("a button without meaning", "error", err)
		return p, request.RefusedUnknownAction
	}
	return p, nil
}

func unknownRequest(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return request.RefusedUnknownRequest
	}
	return err
}

func (h *Handler) handleClick(ctx context.Context, in *store.Interaction, who request.Person) (verdict, error) {
	kind, decides := decisions[in.ActionID]
	if !decides && in.ActionID != card.ActionDetails && in.ActionID != card.ActionReactivate {
		return verdict{}, request.RefusedUnknownAction
	}
	// The program was not running: what the card showed may no longer be true.
	if (kind == request.Approve || kind == request.RunAgain) && h.Now().Sub(in.ReceivedAt) > request.OverdueAfter {
		return verdict{}, request.RefusedPressedLate
	}
	p, err := h.pressed(ctx, in.Value)
	v := p.verdict()
	switch {
	case err != nil:
		return v, err
	case !p.card.HasButtons(in.ChannelID, in.MessageTS):
		return v, request.RefusedStaleCard
	case p.several && !decides: // details and the way back are about one
		return v, request.RefusedUnknownAction
	}
	if err := h.onlyOurs(ctx, p.card); err != nil {
		return v, err
	}
	if in.ActionID == card.ActionReactivate {
		return h.askBack(ctx, in, who, p.requests[0])
	}
	p, err = h.withManagersNow(ctx, in.Value, p, cmp.Or(kind, request.Approve), who) // who may approve may see details
	v = p.verdict()
	switch {
	case err != nil:
		return v, err
	case !decides:
		return h.details(ctx, in, who, p.requests[0])
	}
	may, left := h.split(p.requests, kind, who)
	v.doubtful = p.several && someNotApprover(left)
	switch {
	case len(may) == 0:
		return v, p.refusal(left)
	case in.ActionID == card.ActionDeny || in.ActionID == card.ActionCancel:
		return v, h.openForm(ctx, in, card.DecisionForm(kind, p.card, in.Value, may, in.UserID))
	}
	v.apply = h.deciding(p, kind, who, "")
	return v, nil
}

// onlyOurs is nil if nobody of another organisation can read the card's channel, as far as
// Slack shows it to the bot, by facts at most a minute old; else a request.Refusal.
func (h *Handler) onlyOurs(ctx context.Context, c *request.Card) error {
	facts, err := h.Slack.Channel(ctx, c.Channel)
	switch {
	case err != nil:
		return err
	case facts.External || c.Hidden:
		return request.RefusedSharedChannel
	case !facts.Member:
		return request.RefusedNotInChannel
	}
	return nil
}

// withManagersNow is p. If who may take the decision only as a manager, and such a
// manager has changed, p is read again.
func (h *Handler) withManagersNow(ctx context.Context, value string, p pressed, kind request.DecisionKind, who request.Person) (pressed, error) {
	if changed, err := h.managersNow(ctx, kind, who, p.requests...); err != nil || !changed {
		return p, err
	}
	return h.pressed(ctx, value)
}

// openForm asks for a comment on a decision. Pressing the button decides nothing:
// only the submitted form does, and it is judged again. If the form cannot be opened any
// more, the person is told, and presses again.
func (h *Handler) openForm(ctx context.Context, in *store.Interaction, form slack.ModalViewRequest) error {
	if _, err := h.Slack.OpenView(ctx, h.Slack.ReplyRoute(in.ID), form); err != nil {
		h.Log.Warn("a form could not be opened", "button", in.Value, "user", in.UserID, "error", err)
		h.Operator.FormRefused(ctx, err)
		return request.RefusedFormLate
	}
	return nil
}

func (h *Handler) handleForm(ctx context.Context, in *store.Interaction, who request.Person) (verdict, error) {
	form, err := card.ParseDecisionForm(in.Callback, in.Metadata)
	if err != nil {
		return verdict{}, request.RefusedUnknownAction
	}
	p, err := h.pressed(ctx, form.Value)
	if err != nil {
		return p.verdict(), err
	}
	in.ChannelID = p.card.Channel // where an answer can be given
	if !who.Is(form.Opener) {
		return p.verdict(), request.RefusedNotTheOpener
	}
	if err := h.onlyOurs(ctx, p.card); err != nil {
		return p.verdict(), err
	}
	p, err = h.withManagersNow(ctx, form.Value, p, form.Kind, who)
	v := p.verdict()
	if err != nil {
		return v, err
	}
	_, left := h.split(p.requests, form.Kind, who)
	v.doubtful = p.several && someNotApprover(left)
	// Refused or taken as the requests stand in the transaction: they may have changed.
	v.apply = h.deciding(p, form.Kind, who, in.Comment)
	return v, nil
}

// handleWithdrawing is for people who cancel by a command, without a card: the card may
// be hidden. err is what was wrong with what they typed, if anything. People who may not
// see the request do not learn that there is one.
func (h *Handler) handleWithdrawing(ctx context.Context, who request.Person, self slackapi.Identity, command request.Command, err error) (verdict, error) {
	reader, no := h.Policy.Reader(who)
	switch {
	case no != request.Allowed:
		return verdict{}, no
	case err != nil:
		return verdict{}, err
	}
	found, email, _, err := h.about(ctx, self, command.People[0], allAbout)
	if err != nil {
		return verdict{}, err
	}
	open := slices.DeleteFunc(reader.Visible(found), func(r *request.Request) bool { return !r.State.Open() })
	if len(open) == 0 {
		return verdict{}, &request.CommandError{Refusal: request.RefusedNothingOpen, Word: email}
	}
	id := open[0].ID
	p, err := h.pressed(ctx, id)
	if p.card == nil || err != nil {
		return verdict{}, err
	}
	p, err = h.withManagersNow(ctx, id, p, request.Cancel, who)
	v := p.verdict()
	if err != nil {
		return v, err
	}
	if may, left := h.split(p.requests, request.Cancel, who); len(may) == 0 {
		return v, p.refusal(left)
	}
	cancel := h.deciding(p, request.Cancel, who, command.Reason)
	v.apply = func(tx *store.Tx) (string, error) {
		if _, err := cancel(tx); err != nil {
			return "", err
		}
		return card.Withdrawn(p.requests[0]), nil
	}
	return v, nil
}

// split divides members. may are those that the person may take a decision about now;
// left are the others, each with the reason.
func (h *Handler) split(members []*request.Request, kind request.DecisionKind, who request.Person) (may []*request.Request, left []card.Left) {
	for _, r := range members {
		no := h.Policy.MayDecide(kind, who, r)
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

// deciding takes a decision for each of the requests where the person may. They are read
// in the transaction and the policy is asked again: they may have changed since it was
// judged. If there are several, it says who the decision is not taken for, and why, and
// records that for each of them. If it is taken for nobody, it is a refusal.
func (h *Handler) deciding(p pressed, kind request.DecisionKind, who request.Person, comment string) func(*store.Tx) (string, error) {
	return func(tx *store.Tx) (string, error) {
		requests, err := p.now(tx)
		if err != nil {
			return "", err
		}
		var taken []*request.Request
		var left []card.Left
		for _, r := range requests {
			no, err := h.decideOne(tx, r, kind, who, comment)
			switch {
			case err != nil:
				return "", err
			case no != request.Allowed:
				left = append(left, card.Left{Request: r, Why: no})
			default:
				taken = append(taken, r)
			}
		}
		switch {
		case len(taken) == 0:
			return "", p.refusal(left)
		case !p.several: // the card shows it
			return "", nil
		}
		for _, l := range left {
			tx.Record(l.Request.ID, request.Event{At: h.Now(), Kind: "refused", Actor: who.ID, Detail: map[string]string{
				"what": string(kind), "why": string(l.Why),
			}})
		}
		return card.Decided(kind, taken, left), nil
	}
}

// now are the requests as they stand in a transaction that changes them.
func (p pressed) now(tx *store.Tx) ([]*request.Request, error) {
	if !p.several {
		r, err := tx.Request(p.requests[0].ID)
		return []*request.Request{r}, err
	}
	now := *p.card
	var err error
	if now.Requests, err = tx.CardRequests(p.card.ID); err != nil {
		return nil, err
	}
	return now.Selected(p.selection)
}

// decideOne takes a decision for one request and saves it, or says why not.
func (h *Handler) decideOne(tx *store.Tx, r *request.Request, kind request.DecisionKind, who request.Person, comment string) (request.Refusal, error) {
	if no := h.Policy.MayDecide(kind, who, r); no != request.Allowed {
		return no, nil
	}
	waited := r.State == request.Pending
	err := h.applyDecision(tx, r, kind, who, comment)
	var no request.Refusal
	switch {
	case errors.As(err, &no):
		return no, nil
	case err != nil:
		return request.Allowed, err
	case waited && r.State != request.Pending:
		// Somebody may be counting what the person holds, or looking for their manager,
		// for seconds: these only read, nobody needs them any more, and what was decided
		// does not wait for them.
		return request.Allowed, tx.SaveAndRelease(r)
	}
	return request.Allowed, tx.Save(r)
}

// applyDecision changes r by a decision that who may take. It may answer a
// request.Refusal.
func (h *Handler) applyDecision(tx *store.Tx, r *request.Request, kind request.DecisionKind, who request.Person, comment string) error {
	switch kind {
	case request.Approve:
		return r.Approve(who.Identity, h.StopWindow, h.Now())
	case request.Deny:
		return r.Deny(who.Identity, typed(comment), h.Now())
	case request.Cancel:
		return r.Cancel(who.Identity, typed(comment), h.Now())
	case request.RunAgain:
		return h.retry(tx, r, who)
	}
	return &request.ImpossibleError{What: fmt.Sprintf("nobody knows the decision %q", kind)}
}

// typed is text from a form, which Slack delivers as it was typed. Slack keeps
// to the form's limit; a caller that is not Slack might not.
func typed(comment string) string {
	comment = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(comment, "\uFFFD"), "\x00", ""))
	if letters := []rune(comment); len(letters) > card.MaxComment {
		comment = string(letters[:card.MaxComment])
	}
	return comment
}

// retry opens a failed request again, unless another request for the same user
// has been opened since.
func (h *Handler) retry(tx *store.Tx, r *request.Request, who request.Person) error {
	other, err := tx.OpenRequest(r.Target.ID)
	if err != nil {
		return err
	}
	if other != "" && other != r.ID {
		return request.RefusedAlreadyOpen
	}
	all, unread, err := tx.RequestsFor(r.Target.ID)
	if err != nil {
		return err
	}
	last := request.LastOpposed(all, r.Action)
	if len(unread) > 0 { // it may have been the opposite, and sent until now
		last = h.Now()
	}
	r.KeepClear(workfrontapi.ClearAfter(last))
	return r.Retry(who.Identity, h.Now())
}

// refusal is why a decision could be taken for nobody. For one request it is its reason.
// For several it is the reason that holds for all, if it is about the person and not
// about how each stands.
func (p pressed) refusal(left []card.Left) request.Refusal {
	if !p.several {
		return left[0].Why
	}
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

// managerUnknownError says that it could not be found out whether somebody is the
// manager. Only as the manager might they decide.
type managerUnknownError struct{ cause error }

func (e managerUnknownError) Error() string {
	return "finding out who manages a user: " + e.cause.Error()
}

func (e managerUnknownError) Unwrap() error { return e.cause }

// managersNow looks for the managers again, for those requests where who may take a
// decision of this kind only as the manager. It stores those that changed, and reports
// whether any did: then the requests have to be read again. The decision itself is judged
// by what is stored. After a crash in between it is judged again.
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
