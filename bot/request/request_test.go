package request_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"wfbot/bot/request"
)

func TestRetryPauses(t *testing.T) {
	t.Parallel()
	want := []time.Duration{
		2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, 64 * time.Second,
		128 * time.Second, 256 * time.Second, 512 * time.Second, 1024 * time.Second, 30 * time.Minute, 30 * time.Minute,
	}
	var r request.Retry
	now := t0
	for i, pause := range want {
		r = r.Failed(now, 0)
		if got := r.At.Sub(now); got != pause {
			t.Errorf("after failure %d the pause is %v, want %v", i+1, got, pause)
		}
		if r.Failures != i+1 || !r.Since.Equal(t0) {
			t.Errorf("after failure %d: %d failures since %v", i+1, r.Failures, r.Since)
		}
		now = r.At
	}
	for tries := 0; !r.GivenUp(); tries++ {
		if tries > 100 {
			t.Fatal("never given up")
		}
		now = r.At
		r = r.Failed(now, 0)
	}
	if last := now.Sub(t0); last < 47*time.Hour || last >= request.RetryFor {
		t.Errorf("the last try was after %v, want within the last half hour of %v", last, request.RetryFor)
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why     string
		r       request.Retry
		wait    time.Duration
		at      time.Duration // after t0
		givenUp bool
	}{
		{"asked to wait longer", request.Retry{}, time.Minute, time.Minute, false},
		{"asked to wait less than we would", request.Retry{Failures: 9, Since: t0}, time.Second, 1024 * time.Second, false},
		{"a negative wait", request.Retry{}, -time.Hour, 2 * time.Second, false},
		{"asked to wait for years", request.Retry{}, 9000 * time.Hour, 9000 * time.Hour, true},
		{"very many failures", request.Retry{Failures: 1 << 40, Since: t0}, 0, 30 * time.Minute, false},
		{"the next try is the first one too late", request.Retry{Failures: 99, Since: t0.Add(30*time.Minute - request.RetryFor)}, 0, 30 * time.Minute, true},
		{"the next try is the last one in time", request.Retry{Failures: 99, Since: t0.Add(31*time.Minute - request.RetryFor)}, 0, 30 * time.Minute, false},
	}
	for _, tt := range tests {
		got := tt.r.Failed(t0, tt.wait)
		if at := got.At.Sub(t0); at != tt.at {
			t.Errorf("%s: next try after %v, want %v", tt.why, at, tt.at)
		}
		if got.GivenUp() != tt.givenUp {
			t.Errorf("%s: GivenUp() = %t", tt.why, got.GivenUp())
		}
	}
	if (request.Retry{}).GivenUp() {
		t.Error("given up without a failure")
	}
}

// TestRetryAfterTheProgramWasDown: two days off do not use up the tries.
func TestRetryAfterTheProgramWasDown(t *testing.T) {
	t.Parallel()
	c := alone(in(t, request.Done))
	raise(c)
	c.PaintFailed(0, t0)
	monday := t0.Add(3 * request.RetryFor)
	wantNext(t, c, monday, request.PaintCard, time.Time{})
	c.TakeEvents()
	c.PaintFailed(0, monday)
	if events := c.TakeEvents(); len(events) != 1 || events[0].Kind != "card given up" {
		t.Errorf("recorded %v, want that the card was given up", events)
	}
}

func TestExecutionGivenUp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why   string
		later func(*request.Request, time.Time) error
	}{
		{"nothing was ever changed", func(r *request.Request, now time.Time) error { return r.Postpone("down", 0, now) }},
		{"a write's outcome never became known", func(r *request.Request, now time.Time) error { return r.Unresolved("down", false, 0, now) }},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			r := in(t, request.Approved)
			r.ExpiresAt = t0.Add(1000 * time.Hour)
			now := t0.Add(time.Minute)
			for r.State != request.Failed {
				if err := r.Begin(now); err != nil {
					t.Fatal(err)
				}
				if err := tt.later(r, now); err != nil {
					t.Fatal(err)
				}
				if now.Sub(t0) > request.RetryFor+time.Hour {
					t.Fatalf("still %q after %v", r.State, now.Sub(t0))
				}
				now = r.ExecuteRetry.At
			}
			if r.Trouble != "down" || r.Told == r.News {
				t.Errorf("trouble is %q, and the requester will not be told", r.Trouble)
			}
			// A person may start all over.
			if err := r.Retry(bert, now); err != nil || r.State != request.Approved || r.ExecuteRetry.Failures != 0 || r.Trouble != "" {
				t.Errorf("after Retry: %v, %q, %+v, %q", err, r.State, r.ExecuteRetry, r.Trouble)
			}
		})
	}
}

