// Package handler handles stored interactions: who did it, what they mean, whether
// they may, and what comes of it: a new card, a decision, something to read, or a
// refusal; each with its audit entry, in one transaction. Then the person is
// answered privately, if there is something to say.
//
// Who may is found out when the interaction is handled, by Slack user id, with facts
// at most a minute old, and asked once more in the transaction. Facts that cannot be
// found are asked for again for half a minute; then the interaction is refused.
//
//	handler.go     an interaction, its verdict, the answer
//	newrequest.go  a command or a form that asks for a change
//	decision.go    a button, a form or a command that decides, and who manages somebody now, if
//	               the decision depends on it
//	read.go        list and its pages, status, help
//	details.go     what somebody holds, by name, in a modal or privately
//	refuse.go      a refusal, and an interaction that cannot be handled yet
package handler

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/loop"
	"wfbot/bot/operator"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
	"wfbot/bot/workfrontapi"

	"golang.org/x/sync/errgroup"
)

// Config is what a Handler works with. Pointers, Log and Now must be set.
type Config struct {
	Store     *store.Store
	Slack     *slackapi.Client
	Workfront *workfrontapi.Client
	Operator  *operator.Operator

	request.Rules

	Log *slog.Logger
	Now func() time.Time // in whole milliseconds
}

// Handler handles the interactions that one process claims. It may be used by several
// goroutines.
type Handler struct {
	Config
	startedAt time.Time
}

// New returns a Handler, which starts now.
func New(config Config) *Handler { return &Handler{Config: config, startedAt: config.Now()} }

// parallel is how many interactions are handled at once.
const parallel = 8

// Kind is the kind of row that it handles, once Slack has said who the bot is: none
// can be judged before.
func (h *Handler) Kind() loop.Kind {
	waiting := func() store.Waiting { return store.Waiting{Table: store.Interactions} }
	return loop.Kind{Table: store.Interactions, Claim: h.claimInteraction, Waiting: waiting, Places: parallel}.Once(h.Slack.Identified)
}

// peopleFor is how long Slack may fail to say who a person is before the
// interaction is refused: people wait for an answer.
const peopleFor = 30 * time.Second

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

// claimInteraction takes the next due interaction, nil if there is none.
func (h *Handler) claimInteraction(ctx context.Context) (*loop.Step, error) {
	in, lease, err := h.Store.ClaimInteraction(ctx, h.Now(), loop.LeaseFor)
	if in == nil {
		return nil, err
	}
	return &loop.Step{Row: "interaction " + in.ID, Lease: lease, Do: func(ctx context.Context) error {
		if err != nil {
			return err
		}
		return h.handle(ctx, in, lease)
	}, Aside: func(ctx context.Context) { h.sayAside(ctx, in) }}, nil
}

// handle does the next thing for a claimed interaction: judges it or, once that has been
// done, tells the person the answer that is still owed.
func (h *Handler) handle(ctx context.Context, in *store.Interaction, lease store.Lease) error {
	if !in.Handled {
		return h.settle(ctx, in, lease)
	}
	var err error
	answer := slackapi.Message{Text: in.Answer}
	if drawn := h.Slack.ReplyRoute(in.ID).Drawn; drawn != nil && drawn.Text == in.Answer {
		answer = *drawn
	}
	switch {
	case h.answerInModal(ctx, in):
	case h.Slack.Awaited(in.ReceivedAt):
		err = h.Slack.TellPrivately(ctx, in.ID, in.UserID, in.ChannelID, answer)
	default:
		err = h.Slack.TellDirectly(ctx, in.UserID, answer)
	}
	done := err == nil
	if err != nil {
		trouble, wait := h.Slack.Trouble(ctx, err)
		in.Retry = in.Retry.Failed(h.Now(), wait)
		done = trouble == slackapi.NoPerson || in.Retry.GivenUp() // nobody there to be answered
		h.Log.Warn("an answer could not be given", "interaction", in.ID, "user", in.UserID, "given_up", done, "error", err)
		if trouble.ForGood() || done && trouble != slackapi.NoPerson {
			h.Operator.Alarm(ctx, "a person cannot be answered", "Slack does not let wfbot answer the Slack user %s privately (%s). "+
				"The audit trail shows what came of their command or click. Check that the app's Messages tab is on.", in.UserID, cmp.Or(slackapi.Says(err), "it does not answer"))
		}
	}
	if done { // what follows the first line may be names that only its reader may see
		in.Answer, _, _ = strings.Cut(in.Answer, "\n")
	}
	// Where that is lost they are answered once more, as after a crash here.
	return h.Store.UpdateUnsynced(ctx, h.Now(), func(tx *store.Tx) error { return tx.SaveInteraction(in, lease, done) })
}

