package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// peopleFor is how long Slack may fail to say who a person is before the
// interaction is refused: people wait for an answer.
const peopleFor = 30 * time.Second

// verdict is what became of an interaction: how it changes the database, and what the
// person is told, if anything.
type verdict struct {
	// apply makes the change in the transaction that also ends the interaction. It may
	// answer a request.Refusal, which is then told and recorded instead.
	apply func(*store.Tx) error
	// applyAll is apply for a decision about several: it also says what the person
	// is told. At most one of the two is set.
	applyAll func(*store.Tx) (answer string, err error)
	// about is the request in question, for the words of a refusal, and batch the
	// batch; either may be nil.
	about  *request.Request
	batch  *request.Batch
	answer string
	// doubtful: some of several are left out because the person is no approver, as
	// far as is known.
	doubtful bool
}

// fulfil does the next thing for a claimed interaction: judges it or, once that has been
// done, tells the person the answer that is still owed.
func (b *Bot) fulfil(ctx context.Context, w *store.Interaction, lease store.Lease) error {
	if !w.Decided {
		return b.decide(ctx, w, lease)
	}
	var err error
	if b.awaited(w.ReceivedAt) {
		err = b.slack.TellPrivately(ctx, w.ID, w.UserID, w.ChannelID, w.Answer)
	} else {
		err = b.slack.TellDirectly(ctx, w.UserID, w.Answer)
	}
	done := err == nil
	if err != nil {
		trouble, wait := b.slack.Trouble(ctx, err)
		w.Retry = w.Retry.Failed(b.now(), wait)
		done = trouble == slackapi.NoPerson || w.Retry.GivenUp() // nobody there to be answered
		b.log.Warn("an answer could not be given", "interaction", w.ID, "user", w.UserID, "given_up", done, "error", err)
		if trouble.ForGood() {
			b.operator.Alarm(ctx, "a person cannot be answered", "Slack does not let wfbot answer a person privately (%s). "+
				"The audit trail says what became of what they did. Check that the app's Messages tab is on.", slackapi.Says(err))
		}
	}
	if done { // what follows the first line may be names that only its reader may see
		w.Answer, _, _ = strings.Cut(w.Answer, "\n")
	}
	return b.config.Store.Update(ctx, b.now(), func(tx *store.Tx) error { return tx.SaveInteraction(w, lease, done) })
}

// decide judges an interaction and stores the verdict, its audit entries and the answer
// in one transaction. Facts about people that cannot be had are asked for again
// for peopleFor; then the interaction is refused.
func (b *Bot) decide(ctx context.Context, w *store.Interaction, lease store.Lease) error {
	v, err := b.judge(ctx, w)
	var no request.Refusal
	var mistyped *request.CommandError
	switch {
	case errors.As(err, &mistyped):
		return b.refuse(ctx, w, lease, v, mistyped.Refusal, mistyped.Word, mistyped.Instead...)
	case errors.As(err, &no):
		return b.refuse(ctx, w, lease, v, no, "")
	case err != nil:
		return b.judgeLater(ctx, w, lease, v, err)
	}
	err = b.config.Store.Update(ctx, b.now(), func(tx *store.Tx) (err error) {
		answer := v.answer
		switch {
		case v.apply != nil:
			err = v.apply(tx)
		case v.applyAll != nil:
			answer, err = v.applyAll(tx)
		}
		if err != nil {
			return err
		}
		w.Decided, w.Answer, w.Retry = true, answer, request.Retry{}
		return tx.SaveInteraction(w, lease, answer == "")
	})
	if errors.As(err, &no) {
		return b.refuse(ctx, w, lease, v, no, "")
	}
	return err
}