func TestLookUpFailedIsToldOnce(t *testing.T) {
	t.Parallel()
	r := newRequest()
	now := t0
	for range 5 {
		if err := r.LookUpFailed("Workfront is down", 0, now); err != nil {
			t.Fatal(err)
		}
		now = r.LookUpRetry.At
	}
	if r.News != 1 {
		t.Errorf("the requester has %d news, want one", r.News)
	}
	if err := r.Found(finding(), now); err != nil || r.Trouble != "" {
		t.Errorf("once it is found: %v, trouble %q", err, r.Trouble)
	}
}

func TestAlready(t *testing.T) {
	t.Parallel()
	now := t0.Add(time.Minute)
	tests := []struct {
		why     string
		in      situation
		wrote   bool
		already bool
	}{
		{"inactive before anything was written", "executing", false, true},
		{"written", "executing", true, false},
		{"written before a crash", "executing, waiting", false, false},
		{"inactive at a dry run", "executing, dry run", false, true},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			r := tt.in.request(t)
			if tt.wrote {
				if err := r.WriteAttempted(now); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.Succeed(now); err != nil {
				t.Fatal(err)
			}
			if want := (request.Outcome{ReadAt: now, Already: tt.already}); r.Outcome != want {
				t.Errorf("outcome is %+v, want %+v", r.Outcome, want)
			}
		})
	}
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	now := t0.Add(time.Minute)
	r := in(t, request.Executing)
	step := func(what string, err error, want bool) {
		t.Helper()
		if err != nil || r.Accepted != want {
			t.Errorf("%s: %v, Accepted is %t", what, err, r.Accepted)
		}
	}
	step("written", r.WriteAttempted(now), false)
	step("answered well, not read back", r.Unresolved("hangs", true, 0, now), true)
	step("not read back again", r.Unresolved("hangs", false, 0, now), true)
	step("written again", r.WriteAttempted(now), false)
}