// settle judges an interaction and stores the verdict, its audit entries and the answer
// in one transaction. Facts about people that cannot be found out are asked for again
// for peopleFor; then the interaction is refused.
func (h *Handler) settle(ctx context.Context, in *store.Interaction, lease store.Lease) error {
	v, err := h.understand(ctx, in)
	err = h.unreadable(ctx, err)
	var no request.Refusal
	var mistyped *request.CommandError
	switch {
	case errors.As(err, &mistyped):
		return h.refuse(ctx, in, lease, v, mistyped.Refusal, mistyped.Word, mistyped.Instead...)
	case errors.As(err, &no):
		return h.refuse(ctx, in, lease, v, no, "")
	case err != nil:
		return h.handleLater(ctx, in, lease, v, err)
	}
	err = h.Store.Update(ctx, h.Now(), func(tx *store.Tx) (err error) {
		answer := v.answer
		if v.apply != nil {
			if answer, err = v.apply(tx); err != nil {
				return err
			}
		}
		in.Handled, in.Answer, in.Retry = true, answer, request.Retry{}
		return tx.SaveInteraction(in, lease, answer == "")
	})
	if err = h.unreadable(ctx, err); errors.As(err, &no) {
		return h.refuse(ctx, in, lease, v, no, "")
	}
	return err
}

// understand finds out who wants what and whether they may. The error is a
// request.Refusal or *request.CommandError if they may not; any other error means
// that the facts could not be found out.
func (h *Handler) understand(ctx context.Context, in *store.Interaction) (verdict, error) {
	var beside errgroup.Group
	if channel := h.goesTo(in); channel != "" {
		beside.Go(func() error {
			_, _ = h.Slack.Channel(ctx, channel) // is known then, or asked for again
			return nil
		})
	}
	who, groups, err := h.Slack.Actor(ctx, in.UserID, in.TeamID)
	_ = beside.Wait()
	if trouble, _ := slackapi.Classify(err); err != nil && trouble == slackapi.NoPerson {
		return verdict{}, request.RefusedUnknownPerson
	}
	if err != nil {
		return verdict{}, err
	}
	v, err := h.handleKind(ctx, in, who, *h.Slack.Self())
	var no request.Refusal
	// Without the scope for them Slack leaves e-mails out, and says nothing of it.
	if errors.As(err, &no) && no == request.RefusedNoEmail && !h.Slack.StillIdentified(ctx) {
		return v, slackapi.ErrNoEmails
	}
	if groups != nil && (v.doubtful || errors.As(err, &no) &&
		(no == request.RefusedNotRequester || no == request.RefusedNotApprover || no == request.RefusedManagerNoMore || no == request.RefusedNotReader)) {
		return v, groups // they may be in a group that could not be read
	}
	return v, err
}

func (h *Handler) handleKind(ctx context.Context, in *store.Interaction, who request.Person, self slackapi.Identity) (verdict, error) {
	switch in.Kind {
	case store.Command:
		return h.handleCommand(ctx, in, who, self)
	case store.Click:
		if in.ActionID == card.ActionList {
			return h.handlePage(ctx, in, who, self)
		}
		return h.handleClick(ctx, in, who)
	case store.Form:
		if in.Callback == card.CallbackRequest {
			return h.handleNewForm(ctx, in, who, self)
		}
		return h.handleForm(ctx, in, who)
	case store.Opening:
		return h.handleOpening(who)
	}
	return verdict{}, request.RefusedUnknownAction
}

// goesTo is the channel where the card of a command goes, so that it can be asked
// about beside the person; empty if the command makes none.
func (h *Handler) goesTo(in *store.Interaction) string {
	if in.Kind != store.Command {
		return ""
	}
	command, err := request.ParseCommand(in.Text)
	if err != nil || asksToRead(command, err) || command.Verb == request.Withdraw || command.Verb == request.Form {
		return ""
	}
	return cmp.Or(h.Channel, in.ChannelID)
}

func (h *Handler) handleCommand(ctx context.Context, in *store.Interaction, who request.Person, self slackapi.Identity) (verdict, error) {
	command, err := request.ParseCommand(in.Text)
	if asksToRead(command, err) {
		return h.handleReading(ctx, in, who, self, command, err)
	}
	if command.Verb == request.Withdraw || errors.Is(err, request.RefusedCancelOfWhom) {
		return h.handleWithdrawing(ctx, who, self, command, err)
	}
	if no := h.Policy.MayRequest(who); no != request.Allowed {
		return verdict{}, no
	}
	action := card.ActionOf(in.Command)
	switch {
	case action == "":
		return verdict{}, request.RefusedUnknownAction
	case err != nil:
		return verdict{}, err
	case command.Verb == request.Form:
		return h.handleOpening(who)
	}
	return h.handleNew(ctx, in, who, self, asked{action: action, command: command, channel: in.ChannelID})
}
