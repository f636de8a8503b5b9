package handler

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
)

// asked is what somebody asks for, typed, in the form or with a button.
type asked struct {
	action  request.Action
	command request.Command
	channel string // where the card is to go, unless it has a place of its own
}

// handleNew makes a card of what somebody asks for, if they may ask.
func (h *Handler) handleNew(ctx context.Context, in *store.Interaction, who request.Person, self slackapi.Identity, a asked) (verdict, error) {
	due, err := h.due(a.command, who)
	if err != nil {
		return verdict{}, err
	}
	channel, err := h.cardChannel(ctx, a.channel)
	if err != nil {
		return verdict{}, err
	}
	targets, err := h.targets(ctx, a.command.People, self)
	if err != nil {
		return verdict{}, err
	}
	if len(targets) == 1 && targets[0].Email == "" {
		return verdict{}, request.RefusedNoSlackEmail
	}
	return h.asking(request.Request{
		ID: in.ID, Action: a.action, Reason: a.command.Reason, NotBefore: due.UTC(), NotBeforeWords: card.OnTheClock(due),
		Requester: who.Identity, Place: request.Place{Channel: channel},
	}, targets), nil
}

// asking makes a card, with a request for each target. common is what they have in
// common; its ID becomes the card's, and that of a request which is alone. Whoever
// cannot be asked for does not stop the others.
func (h *Handler) asking(common request.Request, targets []target) verdict {
	common.CardID = common.ID
	common.DryRun, common.VerifyAfter, common.RemindEvery = h.DryRun, h.VerifyAfter, h.RemindEvery
	return verdict{apply: func(tx *store.Tx) (string, error) {
		var requests []*request.Request
		for i, who := range targets {
			one := common
			if len(targets) > 1 {
				one.ID = fmt.Sprintf("%s-%d", common.ID, i+1)
			}
			one.Email, one.Target.Name = who.Email, who.Name
			r := request.New(one, h.Now(), h.RequestTTL)
			if who.Email == "" && one.Wanted == "" {
				if err := r.Reject(request.RefusedNoSlackEmail, "", h.Now()); err != nil {
					return "", err
				}
			}
			requests = append(requests, r)
		}
		return "", tx.InsertCard(request.NewCard(request.Card{
			ID: common.ID, Action: common.Action, Reason: common.Reason, NotBefore: common.NotBefore, NotBeforeWords: common.NotBeforeWords,
			Requester: common.Requester, Place: common.Place, DryRun: common.DryRun, RemindEvery: common.RemindEvery,
		}, requests, h.Now()))
	}}
}

// target is a person as a command names them.
type target struct {
	Email string // lower case; empty: Slack shows none
	Name  string // of a person without e-mail
}

