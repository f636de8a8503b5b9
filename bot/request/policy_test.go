package request_test

import (
	"testing"
	"time"

	"wfbot/bot/request"
)

var policy = request.Policy{
	Requesters: request.Members{Users: []string{"URITA"}, Groups: []string{"SHELPDESK"}},
	Approvers:  request.Members{Users: []string{"UANNA", "UBERT"}, Groups: []string{"SLEADS"}, Manager: true},
	Approvals:  1, AdminApprovals: 2,
	Protected: []string{"ceo@acme.com"},
}

func person(id, email string, more ...func(*request.Person)) request.Person {
	p := request.Person{Identity: request.Identity{ID: id, Email: email}}
	for _, m := range more {
		m(&p)
	}
	return p
}

func of(groups ...string) func(*request.Person) {
	return func(p *request.Person) { p.Groups = groups }
}

// What makes a person's word never count, whatever the lists say.
func isBot(p *request.Person)         { p.Bot = true }
func isGuest(p *request.Person)       { p.Guest = true }
func isDeactivated(p *request.Person) { p.Deactivated = true }
func isExternal(p *request.Person)    { p.External = true }

func TestMayRequest(t *testing.T) {
	t.Parallel()
	everybody := request.Policy{Requesters: request.Members{Manager: true}}
	tests := []struct {
		why    string
		policy request.Policy
		who    request.Person
		want   request.Refusal
	}{
		{"on the list", policy, person("URITA", "rita@acme.com"), request.Allowed},
		{"in a group on the list", policy, person("UZOE", "zoe@acme.com", of("SOTHER", "SHELPDESK")), request.Allowed},
		{"on no list", policy, person("UOTTO", "otto@acme.com"), request.RefusedNotRequester},
		{"in another group", policy, person("UOTTO", "otto@acme.com", of("SLEADS")), request.RefusedNotRequester},
		{"an approver is no requester", policy, person("UANNA", "anna@acme.com"), request.RefusedNotRequester},
		{"ids are exact", policy, person("urita", "rita@acme.com"), request.RefusedNotRequester},
		{"an e-mail is no identity", policy, person("UOTTO", "rita@acme.com"), request.RefusedNotRequester},
		{"a group id is not a user id", policy, person("SHELPDESK", "zoe@acme.com"), request.RefusedNotRequester},
		{"a second account could approve", policy, person("URITA", ""), request.RefusedNoEmail},
		{"nobody", policy, person("", "rita@acme.com"), request.RefusedUnknownPerson},
		{"bot on the list", policy, person("URITA", "rita@acme.com", isBot), request.RefusedBot},
		{"guest on the list", policy, person("URITA", "rita@acme.com", isGuest), request.RefusedGuest},
		{"switched off in Slack", policy, person("URITA", "rita@acme.com", isDeactivated), request.RefusedDeactivated},
		{"another organisation's", policy, person("URITA", "rita@acme.com", isExternal), request.RefusedExternal},
		{"guest through a group", policy, person("UZOE", "zoe@acme.com", of("SHELPDESK"), isGuest), request.RefusedGuest},
		{"an empty policy allows nobody", request.Policy{}, person("URITA", "rita@acme.com", of("")), request.RefusedNotRequester},
		{"the word manager means approvers only", everybody, person("UMARIA", "maria@acme.com"), request.RefusedNotRequester},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			if got := tt.policy.MayRequest(tt.who); got != tt.want {
				t.Errorf("answered %q, want %q", got, tt.want)
			}
		})
	}
}

