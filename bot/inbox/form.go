package inbox

import (
	"context"
	"sync"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

const (
	// openers is how many forms are opened at once, and toOpen how many may wait
	// for that. A form can only be opened within slackapi.TriggerFor, so that more would be
	// too late.
	openers = 8
	toOpen  = 64
)

// opening is a form that somebody wants to fill in. It is not an interaction: nothing is
// lost if it does not open. It is opened without the database, which may be slower than
// Slack waits. If it does not open, the person is answered as for an interaction.
type opening struct {
	interaction store.Interaction
	route       slackapi.ReplyRoute
}

// opens returns the action that an interaction wants the form to be opened for, or "".
func opens(in store.Interaction) request.Action {
	switch in.Kind {
	case store.Opening:
		return request.Deactivate
	case store.Command:
		if c, err := request.ParseCommand(in.Text); err == nil && c.Verb == request.Form {
			return card.ActionOf(in.Command)
		}
	}
	return ""
}

// opensForm leaves an interaction to OpenForms, if it is to open a form, and reports
// whether it did. Where too many wait it is taken for an interaction, so that the person
// is told.
func (i *Inbox) opensForm(in store.Interaction, route slackapi.ReplyRoute) bool {
	if opens(in) == "" || route.Trigger == "" {
		return false
	}
	select {
	case i.openings <- opening{in, route}:
		return true
	default:
		return false
	}
}

// OpenForms opens forms, and tells the operator of channels that have another id, until
// ctx ends. What still waits then is dealt with as far as
// a second goes: the process is about to end.
func (i *Inbox) OpenForms(ctx context.Context) {
	var opening sync.WaitGroup
	for range openers {
		opening.Go(func() {
			for {
				select {
				case o := <-i.openings:
					i.openAsk(ctx, o)
				case m := <-i.moves:
					i.tellMove(ctx, m)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	opening.Wait()
	i.notOpenedAtAll(ctx)
}

// openAsk opens the form, or has its person told why not. A crash here: no form
// opens and nothing was asked for.
func (i *Inbox) openAsk(ctx context.Context, o opening) {
	age := max(0, i.Now().Sub(o.route.At))
	trying, cancel := context.WithTimeout(context.WithoutCancel(ctx), slackapi.TriggerFor-age)
	defer cancel()
	if err := i.tryToOpen(trying, o); err != nil {
		i.Log.Info("a form was not opened", "user", o.interaction.UserID, "reason", err)
		i.notOpened(context.WithoutCancel(ctx), o) // who waits comes first
		i.Operator.FormRefused(ctx, err)
	}
}

func (i *Inbox) tryToOpen(ctx context.Context, o opening) error {
	in := &o.interaction
	who, _, err := i.Slack.Actor(ctx, in.UserID, in.TeamID)
	if err != nil {
		return err
	}
	if no := i.Policy.MayRequest(who); no != request.Allowed {
		return no
	}
	zone := zoneOf(who)
	_, offset := i.Now().In(zone).Zone()
	form := card.RequestForm{Action: opens(*in), Opener: in.UserID, From: in.ChannelID, Zone: zone.String(), Offset: offset}
	_, err = i.Slack.OpenView(ctx, o.route, form.View(i.Channel))
	if slackapi.Code(err) == "exchanged_trigger_id" { // delivered twice: it was opened the first time
		return nil
	}
	return err
}

// zoneOf is the zone of the clocks that a person lives by; UTC if Slack does not say.
func zoneOf(who request.Person) *time.Location {
	if who.Zone == nil {
		return time.UTC
	}
	return who.Zone
}

// notOpenedFor is how long storing a form that was not opened may take, or telling
// its person. With slackapi.TriggerFor it is not longer than loop.ShutdownGrace.
const notOpenedFor = 3 * time.Second

// notOpened stores an opening as the interaction that it is then: if somebody may not
// ask, they are told and that is recorded; if they have to try again, they are told. If
// it cannot be stored either, they are told that at once.
func (i *Inbox) notOpened(ctx context.Context, o opening) {
	ctx, cancel := context.WithTimeout(ctx, notOpenedFor)
	defer cancel()
	i.Slack.KeepReplyRoute(o.interaction.ID, o.route)
	fresh, err := i.Store.Accept(ctx, o.interaction)
	switch {
	case err == nil && fresh:
		return
	case err != nil:
		i.Database.Failed(err)
		words := card.Refused(request.RefusedFormLate, card.About{})
		if told := i.Slack.TellPrivately(ctx, o.interaction.ID, o.interaction.UserID, o.interaction.ChannelID, slackapi.Message{Text: words}); told != nil {
			i.Operator.Later("a form was not opened", "A form that the Slack user %s asked for was not opened, and wfbot could not tell them (%v). Tell them to ask for it again.", o.interaction.UserID, told)
		}
	}
	i.Slack.DropReplyRoute(o.interaction.ID)
}

// notOpenedAtAll deals with what still waits when nobody opens forms any more, as
// far as a second goes: the process is about to end.
func (i *Inbox) notOpenedAtAll(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	for {
		select {
		case o := <-i.openings:
			i.notOpened(ctx, o)
		default:
			return
		}
	}
}
