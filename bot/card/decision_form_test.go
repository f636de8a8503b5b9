package card_test

import (
	"testing"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

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