// TestMayDecide is the truth table of who × kind of decision on a request by
// Rita about Jane, whose manager is Maria.
func TestMayDecide(t *testing.T) {
	t.Parallel()
	// To approve, deny and retry the same rules hold; to cancel others.
	tests := []struct {
		why            string
		who            request.Person
		decide, cancel request.Refusal
	}{
		{"approver by id", person("UANNA", "anna@acme.com"), request.Allowed, request.Allowed},
		{"approver by group", person("UZOE", "zoe@acme.com", of("SLEADS")), request.Allowed, request.Allowed},
		{"the target's manager", person("UMARIA", "maria@acme.com"), request.Allowed, request.Allowed},
		{"the manager's e-mail is not enough", person("UMARIA2", "maria@acme.com"), request.RefusedNotApprover, request.RefusedNotApprover},
		{"outsider", person("UOTTO", "otto@acme.com"), request.RefusedNotApprover, request.RefusedNotApprover},
		{"outsider with a group of requesters", person("UOTTO", "otto@acme.com", of("SHELPDESK")), request.RefusedNotApprover, request.RefusedNotApprover},
		{"requester", person("URITA", "rita@acme.com"), request.RefusedNotApprover, request.Allowed},
		{"requester whose e-mail vanished", person("URITA", ""), request.RefusedNotApprover, request.Allowed},
		{"requester and approver", person("URITA", "rita@acme.com", of("SLEADS")), request.RefusedOwnRequest, request.Allowed},
		{"requester's second account, an approver", person("URITA2", "RITA@Acme.com", of("SLEADS")), request.RefusedOwnRequest, request.Allowed},
		{"requester's second account, no approver", person("URITA2", "rita@acme.com"), request.RefusedNotApprover, request.RefusedNotApprover},
		{"target", person("UJANE", "jane@acme.com"), request.RefusedNotApprover, request.RefusedNotApprover},
		{"target and approver", person("UJANE", "jane@acme.com", of("SLEADS")), request.RefusedOwnAccount, request.RefusedOwnAccount},
		{"target with another e-mail now", person("UJANE", "j.doe@acme.com", of("SLEADS")), request.RefusedOwnAccount, request.RefusedOwnAccount},
		{"target's second account, an approver", person("UJANE2", "Jane@ACME.com", of("SLEADS")), request.RefusedOwnAccount, request.RefusedOwnAccount},
		{"approver without an e-mail could be the target", person("UANNA", ""), request.RefusedNoEmail, request.RefusedNoEmail},
		{"nobody", person("", "anna@acme.com"), request.RefusedUnknownPerson, request.RefusedUnknownPerson},
		{"bot on the list", person("UANNA", "anna@acme.com", isBot), request.RefusedBot, request.RefusedBot},
		{"guest on the list", person("UANNA", "anna@acme.com", isGuest), request.RefusedGuest, request.RefusedGuest},
		{"switched off in Slack", person("UANNA", "anna@acme.com", isDeactivated), request.RefusedDeactivated, request.RefusedDeactivated},
		{"another organisation's", person("UANNA", "anna@acme.com", isExternal), request.RefusedExternal, request.RefusedExternal},
		{"manager, but a guest", person("UMARIA", "maria@acme.com", isGuest), request.RefusedGuest, request.RefusedGuest},
		{"requester, switched off since", person("URITA", "rita@acme.com", isDeactivated), request.RefusedDeactivated, request.RefusedDeactivated},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			r := in(t, request.Pending)
			for _, kind := range []request.DecisionKind{request.Approve, request.Deny, request.RunAgain} {
				if got := policy.MayDecide(kind, tt.who, r); got != tt.decide {
					t.Errorf("%s: answered %q, want %q", kind, got, tt.decide)
				}
			}
			if got := policy.MayDecide(request.Cancel, tt.who, r); got != tt.cancel {
				t.Errorf("cancel: answered %q, want %q", got, tt.cancel)
			}
		})
	}
}

