package bot

import (
	"context"
	"errors"
	"strings"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

const (
	// peopleFor is how long Slack may fail to say who a person is before the
	// interaction is refused: people wait for an answer.
	peopleFor = 30 * time.Second
	// triggerFor is how long a form can be opened after the click.
	// Source: https://docs.slack.dev/interactivity/handling-user-interaction
	triggerFor = 3 * time.Second
)

// verdict is what became of an interaction: how it changes the database, and what the
// person is told, if anything.
type verdict struct {
	// apply makes the change in the transaction that also ends the interaction, and
	// says what the person is told. It may answer a request.Refusal, which is then told
	// and recorded instead. Nil: there is nothing to change.
	apply func(*store.Tx) (answer string, err error)
	// about is the request in question, for the words of a refusal, or else card the
	// card; both may be nil.
	about  *request.Request
	card   *request.Card
	answer string // where there is no apply
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
		if v.apply != nil {
			if answer, err = v.apply(tx); err != nil {
				return err
			}
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

// whoIs returns the facts about the person of an interaction; see people.person. No interaction
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
