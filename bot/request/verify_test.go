package request_test

import (
	"testing"
	"time"

	"wfbot/bot/request"
)

// TestVerify: a request that is done is read again once, after its time, and
// rests then whatever was found.
func TestVerify(t *testing.T) {
	t.Parallel()
	for found, told := range map[request.Drift]bool{
		request.NoDrift: false, request.Drifted: true, request.TargetGone: false, request.Superseded: false, request.Unread: false,
	} {
		t.Run(string(found), func(t *testing.T) {
			t.Parallel()
			r := situation("done, to be verified").request(t)
			r.Paint(r.Look)
			r.TellRequester(r.News)
			due := r.Outcome.ReadAt.Add(24 * time.Hour)
			step, at := r.Next(t0)
			if step != request.Verify || !at.Equal(due) {
				t.Fatalf("next is %q at %v, want to verify at %v", step, at, due)
			}
			if err := r.VerifyFailed(0, due); err != nil {
				t.Fatal(err)
			}
			if step, at := r.Next(due); step != request.Verify || !at.After(due) {
				t.Fatalf("after a failure next is %q at %v, want to verify after a pause", step, at)
			}
			if err := r.Verify(found, due); err != nil {
				t.Fatal(err)
			}
			if want := (request.Verification{At: due, Result: found}); r.Verified != want {
				t.Errorf("verified %+v, want %+v", r.Verified, want)
			}
			if got := r.Told < r.News; got != told {
				t.Errorf("the requester is told: %t, want %t", got, told)
			}
			r.Paint(r.Look)
			r.TellRequester(r.News)
			if step, at := r.Next(due); step != request.Nothing {
				t.Errorf("next is %q at %v, want rest", step, at)
			}
		})
	}
}

// TestVerifyGivenUp: a Workfront that cannot be read is asked for two days.
func TestVerifyGivenUp(t *testing.T) {
	t.Parallel()
	r := situation("done, to be verified").request(t)
	now := r.VerifyAt
	for r.Verified == (request.Verification{}) {
		if now.Sub(r.VerifyAt) > request.RetryFor+time.Hour && !r.VerifyAt.IsZero() {
			t.Fatalf("still tried at %v", now)
		}
		if err := r.VerifyFailed(0, now); err != nil {
			t.Fatal(err)
		}
		now = r.VerifyRetry.At
	}
	if r.Verified.Result != request.Unread {
		t.Errorf("verified %+v", r.Verified)
	}
}

// TestNotVerified: what wrote nothing for good has nothing to be read again.
func TestNotVerified(t *testing.T) {
	t.Parallel()
	dry := newRequest()
	dry.DryRun, dry.VerifyAfter = true, time.Hour
	reach(t, dry, request.Executing)
	if err := dry.Rehearsed(t0); err != nil {
		t.Fatal(err)
	}
	for why, r := range map[string]*request.Request{"a dry run": dry, "told never to": in(t, request.Done)} {
		if !r.VerifyAt.IsZero() {
			t.Errorf("%s: verified at %v", why, r.VerifyAt)
		}
	}
}

// TestReactivate: the way back says and wants the opposite.
func TestReactivate(t *testing.T) {
	t.Parallel()
	r := newRequest()
	r.Action = request.Reactivate
	reach(t, r, request.Executing)
	if err := r.WriteAttempted(t0); err != nil {
		t.Fatal(err)
	}
	if err := r.Succeed(t0); err != nil {
		t.Fatal(err)
	}
	wrote := map[string]string{}
	for _, e := range r.TakeEvents() {
		wrote[e.Kind] = e.Detail["isActive"]
	}
	if wrote["write attempted"] != "true" || wrote["done"] != "true" || !r.Action.Active() {
		t.Errorf("the trail says isActive=%q, then %q", wrote["write attempted"], wrote["done"])
	}
}