// judge finds out who wants what and whether they may. The error is a
// request.Refusal or *request.CommandError if they may not; any other error means
// that the facts could not be had.
func (b *Bot) judge(ctx context.Context, w *store.Interaction) (verdict, error) {
	who, groups, err := b.whoIs(ctx, w)
	if trouble, _ := slackapi.Classify(err); err != nil && trouble == slackapi.NoPerson {
		return verdict{}, request.RefusedUnknownPerson
	}
	if err != nil {
		return verdict{}, err
	}
	v, err := b.judgeKind(ctx, w, who, *b.slack.Self())
	var no request.Refusal
	// Without the scope for them Slack leaves e-mails out, and says nothing of it.
	if errors.As(err, &no) && no == request.RefusedNoEmail && !b.slack.StillIdentified(ctx) {
		return v, slackapi.ErrNoEmails
	}
	if groups != nil && (v.doubtful || errors.As(err, &no) &&
		(no == request.RefusedNotRequester || no == request.RefusedNotApprover || no == request.RefusedManagerNoMore || no == request.RefusedNotReader)) {
		return v, groups // they may be in a group that could not be read
	}
	return v, err
}

// whoIs returns the facts about the person of an interaction; see slackapi.Client.Person. No interaction
// is looked at before Slack has said who the bot is.
func (b *Bot) whoIs(ctx context.Context, w *store.Interaction) (who request.Person, groups, err error) {
	self := b.slack.Self()
	who, groups, err = b.slack.Person(ctx, w.UserID, *self)
	// What the payload says of the person's workspace counts against them only. In
	// an organisation it may name a sister workspace; there the profile decides.
	if self.EnterpriseID == "" && w.TeamID != "" && w.TeamID != self.TeamID {
		who.External = true
	}
	return who, groups, err
}

func (b *Bot) judgeKind(ctx context.Context, w *store.Interaction, who request.Person, self slackapi.Identity) (verdict, error) {
	switch w.Kind {
	case store.Command:
		return b.judgeCommand(ctx, w, who, self)
	case store.Click:
		return b.judgeClick(ctx, w, who)
	case store.Form:
		if w.Callback == card.CallbackAsk {
			return b.judgeAsk(ctx, w, who, self)
		}
		return b.judgeForm(ctx, w, who)
	case store.Opening:
		return b.judgeOpening(who)
	}
	return verdict{}, request.RefusedUnknownAction
}

func (b *Bot) judgeCommand(ctx context.Context, w *store.Interaction, who request.Person, self slackapi.Identity) (verdict, error) {
	command, err := request.ParseCommand(w.Text)
	if asksToRead(command, err) {
		return b.judgeReading(ctx, who, self, command, err)
	}
	if no := b.config.Policy.MayRequest(who); no != request.Allowed {
		return verdict{}, no
	}
	action := actionOf(w.Command)
	switch {
	case action == "":
		return verdict{}, request.RefusedUnknownAction
	case err != nil:
		return verdict{}, err
	case command.Verb == request.Form:
		return b.judgeOpening(who)
	}
	return b.judgeAsked(ctx, w, who, self, asked{action: action, command: command, channel: w.ChannelID})
}

// decisions are what the buttons and menus that decide mean.
var decisions = map[string]request.DecisionKind{
	card.ActionApprove: request.Approve, card.ActionDeny: request.Deny,
	card.ActionCancel: request.Cancel, card.ActionRetry: request.RunAgain, card.ActionLeaveOut: request.Cancel,
}

func (b *Bot) judgeClick(ctx context.Context, w *store.Interaction, who request.Person) (verdict, error) {
	kind, decides := decisions[w.ActionID]
	if !decides && w.ActionID != card.ActionDetails && w.ActionID != card.ActionReactivate {
		return verdict{}, request.RefusedUnknownAction
	}
	// The program was not running: what the card showed may be true no more.
	if (kind == request.Approve || kind == request.RunAgain) && b.now().Sub(w.ReceivedAt) > request.OverdueAfter {
		return verdict{}, request.RefusedPressedLate
	}
	id, selection, several := card.ParseValue(w.Value)
	switch {
	case several && !decides: // details and the way back are about one
		return verdict{}, request.RefusedUnknownAction
	case several:
		return b.judgeBatchClick(ctx, w, who, kind, id, selection)
	}
	r, err := b.config.Store.Request(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return verdict{}, request.RefusedUnknownRequest
	}
	if err != nil {
		return verdict{}, err
	}
	v := verdict{about: r}
	display, err := b.displayOf(ctx, r)
	if err != nil {
		return v, err
	}
	if !display.HasButtons(w.ChannelID, w.MessageTS) {
		return v, request.RefusedStaleCard
	}
	if w.ActionID == card.ActionReactivate {
		return b.askBack(ctx, w, who, r)
	}
	if !decides { // details are for those who may approve
		kind = request.Approve
	}
	if r, err = b.withManagerNow(ctx, kind, who, r); err != nil {
		return v, err
	}
	v.about = r
	if !decides {
		return b.details(ctx, who, r)
	}
	if no := b.config.Policy.MayDecide(kind, who, r); no != request.Allowed {
		return v, no
	}
	if w.ActionID == card.ActionDeny || w.ActionID == card.ActionCancel {
		if no := r.MayTake(kind); no != request.Allowed {
			return v, no
		}
		return v, b.openForm(ctx, w, card.DecisionForm(kind, r, w.UserID))
	}
	v.apply = b.deciding(r.ID, kind, who, "")
	return v, nil
}