// TestRequestJSON shows that a request comes back from the database as it went
// there, from every state.
func TestRequestJSON(t *testing.T) {
	t.Parallel()
	for _, s := range situations() {
		t.Run(string(s), func(t *testing.T) {
			t.Parallel()
			r := s.request(t)
			data, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			var back request.Request
			if err := json.Unmarshal(data, &back); err != nil {
				t.Fatal(err)
			}
			want := clone(r)
			want.Decisions, want.Place = nil, request.Place{} // rows of their own
			if diff := cmp.Diff(want, &back, cmpopts.IgnoreUnexported(request.Request{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("came back changed:\n%s", diff)
			}
			if strings.Contains(string(data), "0001-01-01") {
				t.Errorf("a time that is not set is stored: %s", data)
			}
		})
	}
}

// TestRequestJSONNames fixes the stored names: requests outlive upgrades.
func TestRequestJSONNames(t *testing.T) {
	t.Parallel()
	stored := `{"id":"r1","version":3,"action":"deactivate","state":"executing","email":"jane@acme.com","reason":"left",
		"requester":{"id":"URITA","name":"Rita","email":"rita@acme.com"},"dry_run":true,
		"created_at":"2026-05-04T09:00:00Z","expires_at":"2026-05-07T09:00:00Z","refused":"already open","in_the_way":"r0",
		"target":{"id":"wf-jane","email":"jane@acme.com","name":"Jane Doe","active":true,"admin":true},
		"target_ids":["UJANE"],"manager":{"id":"UMARIA"},"needed":2,"due_at":"2026-05-04T09:01:00Z",
		"write_sent_at":"2026-05-04T09:02:00Z","writes":1,"accepted":true,"trouble":"no answer",
		"outcome":{"read_at":"2026-05-04T09:03:00Z","already":true},"look":4,
		"held_since":"2026-05-04T09:04:00Z","not_before":"2026-05-04T09:05:00Z","card_id":"c1","ttl":3600000000000,"verify_after":7200000000000,
		"no_manager":"none","void":1,"clear_at":"2026-05-04T09:06:00Z","write_open":true,"surveys":2,
		"holdings":[{"kind":"tasks","count":3},{"kind":"reports","trouble":"no answer","pending":true}],
		"survey_retry":{"failures":2},"verify_at":"2026-05-04T09:07:00Z","verify_retry":{"failures":3},
		"verified":{"at":"2026-05-04T09:08:00Z","result":"changed"},
		"remind_every":10800000000000,"manager_at":"2026-05-04T09:09:00Z","manager_retry":{"failures":4},"former_managers":["UOLD"],
		"new_manager":"UNEW","stuck":true,"ask":3,"asked":2,"look_up_retry":{"failures":7},"news":2,"told":1,"execute_retry":{"failures":1,"since":"2026-05-04T09:02:00Z","at":"2026-05-04T09:02:02Z"}}`
	at := func(minutes int) time.Time { return t0.Add(time.Duration(minutes) * time.Minute) }
	want := request.Request{
		ID: "r1", Version: 3, Action: request.Deactivate, State: request.Executing, Email: "jane@acme.com", Reason: "left",
		Requester: rita, DryRun: true, CreatedAt: t0, ExpiresAt: t0.Add(ttl),
		Refused: request.RefusedAlreadyOpen, InTheWay: "r0",
		Target:    request.Target{ID: "wf-jane", Email: "jane@acme.com", Name: "Jane Doe", Active: true, Admin: true},
		TargetIDs: []string{"UJANE"}, Manager: request.Identity{ID: "UMARIA"}, Needed: 2, DueAt: at(1),
		WriteSentAt: at(2), Writes: 1, Accepted: true, Trouble: "no answer",
		Outcome:     request.Outcome{ReadAt: at(3), Already: true},
		PausedSince: at(4), NotBefore: at(5), CardID: "c1", TTL: time.Hour, VerifyAfter: 2 * time.Hour,
		NoManager: request.ManagerNone, Void: 1, ClearAt: at(6), WriteOpen: true, Counts: 2,
		Holdings:   []request.Holding{{Kind: "tasks", Count: 3}, {Kind: "reports", Trouble: "no answer", Pending: true}},
		CountRetry: request.Retry{Failures: 2}, VerifyAt: at(7), VerifyRetry: request.Retry{Failures: 3},
		Verified:     request.Verification{At: at(8), Result: request.Drifted},
		LookUpRetry:  request.Retry{Failures: 7},
		ExecuteRetry: request.Retry{Failures: 1, Since: at(2), At: at(2).Add(2 * time.Second)},
		ManagerAt:    at(9), ManagerRetry: request.Retry{Failures: 4}, FormerManagers: []string{"UOLD"}, NewManager: "UNEW", Stuck: true,
		Look: 4, News: 2, Told: 1, Ask: 3, Asked: 2, RemindEvery: 3 * time.Hour,
	}
	var got request.Request
	if err := json.Unmarshal([]byte(stored), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(request.Request{})); diff != "" {
		t.Errorf("read as something else:\n%s", diff)
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	open := map[request.State]bool{request.Pending: true, request.Approved: true, request.Executing: true}
	for _, s := range allStates {
		if s.Open() != open[s] {
			t.Errorf("%q: Open() = %t", s, s.Open())
		}
		if want := !open[s] && s != request.Received; s.Ended() != want {
			t.Errorf("%q: Ended() = %t", s, s.Ended())
		}
	}
}
