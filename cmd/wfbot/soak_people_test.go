package main

import (
	"fmt"
	"strings"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/slacksim"
)

// asks has somebody type a command: mostly for a target or several, sometimes for
// nobody or none at all. Here and below, what a Slack client would not let them do
// is not done, and what Slack shows an error for is not done again.
func (s *soak) asks(n [4]int) {
	reason := fmt.Sprintf(" reason %d", len(s.done))
	text := "/wf-deactivate " + pick(s.targets, n[1]).Email
	switch n[3] % 20 {
	case 0:
		text = "/wf-deactivate nobody@acme.com"
	case 1:
		text, reason = "/wf-deactivate what is this", ""
	case 2:
		text, reason = pick([]string{"/wf-deactivate help", "/wf-deactivate list", "/wf-deactivate status " + pick(s.targets, n[1]).Email}, n[2]), ""
	case 3, 4, 5, 6:
		text = "/wf-deactivate " + s.several(n)
	case 7:
		text = "/wf-reactivate " + s.several(n)
	case 8, 9, 10:
		text = "/wf-reactivate " + pick(s.targets, n[1]).Email
	case 11, 12, 13:
		reason = " on " + inTwoDays() + reason
	}
	s.mostlyConnected(n[3])
	_, _ = s.slack.Command(s.mostly(s.policy.Requesters.Users, n[0], n[3]), pick(s.channels, n[2]), text+reason)
}

// mostly picks one of those who may, or now and then anybody.
func (s *soak) mostly(may []string, who, n int) string {
	if n%3 != 0 {
		return pick(may, who)
	}
	return pick(s.people, who)
}

// several names two to four targets, and sometimes somebody who is none.
func (s *soak) several(n [4]int) string {
	var all []string
	for i := range 2 + n[0]%3 {
		all = append(all, pick(s.targets, n[1]+i*(1+n[2]%3)).Email)
	}
	if n[2]%4 == 0 {
		all = append(all, "nobody@acme.com")
	}
	return strings.Join(all, " ")
}

// chooses has somebody choose from a menu of one of the cards: leave somebody out,
// or look at what they hold.
func (s *soak) chooses(n [4]int) {
	type menu struct {
		at slacksim.Message
		slacksim.Element
	}
	var menus []menu
	for _, channel := range s.channels {
		for _, m := range s.slack.Messages(channel) {
			for _, e := range m.Elements() {
				if !m.Deleted && len(e.Options) > 0 {
					menus = append(menus, menu{m, e})
				}
			}
		}
	}
	if len(menus) == 0 {
		return
	}
	chosen := pick(menus, n[0])
	selection := slacksim.Selection{ActionID: chosen.ActionID, BlockID: chosen.BlockID, Value: pick(chosen.Options, n[1])}
	if chosen.Confirm != nil {
		selection.Answer = chosen.Confirm.Confirm
	}
	s.mostlyConnected(n[3])
	_, _ = s.slack.Select(s.mostly(s.policy.Approvers.Users, n[2], n[3]), chosen.at.Channel, chosen.at.TS, selection)
}

// opensForm has somebody open the form that people ask in, by one of the ways.
func (s *soak) opensForm(n [4]int) {
	person := s.mostly(s.policy.Requesters.Users, n[0], n[3])
	s.mostlyConnected(n[3])
	switch n[1] % 4 {
	case 0:
		_, _ = s.slack.Command(person, pick(s.channels, n[2]), "/wf-deactivate")
	case 1:
		_, _ = s.slack.Command(person, pick(s.channels, n[2]), "/wf-reactivate")
	case 2:
		_, _ = s.slack.Shortcut(person, card.CallbackRequest)
	case 3:
		_, _ = s.slack.ClickHome(person, slacksim.Button{ActionID: card.ActionRequest})
	}
}

// opensHome has somebody look at the Home tab.
func (s *soak) opensHome(n [4]int) {
	s.mostlyConnected(n[3])
	_ = s.slack.OpenHome(pick(s.people, n[0]))
}

// fillsIn has somebody submit the form they have open, or close it.
func (s *soak) fillsIn(n [4]int) {
	for i := range s.people {
		person := pick(s.people, n[0]+i)
		open := s.slack.OpenViews(person)
		if len(open) == 0 {
			continue
		}
		form := open[len(open)-1]
		if n[1]%4 == 0 {
			_, _ = s.slack.CloseView(person, form.ID)
			return
		}
		s.mostlyConnected(n[3])
		_, _ = s.slack.Submit(person, form.ID, s.entries(form, n))
		return
	}
}

// entries are what is filled in.
func (s *soak) entries(form slacksim.View, n [4]int) map[string]any {
	if form.CallbackID != card.CallbackRequest {
		return map[string]any{"comment": fmt.Sprintf("comment %d", len(s.done))}
	}
	values := map[string]any{card.InputEmails: pick(s.targets, n[2]).Email, card.InputReason: fmt.Sprintf("form %d", len(s.done))}
	switch n[2] % 6 {
	case 0, 1:
		values[card.InputEmails] = strings.ReplaceAll(s.several(n), " ", "\n")
	case 2:
		values[card.InputDate], values[card.InputTime] = inTwoDays(), "17:00"
	case 3: // wrong, and said so
		values[card.InputDate] = time.Now().UTC().AddDate(0, 0, -2).Format(time.DateOnly)
	}
	for _, e := range form.Elements() {
		if e.ActionID == card.InputChannel {
			values[card.InputChannel] = "#" + pick([]string{"one", "two", "three"}, n[3])
		}
	}
	return values
}
