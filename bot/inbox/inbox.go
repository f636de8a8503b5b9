// Package inbox takes in what Slack delivers: an envelope becomes a stored
// interaction, once by its dedupe key, and only then is it acknowledged. Nothing is
// decided here, and nobody is asked.
//
// Two things cannot wait for that. The form that people ask in has to be opened
// within three seconds of the click: it is opened straight from the envelope
// (form.go), without the database. What is filled in wrongly in it is said at its
// inputs in the acknowledgement. An opened Home tab is noted (event.go).
package inbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/metrics"
	"wfbot/bot/operator"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/socket"
	"wfbot/bot/store"
)

// Config is what an Inbox works with. Pointers, Log and Now must be set.
type Config struct {
	Store    *store.Store
	Slack    *slackapi.Client
	Operator *operator.Operator
	Database *operator.Database
	Metrics  *metrics.Metrics
	Policy   request.Policy
	Channel  string // Slack channel id for the cards; empty: where the form was asked for

	Log *slog.Logger
	Now func() time.Time // in whole milliseconds
}

// Inbox takes in what the connections of one process deliver. It may be used by
// several goroutines.
type Inbox struct {
	Config
	openings chan opening // forms that wait to be opened
	moves    chan move    // channels that have another id, for the operator
}

// New returns an Inbox. Forms are opened, and the operator is told of channels that have
// another id, while OpenForms runs.
func New(config Config) *Inbox {
	return &Inbox{Config: config, openings: make(chan opening, toOpen), moves: make(chan move, toOpen)}
}

// Take stores what an envelope asks for, so that it may be acknowledged. It
// decides nothing and talks to nobody. An envelope that is not an interaction is
// acknowledged as well: Slack would only send it again.
//
// When it returns an error, since the envelope could not be understood or the interaction
// not stored, nothing will happen and the envelope is not acknowledged, so that
// Slack shows the person that it failed. What could not be stored is said in our
// own words where the acknowledgement of a command or a form can carry them.
//
// A form that somebody wants to have opened is left to openForms, and an opened
// Home tab is noted.
func (i *Inbox) Take(ctx context.Context, e socket.Envelope) (response any, err error) {
	if e.Type == "events_api" {
		return nil, i.takeEvent(ctx, e)
	}
	interaction, route, err := i.read(e)
	if err != nil {
		i.Operator.Later(cannotRead, "wfbot could not read what somebody did in Slack (%s), and Slack tells them that it failed: %v. "+readItAgain, e.Type, err)
		return nil, err
	}
	if interaction.Kind == "" {
		return nil, nil
	}
	if i.opensForm(interaction, route) {
		i.Metrics.Interaction(string(interaction.Kind), metrics.Opened)
		return nil, nil
	}
	if problems := i.problems(interaction); len(problems) > 0 && e.AcceptsResponse {
		i.Metrics.Interaction(string(interaction.Kind), metrics.SentBack)
		return formErrors(problems), nil
	}
	return i.accept(ctx, e, interaction, route)
}

// What the operator is told of an envelope that could not be understood.
const (
	cannotRead  = "wfbot cannot read what Slack sends"
	readItAgain = "Slack may have changed what it sends: install a newer version of wfbot."
)

// accept stores an interaction. response is for the acknowledgement.
func (i *Inbox) accept(ctx context.Context, e socket.Envelope, interaction store.Interaction, route slackapi.ReplyRoute) (response any, err error) {
	// Kept before it is stored: the worker may come to it at once.
	i.Slack.KeepReplyRoute(interaction.ID, route)
	fresh, err := i.Store.Accept(ctx, interaction)
	if err != nil || !fresh {
		i.Slack.DropReplyRoute(interaction.ID)
	}
	if err != nil {
		i.Log.Error("an interaction could not be stored", "kind", interaction.Kind, "user", interaction.UserID, "error", err)
		i.Database.Failed(err)
		i.Metrics.Interaction(string(interaction.Kind), metrics.NotStored)
		return notStored(interaction, e, err)
	}
	// A crash before this point: not acknowledged, and Slack tells the person.
	// After it: the interaction is on disk and will be dealt with.
	if !fresh {
		i.Metrics.Interaction(string(interaction.Kind), metrics.Repeated)
		return nil, nil
	}
	i.Metrics.Interaction(string(interaction.Kind), metrics.Stored)
	i.Log.Info("an interaction is stored", "interaction", interaction.ID, "kind", string(interaction.Kind), "user", interaction.UserID)
	return nil, nil
}

// notStored answers a person whose interaction could not be stored, where the
// acknowledgement can say so.
func notStored(in store.Interaction, e socket.Envelope, err error) (any, error) {
	text := card.NotStored
	if errors.Is(err, store.ErrUnsure) {
		text = card.PerhapsNotStored
	}
	switch {
	case in.Kind == store.Command:
		return map[string]string{"response_type": "ephemeral", "text": text}, nil
	case in.Kind == store.Form && e.AcceptsResponse:
		input := card.CommentBlock
		if in.Callback == card.CallbackRequest {
			input = card.InputEmails
		}
		return formErrors(map[string]string{input: text}), nil
	}
	return nil, err
}

// formErrors is the acknowledgement that keeps a form open and shows sentences at
// its inputs, by block_id.
func formErrors(problems map[string]string) any {
	return map[string]any{"response_action": "errors", "errors": problems}
}

// problems are sentences for the inputs of a submitted form that are filled in
// wrongly, as far as that can be told by looking at it.
func (i *Inbox) problems(in store.Interaction) map[string]string {
	if in.Kind != store.Form || in.Callback != card.CallbackRequest {
		return nil
	}
	opened, err := card.ParseRequestForm(in.Metadata)
	if err != nil { // is judged like anything else that nobody understands
		return nil
	}
	_, problems := card.ReadRequestForm(in.Fields, slackapi.ZoneNamed(opened.Zone, opened.Offset), in.ReceivedAt)
	return problems
}
