package request_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/bot/request"
)

func TestMeant(t *testing.T) {
	t.Parallel()
	user := func(id string, active bool) request.Target {
		return request.Target{ID: id, Email: "jane@acme.com", Name: "Jane Doe", Active: active}
	}
	on := func(id string) request.Target { return user(id, true) }
	off := func(id string) request.Target { return user(id, false) }
	// by is what wfbot did to a user that many minutes after t0.
	by := func(id string, action request.Action, minute int) []*request.Request {
		return []*request.Request{earlier(action, request.Done, minute, func(r *request.Request) { r.Target.ID, r.ID = id, id })}
	}
	drifted := by("b", request.Deactivate, 9)
	drifted[0].Verified.Result = request.Drifted
	type all = []request.Target
	type known = map[string][]*request.Request
	tests := []struct {
		why    string
		action request.Action
		wanted string
		all    all
		known  known
		want   string // ID
		no     request.Refusal
	}{
		{"nobody", request.Deactivate, "", nil, nil, "", request.RefusedNotFound},
		{"one, active", request.Deactivate, "", all{on("a")}, nil, "a", ""},
		{"one, inactive: the look-up says it", request.Deactivate, "", all{off("a")}, nil, "a", ""},
		{"the active one of two", request.Deactivate, "", all{off("a"), on("b")}, nil, "b", ""},
		{"the active one of four", request.Deactivate, "", all{off("a"), off("b"), on("c"), off("d")}, nil, "c", ""},
		{"two active", request.Deactivate, "", all{on("a"), on("b")}, nil, "", request.RefusedAmbiguous},
		{"two active and one not", request.Deactivate, "", all{on("a"), off("b"), on("c")}, nil, "", request.RefusedAmbiguous},
		{"none active", request.Deactivate, "", all{off("a"), off("b")}, nil, "", request.RefusedInactive},
		{"whom wfbot deactivated before does not matter", request.Deactivate, "", all{off("a"), on("b")}, known{"a": by("a", request.Deactivate, 1)}, "b", ""},

		{"back: one, inactive", request.Reactivate, "", all{off("a")}, nil, "a", ""},
		{"back: one, active: the look-up says it", request.Reactivate, "", all{on("a")}, nil, "a", ""},
		{"back: the one that wfbot deactivated", request.Reactivate, "", all{off("a"), off("b")}, known{"a": by("a", request.Deactivate, 1)}, "a", ""},
		{"back: the last that wfbot deactivated", request.Reactivate, "", all{off("a"), off("b"), off("c")},
			known{"a": by("a", request.Deactivate, 1), "b": by("b", request.Deactivate, 3), "c": by("c", request.Deactivate, 2)}, "b", ""},
		{"back: not one that wfbot brought back since", request.Reactivate, "", all{off("a"), off("b")},
			known{"a": by("a", request.Deactivate, 1), "b": append(by("b", request.Deactivate, 2), by("b", request.Reactivate, 5)...)}, "a", ""},
		{"back: not one that was found active since", request.Reactivate, "", all{off("a"), off("b")},
			known{"a": by("a", request.Deactivate, 1), "b": drifted}, "a", ""},
		{"back: none by wfbot", request.Reactivate, "", all{off("a"), off("b")}, nil, "", request.RefusedAmbiguous},
		{"back: not beside an active one", request.Reactivate, "", all{off("a"), on("b")}, known{"a": by("a", request.Deactivate, 1)}, "", request.RefusedActiveTwin},
		{"back: not beside an active one, also by the button", request.Reactivate, "a", all{off("a"), on("b")}, known{"a": by("a", request.Deactivate, 1)}, "", request.RefusedActiveTwin},
		{"back: by the button, the one of that card", request.Reactivate, "a", all{off("a"), off("b")},
			known{"a": by("a", request.Deactivate, 1), "b": by("b", request.Deactivate, 3)}, "a", ""},
		{"back: by the button, and there is another one by now", request.Reactivate, "a", all{off("b")}, nil, "", request.RefusedNotFound},
		{"back: by the button, and there are others by now", request.Reactivate, "a", all{off("b"), off("c")}, nil, "", request.RefusedNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got, no := request.Meant(tt.action, tt.wanted, tt.all, tt.known)
			if got.ID != tt.want || no != tt.no {
				t.Fatalf("%q, %q; want %q, %q", got.ID, no, tt.want, tt.no)
			}
			var twins []string
			for _, u := range tt.all {
				if u.ID != got.ID && no == request.Allowed {
					twins = append(twins, u.ID)
				}
			}
			if diff := cmp.Diff(twins, got.Twins); diff != "" {
				t.Errorf("twins (-want +got):\n%s", diff)
			}
		})
	}
}

// The trail says which others there were.
func TestFoundWithTwins(t *testing.T) {
	t.Parallel()
	r, f := newRequest(), finding()
	r.TakeEvents()
	f.Target.Twins = []string{"wf-old", "wf-older"}
	if err := r.Found(f, t0.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if events := r.TakeEvents(); len(events) != 1 || events[0].Detail["twins"] != "wf-old wf-older" {
		t.Errorf("%+v", events)
	}
}
