package card_test

import (
	"slices"
	"testing"

	"github.com/slack-go/slack"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// pressable returns the action ids of a card's buttons.
func pressable(t *testing.T, r *request.Request, v card.View) []string {
	t.Helper()
	var ids []string
	press := func(actionID, value string) {
		action, about := card.Pressed(actionID, value)
		if about != r.ID {
			t.Errorf("button %s has value %q", action, about)
		}
		ids = append(ids, action)
	}
	_, blocks := card.Message(alone(r), v)
	for _, b := range blocks {
		switch b := b.(type) {
		case *slack.SectionBlock:
			if b.Accessory != nil {
				press(b.Accessory.ButtonElement.ActionID, b.Accessory.ButtonElement.Value)
			}
		case *slack.ActionBlock:
			if n := len(b.Elements.ElementSet); n > 3 {
				t.Errorf("%d buttons and menus in a row", n)
			}
			for _, e := range b.Elements.ElementSet {
				switch e := e.(type) {
				case *slack.ButtonBlockElement:
					press(e.ActionID, e.Value)
				case *slack.OverflowBlockElement:
					for _, o := range e.Options {
						press(e.ActionID, o.Value)
					}
				}
			}
		}
	}
	return ids
}

func TestButtons(t *testing.T) {
	t.Parallel()
	decide := []string{card.ActionApprove, card.ActionDeny, card.ActionCancel}
	want := map[string][]string{
		"pending": decide, "pending_linked": decide, "pending_stop_window": decide, "pending_dry_run": decide, "pending_admin_half": decide, "pending_bare": decide,
		"approved":             {card.ActionCancel},
		"approved_stop_window": {card.ActionCancel},
		"approved_trouble":     {card.ActionRetry, card.ActionCancel},
		"approved_held":        {card.ActionRetry, card.ActionCancel},
		"approved_retried_now": {card.ActionCancel}, // nothing is faster than now
		"executing_not_known":  {card.ActionRetry},  // too late to cancel
		"executing_accepted":   {card.ActionRetry},
		"failed":               {card.ActionRetry},
		"failed_after_write":   {card.ActionRetry},
		"failed_retried":       {card.ActionCancel},

		"pending_holds": append([]string{card.ActionDetails}, decide...), "pending_holds_nothing": decide, "pending_holds_unknown": append([]string{card.ActionDetails}, decide...),
		"pending_fields": decide, "pending_manager_none": decide, "pending_stuck": decide, "pending_twins": decide, "pending_manager_not_in_Slack": decide,
		"pending_manager_the_requester": decide, "pending_manager_may_not": decide,
		"pending_dated_words_unknown": decide, "pending_hint": decide, "pending_counting": decide,
		"pending_dated": decide, "pending_dated_dry_run": decide, "pending_again": decide,
		"approved_dated": {card.ActionCancel},
		"back_pending":   decide, "back_pending_dry_run": decide, "back_pending_admin": decide,
		"back_approved": {card.ActionCancel}, "back_failed": {card.ActionRetry},
		"dry_run_approved": {card.ActionCancel}, "dry_run_failed": {card.ActionRetry}, "back_executing_not_known": {card.ActionRetry},
		// The way back, as long as there is one as far as is known.
		"done": {card.ActionReactivate}, "done_to_be_read": {card.ActionReactivate},
		"done_still_so": {card.ActionReactivate}, "done_not_read": {card.ActionReactivate},
	}
	for _, s := range scenes(t) {
		if got := pressable(t, s.r, s.v); !slices.Equal(got, want[s.name]) {
			t.Errorf("%s: buttons %q, want %q", s.name, got, want[s.name])
		}
		if got := pressable(t, s.r, card.View{Approvers: approvers}); len(got) > 0 {
			t.Errorf("%s: a first posting with buttons %q", s.name, got)
		}
	}
}

// TestSeveralButtonsAreAboutWhomTheyShow: a selection in a button holds just the people
// that it applies to when the card is drawn.
func TestSeveralButtonsAreAboutWhomTheyShow(t *testing.T) {
	t.Parallel()
	c := everything(t)
	_, blocks := card.Message(c.Card, c.v)
	want := map[string][]int{
		card.ActionApprove: {2, 3}, card.ActionDeny: {2, 3}, card.ActionCancel: {2, 3, 7, 8, 18}, card.ActionRetry: {8, 10, 13, 18},
		card.ActionLeaveOut: {2, 3, 7, 8, 18},
	}
	seen := map[string][]int{}
	about := func(action string, r *request.Request) {
		seen[action] = append(seen[action], slices.Index(c.Requests, r))
	}
	press := func(action, value string) {
		id, selection, several := card.ParseValue(value)
		members, err := c.Selected(selection)
		if id != c.ID || !several || err != nil {
			t.Errorf("%s has the value %q: %v", action, value, err)
		}
		for _, r := range members {
			about(action, r)
		}
	}
	for _, block := range blocks {
		actions, ok := block.(*slack.ActionBlock)
		if !ok {
			continue
		}
		for _, e := range actions.Elements.ElementSet {
			switch e := e.(type) {
			case *slack.ButtonBlockElement:
				press(e.ActionID, e.Value)
			case *slack.OverflowBlockElement:
				for _, o := range e.Options {
					press(card.Pressed(e.ActionID, o.Value))
				}
			case *slack.SelectBlockElement:
				for _, o := range e.Options {
					i := slices.IndexFunc(c.Requests, func(r *request.Request) bool { return r.ID == o.Value })
					if i < 0 {
						t.Fatalf("an option with the value %q", o.Value)
					}
					about(e.ActionID, c.Requests[i])
				}
			}
		}
	}
	for action, members := range want {
		if !slices.Equal(seen[action], members) {
			t.Errorf("%s is about %v, want %v", action, seen[action], members)
		}
	}
}

// TestMenusAreAboutWhomTheyFit: details are offered of those who hold something
// and are to be decided on, by what is known of their names.
func TestMenusAreAboutWhomTheyFit(t *testing.T) {
	t.Parallel()
	c := inTurn(t)
	for _, r := range c.Requests {
		r.Holdings = []request.Holding{{Kind: "tasks", Count: 1}}
	}
	c.do(c.Requests[0].Approve(anna, 0, after(5)))
	c.Requests[1].Target.Name = ""
	c.Requests[2].Target.Email, c.Requests[2].Email = "", ""
	_, blocks := card.Message(c.Card, c.v)
	labels := map[string][]string{}
	for _, b := range blocks {
		if actions, ok := b.(*slack.ActionBlock); ok {
			for _, e := range actions.Elements.ElementSet {
				if menu, ok := e.(*slack.SelectBlockElement); ok {
					for _, o := range menu.Options {
						labels[menu.ActionID] = append(labels[menu.ActionID], o.Text.Text)
					}
				}
			}
		}
	}
	want := []string{"2. person2@acme.com", "3. Person Number 3"}
	if got := labels[card.ActionDetails]; !slices.Equal(got, want) {
		t.Errorf("details of %q, want %q", got, want)
	}
	if got := labels[card.ActionLeaveOut]; !slices.Equal(got, append([]string{"1. Person Number 1 (person1@acme.com)"}, want...)) {
		t.Errorf("to leave out are %q", got)
	}
}
