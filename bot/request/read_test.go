package request_test

import (
	"testing"

	"wfbot/bot/request"
)

// TestMayReadAndSee: who may see the requests of others, and the details of one
// by Rita about Jane, whose manager is Maria.
func TestMayReadAndSee(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why       string
		who       request.Person
		read, see request.Refusal
	}{
		{"who asked", person("URITA", "rita@acme.com"), request.Allowed, request.Allowed},
		{"who asked, e-mail vanished", person("URITA", ""), request.Allowed, request.Allowed},
		{"another requester", person("UZOE", "zoe@acme.com", of("SHELPDESK")), request.Allowed, request.RefusedNotApprover},
		{"an approver", person("UANNA", "anna@acme.com"), request.Allowed, request.Allowed},
		{"an approver by group", person("UZOE", "zoe@acme.com", of("SLEADS")), request.Allowed, request.Allowed},
		{"the manager of this one alone", person("UMARIA", "maria@acme.com"), request.RefusedNotReader, request.Allowed},
		{"the target, an approver", person("UJANE", "jane@acme.com", of("SLEADS")), request.Allowed, request.RefusedOwnAccount},
		{"who asked, on a second account", person("URITA2", "rita@acme.com", of("SLEADS")), request.Allowed, request.RefusedOwnRequest},
		{"an approver without an e-mail", person("UANNA", ""), request.Allowed, request.RefusedNoEmail},
		{"an outsider", person("UOTTO", "otto@acme.com"), request.RefusedNotReader, request.RefusedNotApprover},
		{"a guest who asked", person("URITA", "rita@acme.com", isGuest), request.RefusedGuest, request.RefusedGuest},
		{"a guest on the list", person("UANNA", "anna@acme.com", isGuest), request.RefusedGuest, request.RefusedGuest},
		{"a bot on the list", person("UANNA", "anna@acme.com", isBot), request.RefusedBot, request.RefusedBot},
		{"switched off since", person("URITA", "rita@acme.com", isDeactivated), request.RefusedDeactivated, request.RefusedDeactivated},
		{"another organisation's", person("UANNA", "anna@acme.com", isExternal), request.RefusedExternal, request.RefusedExternal},
		{"nobody", person("", "anna@acme.com"), request.RefusedUnknownPerson, request.RefusedUnknownPerson},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			for _, s := range allStates {
				r := in(t, s)
				if s == request.Received || s == request.Rejected { // nobody knows yet who is concerned
					r.Target, r.TargetIDs, r.Manager = janeInWorkfront, []string{"UJANE"}, maria
				}
				if got := policy.MaySee(tt.who, r); got != tt.see {
					t.Errorf("details of one that is %s: answered %q, want %q", s, got, tt.see)
				}
			}
			if got := policy.MayRead(tt.who); got != tt.read {
				t.Errorf("the list: answered %q, want %q", got, tt.read)
			}
		})
	}
	if got := (request.Policy{}).MayRead(person("UANNA", "anna@acme.com", of(""))); got != request.RefusedNotReader {
		t.Errorf("an empty policy answers %q", got)
	}
}