// openForm asks for a comment on a decision. Pressing the button decides nothing:
// only the submitted form does, and it is judged anew. A form that cannot be opened
// any more is said to the person, who presses again.
func (b *Bot) openForm(ctx context.Context, w *store.Interaction, form slack.ModalViewRequest) error {
	if err := b.slack.OpenView(ctx, b.slack.ReplyRoute(w.ID), form); err != nil {
		b.log.Warn("a form could not be opened", "button", w.Value, "user", w.UserID, "error", err)
		b.formRefused(ctx, err)
		return request.RefusedFormLate
	}
	return nil
}

func (b *Bot) judgeForm(ctx context.Context, w *store.Interaction, who request.Person) (verdict, error) {
	form, err := card.ParseDecisionForm(w.Callback, w.Metadata)
	if err != nil {
		return verdict{}, request.RefusedUnknownAction
	}
	id, selection, several := card.ParseValue(form.Value)
	if several {
		return b.judgeBatchForm(ctx, w, who, form, id, selection)
	}
	r, err := b.config.Store.Request(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return verdict{}, request.RefusedUnknownRequest
	}
	if err != nil {
		return verdict{}, err
	}
	w.ChannelID = r.Card.Channel // where an answer can be given
	v := verdict{about: r}
	if !who.Is(form.Opener) {
		return v, request.RefusedNotTheOpener
	}
	if r, err = b.withManagerNow(ctx, form.Kind, who, r); err != nil {
		return v, err
	}
	v.about = r
	if no := b.config.Policy.MayDecide(form.Kind, who, r); no != request.Allowed {
		return v, no
	}
	v.apply = b.deciding(r.ID, form.Kind, who, w.Comment)
	return v, nil
}

// deciding applies a decision to the request as it stands in the transaction,
// with the policy asked again: it may have changed since it was judged.
func (b *Bot) deciding(id string, kind request.DecisionKind, who request.Person, comment string) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		if no := b.config.Policy.MayDecide(kind, who, r); no != request.Allowed {
			return no
		}
		if err := b.applyDecision(tx, r, kind, who, comment); err != nil {
			return err
		}
		return tx.Save(r)
	}
}

// applyDecision changes r by a decision that who may take. It may answer a
// request.Refusal.
func (b *Bot) applyDecision(tx *store.Tx, r *request.Request, kind request.DecisionKind, who request.Person, comment string) error {
	switch kind {
	case request.Approve:
		return r.Approve(who.Identity, b.config.StopWindow, b.now())
	case request.Deny:
		return r.Deny(who.Identity, typed(comment), b.now())
	case request.Cancel:
		return r.Cancel(who.Identity, typed(comment), b.now())
	case request.RunAgain:
		return b.retry(tx, r, who)
	}
	return fmt.Errorf("unreachable: decision %q", kind)
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
func (b *Bot) retry(tx *store.Tx, r *request.Request, who request.Person) error {
	other, err := tx.OpenRequest(r.Target.ID)
	if err != nil {
		return err
	}
	if other != "" && other != r.ID {
		return request.RefusedAlreadyOpen
	}
	all, err := tx.RequestsFor(r.Target.ID)
	if err != nil {
		return err
	}
	r.KeepClear(clearAfter(request.LastOpposed(all, r.Action)))
	return r.Retry(who.Identity, b.now())
}
