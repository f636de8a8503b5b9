package card_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// pressable returns the action ids of a card's buttons.
func pressable(t *testing.T, r *request.Request, v card.View) []string {
	t.Helper()
	var ids []string
	_, blocks := card.Message(r, v)
	for _, b := range blocks {
		actions, ok := b.(*slack.ActionBlock)
		if !ok {
			continue
		}
		for _, e := range actions.Elements.ElementSet {
			button := e.(*slack.ButtonBlockElement)
			if button.Value != r.ID {
				t.Errorf("button %s has value %q", button.ActionID, button.Value)
			}
			ids = append(ids, button.ActionID)
		}
	}
	return ids
}

func TestButtons(t *testing.T) {
	t.Parallel()
	decide := []string{card.ActionApprove, card.ActionDeny, card.ActionCancel}
	want := map[string][]string{
		"pending": decide, "pending_stop_window": decide, "pending_dry_run": decide, "pending_admin_half": decide, "pending_bare": decide,
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

		"pending_holds": append(slices.Clone(decide), card.ActionDetails), "pending_holds_nothing": decide, "pending_holds_unknown": decide,
		"pending_fields": decide, "pending_manager_none": decide, "pending_stuck": decide, "pending_twins": decide, "pending_manager_not_in_Slack": decide,
		"pending_manager_the_requester": decide, "pending_manager_may_not": decide,
		"pending_dated_words_unknown": decide, "pending_hint": decide,
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

// TestOnlyDoneSaysDone: no card and no notice claims more than is known.
func TestOnlyDoneSaysDone(t *testing.T) {
	t.Parallel()
	for _, s := range scenes(t) {
		text, _ := card.Message(s.r, s.v)
		said := text + card.Notice(s.r, permalink)
		done := s.r.State == request.Done
		for _, claim := range []string{"Done", "is deactivated", "is active again", "Read back", "read it back"} {
			if strings.Contains(said, claim) && !done {
				t.Errorf("%s says %q: %s", s.name, claim, said)
			}
		}
		if done && !strings.Contains(said, "Done") {
			t.Errorf("%s does not say so: %s", s.name, said)
		}
		if s.r.WriteOpen && strings.Contains(said, "Nothing was changed") {
			t.Errorf("%s: a write is open: %s", s.name, said)
		}
	}
}

func TestBlockIDsChangeWithEveryUpdate(t *testing.T) {
	t.Parallel()
	s := found(t, 2)
	seen := map[string]bool{}
	paint := func(v card.View) {
		_, blocks := card.Message(s.r, v)
		for _, b := range blocks {
			if seen[b.ID()] {
				t.Errorf("block_id %s stands for two contents", b.ID())
			}
			seen[b.ID()] = true
		}
	}
	paint(card.View{})
	paint(painted())
	s.do(s.r.Approve(anna, 0, after(5)))
	paint(painted())
	s.do(s.r.Approve(bert, 0, after(6)))
	paint(painted())
}

func TestThoseWhoCannotDecideAreNotAsked(t *testing.T) {
	t.Parallel()
	s := found(t, 2)
	s.do(s.r.Approve(anna, 0, after(5)))
	v := painted()
	v.Approvers.Users = append(v.Approvers.Users, "UJANE", "UBERT")
	text, _ := card.Message(s.r, v)
	_, asked, _ := strings.Cut(text, "Please approve or deny: ")
	asked, _, _ = strings.Cut(asked, "\n")
	if want := "<@UMARIA>, <!subteam^SLEADS>, <@UBERT>"; asked != want {
		t.Errorf("asked are %q, want %q: not the requester, the target or who approved, and nobody twice", asked, want)
	}
}

func TestDecisionFormComesBack(t *testing.T) {
	t.Parallel()
	for _, kind := range []request.DecisionKind{request.Deny, request.Cancel} {
		form := card.DecisionForm(kind, found(t, 1).r, "UBERT")
		got, err := card.ParseDecisionForm(form.CallbackID, form.PrivateMetadata)
		if want := (card.Form{Kind: kind, Value: "req-1", Opener: "UBERT"}); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		for _, bad := range []string{"", "{", "[]", "{}", `{"request":"req-1"}`, `{"opener":"UBERT"}`, `{"request":1,"opener":"U"}`} {
			if got, err := card.ParseDecisionForm(form.CallbackID, bad); err == nil {
				t.Errorf("%q is accepted as %+v", bad, got)
			}
		}
		if got, err := card.ParseDecisionForm("approve", form.PrivateMetadata); err == nil {
			t.Errorf("a form of another kind is accepted as %+v", got)
		}
	}
}
