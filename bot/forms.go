package bot

import (
	"cmp"
	"context"
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
// lost if it does not open, and to open it the database is not asked, which may be
// slower than Slack waits. Somebody for whom it does not open is answered as for a
// interaction.
type opening struct {
	interaction store.Interaction
	route       slackapi.ReplyRoute
}

// opens says for which action an interaction wants the form to be opened, or "".
func opens(w store.Interaction) request.Action {
	switch w.Kind {
	case store.Opening:
		return request.Deactivate
	case store.Command:
		if c, err := request.ParseCommand(w.Text); err == nil && c.Verb == request.Form {
			return actionOf(w.Command)
		}
	}
	return ""
}

// actionOf is what a slash command asks for, or "" if it is not one of ours.
func actionOf(command string) request.Action {
	switch command {
	case card.Command:
		return request.Deactivate
	case card.CommandBack:
		return request.Reactivate
	}
	return ""
}

// opensForm leaves an interaction to openForms, if it is to open a form, and reports
// whether it did. Where too many wait it is taken for an interaction, so that the person
// is told.
func (b *Bot) opensForm(w store.Interaction, route slackapi.ReplyRoute) bool {
	if opens(w) == "" || route.Trigger == "" {
		return false
	}
	select {
	case b.openings <- opening{w, route}:
		return true
	default:
		return false
	}
}

// openForms opens forms until ctx ends.
func (b *Bot) openForms(ctx context.Context) {
	for {
		select {
		case o := <-b.openings:
			b.openAsk(ctx, o)
		case <-ctx.Done():
			return
		}
	}
}

// openAsk opens the form, or has its person told why not. A crash here: no form
// opens and nothing was asked for.
func (b *Bot) openAsk(ctx context.Context, o opening) {
	age := max(0, b.now().Sub(o.route.At))
	trying, cancel := context.WithTimeout(context.WithoutCancel(ctx), slackapi.TriggerFor-age)
	defer cancel()
	if err := b.tryToOpen(trying, o); err != nil {
		b.log.Info("a form was not opened", "user", o.interaction.UserID, "reason", err)
		b.notOpened(context.WithoutCancel(ctx), o) // who waits comes first
		b.formRefused(ctx, err)
	}
}

func (b *Bot) tryToOpen(ctx context.Context, o opening) error {
	w := &o.interaction
	who, _, err := b.whoIs(ctx, w)
	if err != nil {
		return err
	}
	if no := b.config.Policy.MayRequest(who); no != request.Allowed {
		return no
	}
	zone := zoneOf(who)
	_, offset := b.now().In(zone).Zone()
	err = b.slack.OpenView(ctx, o.route, card.AskForm(card.Ask{
		Action: opens(*w), Opener: w.UserID, From: w.ChannelID, Zone: zone.String(), Offset: offset,
	}, b.config.Channel))
	if slackapi.Code(err) == "exchanged_trigger_id" { // delivered twice: it was opened the first time
		return nil
	}
	return err
}

// formRefused tells the operator of a form that will never open as things are.
func (b *Bot) formRefused(ctx context.Context, err error) {
	if trouble, _ := b.slack.Trouble(ctx, err); trouble.ForGood() {
		b.operator.Alarm(ctx, "Slack refuses a form", "Slack does not let wfbot open a form (%s). "+
			"Whoever asked for it is told to try again. Check what the app is allowed in Slack.", slackapi.Says(err))
	}
}

// notOpenedFor is how long storing a form that was not opened may take, or telling
// its person. With slackapi.TriggerFor it is not longer than loop.ShutdownGrace.
const notOpenedFor = 3 * time.Second

// notOpened stores an opening as the interaction that it is then: somebody may not ask,
// which is told and recorded, or has to try again, which is told. Where it cannot
// be stored either, they are told that at once.
func (b *Bot) notOpened(ctx context.Context, o opening) {
	ctx, cancel := context.WithTimeout(ctx, notOpenedFor)
	defer cancel()
	b.slack.KeepReplyRoute(o.interaction.ID, o.route)
	fresh, err := b.config.Store.Accept(ctx, o.interaction)
	switch {
	case err == nil && fresh:
		b.loops.Wake()
		return
	case err != nil:
		b.database.Failed(err)
		words := card.Refused(request.RefusedFormLate, card.About{})
		if told := b.slack.TellPrivately(ctx, o.interaction.ID, o.interaction.UserID, o.interaction.ChannelID, words); told != nil {
			b.log.Error("a form was not opened, and nobody could be told", "user", o.interaction.UserID, "error", told)
		}
	}
	b.slack.DropReplyRoute(o.interaction.ID)
}

// notOpenedAtAll deals with what still waits when nobody opens forms any more, as
// far as a second goes: the process is about to end.
func (b *Bot) notOpenedAtAll(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	for {
		select {
		case o := <-b.openings:
			b.notOpened(ctx, o)
		default:
			return
		}
	}
}

// judgeOpening judges a form that was not opened: its person may not ask, or has
// to try again.
func (b *Bot) judgeOpening(who request.Person) (verdict, error) {
	if no := b.config.Policy.MayRequest(who); no != request.Allowed {
		return verdict{}, no
	}
	return verdict{}, request.RefusedFormLate
}

// problems are sentences for the inputs of a submitted form that are filled in
// wrongly, as far as that can be told by looking at it.
func (b *Bot) problems(w store.Interaction) map[string]string {
	if w.Kind != store.Form || w.Callback != card.CallbackAsk {
		return nil
	}
	opened, err := card.ParseAsk(w.Metadata)
	if err != nil { // is judged like anything else that nobody understands
		return nil
	}
	_, problems := card.ReadAsk(w.Fields, slackapi.ZoneNamed(opened.Zone, opened.Offset), w.ReceivedAt)
	return problems
}

// judgeAsk judges a submitted form as the command that could have been typed
// instead.
func (b *Bot) judgeAsk(ctx context.Context, w *store.Interaction, who request.Person, self slackapi.Identity) (verdict, error) {
	opened, err := card.ParseAsk(w.Metadata)
	if err != nil {
		return verdict{}, request.RefusedUnknownAction
	}
	w.ChannelID = opened.From // where an answer can be given
	if !who.Is(opened.Opener) {
		return verdict{}, request.RefusedNotTheOpener
	}
	if no := b.config.Policy.MayRequest(who); no != request.Allowed {
		return verdict{}, no
	}
	// The date is meant by the clocks that the form named.
	who.Zone = slackapi.ZoneNamed(opened.Zone, opened.Offset)
	command, problems := card.ReadAsk(w.Fields, who.Zone, w.ReceivedAt)
	if len(problems) > 0 { // another version of the program has taken it in
		return verdict{}, request.RefusedUnknownAction
	}
	return b.judgeAsked(ctx, w, who, self, asked{
		action: opened.Action, command: command,
		channel: cmp.Or(w.Fields[card.AskChannel], opened.From),
	})
}
