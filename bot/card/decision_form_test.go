package card_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

func TestDecisionFormComesBack(t *testing.T) {
	t.Parallel()
	for _, kind := range []request.DecisionKind{request.Deny, request.Cancel} {
		form := formAbout(kind, found(t, 1).r, "UBERT")
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

// TestDecisionFormAboutOneOfSeveral: who is left out of several is asked about as if
// they were alone; by a button of the card the form is about several, however many.
func TestDecisionFormAboutOneOfSeveral(t *testing.T) {
	t.Parallel()
	c := inTurn(t)
	r := c.Requests[1]
	about := func(value string) any {
		return asJSON(t, card.DecisionForm(request.Cancel, c.Card, value, c.Requests[1:2], "UBERT"))
	}
	if diff := cmp.Diff(asJSON(t, formAbout(request.Cancel, r, "UBERT")), about(r.ID)); diff != "" {
		t.Errorf("by a menu (-alone +of several):\n%s", diff)
	}
	if title := about(c.ID + ":2").(object)["title"].(object)["text"]; title != "Cancel these requests" {
		t.Errorf("by a button: %q", title)
	}
}