func TestMayDecideManager(t *testing.T) {
	t.Parallel()
	without := policy
	without.Approvers.Manager = false
	onlyManager := request.Policy{Approvers: request.Members{Manager: true}}
	asked := func(change func(*request.Request)) *request.Request {
		r := in(t, request.Pending)
		change(r)
		return r
	}
	noManager := asked(func(r *request.Request) { r.Manager = request.Identity{} })
	herOwn := asked(func(r *request.Request) { r.Requester = maria })
	boss := person("UMARIA", "maria@acme.com")
	tests := []struct {
		why    string
		policy request.Policy
		who    request.Person
		r      *request.Request
		want   request.Refusal
	}{
		{"the only approver there is", onlyManager, boss, in(t, request.Pending), request.Allowed},
		{"managers are not approvers", without, boss, in(t, request.Pending), request.RefusedNotApprover},
		{"no manager known: nobody is", onlyManager, boss, noManager, request.RefusedNotApprover},
		{"no manager known: a nameless person is not", onlyManager, person("", "x@acme.com"), noManager, request.RefusedUnknownPerson},
		{"not of her own request", onlyManager, boss, herOwn, request.RefusedOwnRequest},
		{"an empty policy lets nobody decide", request.Policy{}, boss, in(t, request.Pending), request.RefusedNotApprover},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			if got := tt.policy.MayDecide(request.Approve, tt.who, tt.r); got != tt.want {
				t.Errorf("answered %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMayTarget(t *testing.T) {
	t.Parallel()
	admins := policy
	admins.AllowAdmins = true
	tests := []struct {
		why    string
		policy request.Policy
		target request.Target
		want   request.Refusal
		needed int
	}{
		{"anybody", policy, request.Target{ID: "wf-jane", Email: "jane@acme.com"}, request.Allowed, 1},
		{"the bot's own user", policy, request.Target{ID: "wf-self", Email: "wfbot@acme.com"}, request.RefusedSelf, 1},
		{"protected", policy, request.Target{ID: "wf-ceo", Email: "ceo@acme.com"}, request.RefusedProtected, 1},
		{"protected, a space around it", policy, request.Target{ID: "wf-ceo", Email: " ceo@acme.com "}, request.RefusedProtected, 1},
		{"protected, something invisible in it", policy, request.Target{ID: "wf-ceo", Email: "ceo\u200b@acme.com"}, request.RefusedProtected, 1},
		{"protected, in full-width letters", policy, request.Target{ID: "wf-ceo", Email: "ｃｅｏ@acme.com"}, request.RefusedProtected, 1},
		{"protected, other case", policy, request.Target{ID: "wf-ceo", Email: "CEO@Acme.com"}, request.RefusedProtected, 1},
		{"administrator", policy, request.Target{ID: "wf-root", Admin: true}, request.RefusedAdmin, 2},
		{"administrator, allowed", admins, request.Target{ID: "wf-root", Admin: true}, request.Allowed, 2},
		{"protected administrator", admins, request.Target{ID: "wf-ceo", Email: "ceo@acme.com", Admin: true}, request.RefusedProtected, 2},
		{"the bot's own user, an administrator", admins, request.Target{ID: "wf-self", Admin: true}, request.RefusedSelf, 2},
		{"one approval is the least", request.Policy{}, request.Target{ID: "wf-jane"}, request.Allowed, 1},
		{"also for administrators", request.Policy{AllowAdmins: true}, request.Target{ID: "wf-root", Admin: true}, request.Allowed, 1},
	}
	back := map[request.Refusal]request.Refusal{request.RefusedProtected: request.Allowed} // being protected keeps nobody away
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			if got := tt.policy.MayTarget(request.Deactivate, tt.target, "wf-self"); got != tt.want {
				t.Errorf("answered %q, want %q", got, tt.want)
			}
			want := tt.want
			if other, ok := back[want]; ok {
				want = other
			}
			if got := tt.policy.MayTarget(request.Reactivate, tt.target, "wf-self"); got != want {
				t.Errorf("to come back: answered %q, want %q", got, want)
			}
			if got := tt.policy.Needed(tt.target); got != tt.needed {
				t.Errorf("needs %d approvals, want %d", got, tt.needed)
			}
		})
	}
}