// targets finds out who is meant: each e-mail once, in the order of the command.
func (h *Handler) targets(ctx context.Context, people []request.Mention, self slackapi.Identity) ([]target, error) {
	var all []target
	for _, who := range people {
		found := target{Email: who.Email}
		if who.UserID != "" {
			mentioned, _, err := h.Slack.Person(ctx, who.UserID, self)
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

// due is the moment that a person means, by the clock that they name or live by;
// zero for at once.
func (h *Handler) due(c request.Command, who request.Person) (time.Time, error) {
	zone := who.Zone
	switch {
	case c.When.Zone != "":
		var err error
		if zone, err = zoneTyped(c.When.Zone); err != nil {
			return time.Time{}, err
		}
	case zone == nil && c.When != request.When{}:
		return time.Time{}, request.RefusedNoZone
	case zone == nil:
		zone = time.UTC
	}
	return c.Due(zone, h.Now())
}

// cardChannel is where cards go that were asked for in a channel; a
// request.Refusal if they may not be posted there.
func (h *Handler) cardChannel(ctx context.Context, askedIn string) (string, error) {
	channel := cmp.Or(h.Channel, askedIn)
	facts, err := h.Slack.Channel(ctx, channel)
	if err != nil {
		return "", err
	}
	if no := request.MayPost(facts); no != request.Allowed {
		if h.Channel != "" { // whoever asks cannot choose another one
			h.Operator.Alarm(ctx, "no cards can be posted to WFBOT_CHANNEL", "wfbot refuses requests, because cards cannot be posted to the channel of WFBOT_CHANNEL, %s (%s). "+
				"Set it to a channel that wfbot is a member of, that is not archived and not shared with another organisation.", channel, string(no))
		}
		return "", no
	}
	return channel, nil
}

// askBack is the way back from the card of a deactivation: the same as the slash
// command for it, typed by who. The look-up decides whether there is one.
func (h *Handler) askBack(ctx context.Context, in *store.Interaction, who request.Person, r *request.Request) (verdict, error) {
	v := verdict{about: r}
	if no := h.Policy.MayRequest(who); no != request.Allowed {
		return v, no
	}
	if r.State != request.Done || r.Action != request.Deactivate || r.DryRun {
		return v, request.RefusedNotOpen
	}
	channel, err := h.cardChannel(ctx, r.Channel)
	if err != nil {
		return v, err
	}
	v.apply = h.asking(request.Request{
		ID: in.ID, Action: request.Reactivate, Wanted: r.Target.ID, Reason: "Asked for on the card of the deactivation",
		Requester: who.Identity, Place: request.Place{Channel: channel},
	}, []target{{Email: r.Target.Email}}).apply
	return v, nil
}

// handleNewForm judges a submitted form as the command that could have been typed
// instead.
func (h *Handler) handleNewForm(ctx context.Context, in *store.Interaction, who request.Person, self slackapi.Identity) (verdict, error) {
	opened, err := card.ParseRequestForm(in.Metadata)
	if err != nil {
		return verdict{}, request.RefusedUnknownAction
	}
	in.ChannelID = opened.From // where an answer can be given
	if !who.Is(opened.Opener) {
		return verdict{}, request.RefusedNotTheOpener
	}
	if no := h.Policy.MayRequest(who); no != request.Allowed {
		return verdict{}, no
	}
	// The date is meant by the clocks that the form named.
	who.Zone = slackapi.ZoneNamed(opened.Zone, opened.Offset)
	command, problems := card.ReadRequestForm(in.Fields, who.Zone, in.ReceivedAt)
	if len(problems) > 0 { // another version of the program has taken it in
		return verdict{}, request.RefusedUnknownAction
	}
	return h.handleNew(ctx, in, who, self, asked{
		action: opened.Action, command: command,
		channel: cmp.Or(in.Fields[card.InputChannel], opened.From),
	})
}

// handleOpening judges a form that was not opened: its person may not ask, or has
// to try again.
func (h *Handler) handleOpening(who request.Person) (verdict, error) {
	if no := h.Policy.MayRequest(who); no != request.Allowed {
		return verdict{}, no
	}
	return verdict{}, request.RefusedFormLate
}

// zoneTyped is the zone of a request.When; a *request.CommandError if there is none
// of that name. Capitals and small letters are as people type them.
func zoneTyped(name string) (*time.Location, error) {
	if zone := request.FixedZone(name); zone != nil {
		return zone, nil
	}
	for _, name := range []string{capitalised(name), name} {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	return nil, &request.CommandError{Refusal: request.RefusedUnknownZone, Word: name}
}

// capitalised writes the name of a zone as nearly all are written: America/New_York,
// Africa/Dar_es_Salaam, US/Pacific.
func capitalised(name string) string {
	var all strings.Builder
	for i, word := range nameParts(strings.ToLower(name)) {
		first, size := utf8.DecodeRuneInString(word)
		switch {
		case i == 0 && word == "us/":
			word = "US/"
		case word != "of_" && word != "es_" && word != "au-":
			word = string(unicode.ToUpper(first)) + word[size:]
		}
		all.WriteString(word)
	}
	return all.String()
}

// nameParts splits the name of a zone behind each mark.
func nameParts(name string) (all []string) {
	for name != "" {
		end := strings.IndexAny(name, "/_-") + 1
		if end == 0 {
			end = len(name)
		}
		all, name = append(all, name[:end]), name[end:]
	}
	return all
}