func TestMayPost(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why     string
		channel request.ChannelFacts
		want    request.Refusal
	}{
		{"a channel of ours", request.ChannelFacts{ID: "C1", Member: true}, request.Allowed},
		{"direct message", request.ChannelFacts{ID: "D1", Direct: true, Member: true}, request.RefusedDirectMessage},
		{"shared with others", request.ChannelFacts{ID: "C1", External: true, Member: true}, request.RefusedSharedChannel},
		{"archived", request.ChannelFacts{ID: "C1", Archived: true, Member: true}, request.RefusedArchived},
		{"without the bot", request.ChannelFacts{ID: "C1"}, request.RefusedNotInChannel},
		{"nothing known", request.ChannelFacts{}, request.RefusedNotInChannel},
		{"a shared channel that the bot is not in is shared first", request.ChannelFacts{External: true}, request.RefusedSharedChannel},
		{"a direct message across organisations", request.ChannelFacts{Direct: true, External: true}, request.RefusedDirectMessage},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			if got := request.MayPost(tt.channel); got != tt.want {
				t.Errorf("answered %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMembersEmpty(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why  string
		m    request.Members
		want bool
	}{
		{"nothing configured", request.Members{}, true},
		{"a user", request.Members{Users: []string{"U1"}}, false},
		{"a group", request.Members{Groups: []string{"S1"}}, false},
		{"managers", request.Members{Manager: true}, false},
	}
	for _, tt := range tests {
		if got := tt.m.Empty(); got != tt.want {
			t.Errorf("%s: Empty() = %t, want %t", tt.why, got, tt.want)
		}
	}
}

// A person is the same under either of their Slack user ids, whatever their e-mail is
// by now.
func TestOtherID(t *testing.T) {
	t.Parallel()
	policy := request.Policy{Requesters: request.Members{Users: []string{"W1"}}, Approvers: request.Members{Users: []string{"W2", "U3"}, Manager: true}}
	somebody := func(id, other, email string) request.Person {
		return request.Person{Identity: request.Identity{ID: id, OtherID: other, Email: email}}
	}
	r := &request.Request{
		State: request.Pending, Needed: 2, ExpiresAt: time.Unix(1000, 0), Requester: request.Identity{ID: "U1", OtherID: "W1", Email: "r@acme.com"},
		TargetIDs: []string{"W3"}, Manager: request.Identity{ID: "U4", OtherID: "W4"},
	}
	may := func(kind request.DecisionKind, who request.Person, want request.Refusal) {
		t.Helper()
		if got := policy.MayDecide(kind, who, r); got != want {
			t.Errorf("%s by %s: %q, want %q", kind, who.ID, got, want)
		}
	}
	if no := policy.MayRequest(somebody("U1", "W1", "r@acme.com")); no != request.Allowed {
		t.Errorf("the requester is listed by their other id and refused: %s", no)
	}
	may(request.Approve, somebody("U2", "W2", "a@acme.com"), request.Allowed)
	may(request.Approve, somebody("U5", "", "a@acme.com"), request.RefusedNotApprover)
	may(request.Approve, somebody("U3", "W3", "new@acme.com"), request.RefusedOwnAccount)
	may(request.Approve, somebody("W4", "U4", "m@acme.com"), request.Allowed)
	may(request.Cancel, somebody("W1", "", "new@acme.com"), request.Allowed)
	policy.Approvers.Users = append(policy.Approvers.Users, "U1")
	may(request.Approve, somebody("W1", "U1", "new@acme.com"), request.RefusedOwnRequest)

	if err := r.Approve(request.Identity{ID: "U2", Email: "a@acme.com"}, 0, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if err := r.Approve(request.Identity{ID: "W2", OtherID: "U2", Email: "new@acme.com"}, 0, time.Unix(2, 0)); err != request.RefusedAlreadyApproved {
		t.Errorf("approved twice by one person: %v", err)
	}
	if (request.Identity{}).Is("") || (request.Identity{ID: "U1"}).Is("") {
		t.Error("nobody is somebody")
	}
}

// Of those who can approve, a person counts once, whichever of their ids the
// configuration, Slack and the approvals know.
func TestEnoughCountsAPersonOnce(t *testing.T) {
	t.Parallel()
	both := func(one, other string) request.Identity { return request.Identity{ID: one, OtherID: other} }
	tests := []struct {
		why      string
		users    []string
		manager  request.Identity
		approved []request.Identity
		want     int
	}{
		{"two people", []string{"U2", "U3"}, request.Identity{}, nil, 2},
		{"one who is listed and manages", []string{"W2"}, both("U2", "W2"), nil, 1},
		{"one who is listed by both ids and manages", []string{"W2", "U2"}, both("U2", "W2"), nil, 1},
		{"one who is listed and has approved", []string{"U2"}, request.Identity{}, []request.Identity{both("W2", "U2")}, 1},
		{"one who is listed by both ids and has approved", []string{"U2", "W2"}, request.Identity{}, []request.Identity{both("W2", "U2")}, 1},
		{"one who manages and has approved", nil, both("U2", "W2"), []request.Identity{both("W2", "U2")}, 1},
		{"a manager, and another who was it", []string{"W4"}, both("U2", "W2"), []request.Identity{both("U4", "W4")}, 2},
		{"the requester by their other id", []string{"W1", "U2"}, request.Identity{}, nil, 1},
		{"the target by their other id", []string{"U2"}, both("U9", "W9"), nil, 1},
	}
	for _, tt := range tests {
		r := &request.Request{Requester: both("U1", "W1"), TargetIDs: []string{"W9"}, Manager: tt.manager}
		for _, who := range tt.approved {
			r.Decisions = append(r.Decisions, request.Decision{Kind: request.Approve, By: who})
		}
		policy := request.Policy{Approvers: request.Members{Users: tt.users, Manager: true}}
		for needed, want := range map[int]bool{tt.want: true, tt.want + 1: false} {
			if r.Needed = needed; policy.Enough(r) != want {
				t.Errorf("%s: %d are enough: %t", tt.why, needed, !want)
			}
		}
	}
}
