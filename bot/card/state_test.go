package card_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// TestRetryWhereItMakesADifference: between two tries and when it is paused, but
// not while something is under way or was asked for already.
func TestRetryWhereItMakesADifference(t *testing.T) {
	t.Parallel()
	retried := []request.Decision{{Kind: request.Approve, By: anna, At: after(5)}, {Kind: request.RunAgain, By: bert, At: after(20)}}
	for _, row := range []struct {
		name   string
		change func(*request.Request)
		want   bool
	}{
		{"failed once", func(*request.Request) {}, true},
		{"no trouble any more", func(r *request.Request) { r.Trouble = "" }, false},
		{"not tried yet", func(r *request.Request) { r.ExecuteRetry.Failures = 0 }, false},
		{"paused", func(r *request.Request) { r.ExecuteRetry, r.PausedSince = request.Retry{}, after(6) }, true},
		{"asked for already", func(r *request.Request) { r.Decisions, r.ExecuteRetry.At = retried, after(20) }, false},
		{"failed again since", func(r *request.Request) { r.Decisions, r.ExecuteRetry.At = retried, after(21) }, true},
		{"not confirmed", func(r *request.Request) { r.State, r.WriteOpen = request.Executing, true }, true},
		{"under way", func(r *request.Request) { r.State = request.Executing }, false},
		{"sent just now", func(r *request.Request) { r.State, r.WriteOpen, r.Trouble = request.Executing, true, "" }, false},
		{"the look-up", func(r *request.Request) { r.State = request.Received }, false},
	} {
		s := begun(t)
		s.do(s.r.Postpone("Workfront does not answer.", time.Hour, after(6)))
		row.change(s.r)
		if got := slices.Contains(pressable(t, s.r, painted()), card.ActionRetry); got != row.want {
			t.Errorf("%s: retry is offered: %v, want %v", row.name, got, row.want)
		}
		c := gathered(t, 2).posted()
		c.Requests[1] = s.r
		_, blocks := card.Message(c.Card, c.v)
		if got := strings.Contains(shownOf(t, blocks), `"Retry (1)"`); got != row.want {
			t.Errorf("%s, among several: retry is offered: %v, want %v", row.name, got, row.want)
		}
	}
}

// TestWhatIsSaidInOddCases: the rows of the states where two things are so at once.
func TestWhatIsSaidInOddCases(t *testing.T) {
	t.Parallel()
	superseded := begun(t)
	superseded.do(superseded.r.Succeed(after(7)))
	superseded.do(superseded.r.Supersede("req-2", after(9)))
	byRequester := found(t, 1)
	byRequester.do(byRequester.r.Deny(rita, "", after(7)))
	stuck := found(t, 1)
	stuck.r.ManagerFound(request.Managing{Manager: bert}, false, after(5))
	stuckWithout := found(t, 1)
	stuckWithout.r.ManagerFound(request.Managing{NoManager: request.ManagerNotHere}, false, after(5))
	without := found(t, 1)
	without.r.Manager = request.Identity{}
	sent := begun(t)
	sent.do(sent.r.WriteAttempted(after(6)))
	ended := found(t, 1)
	ended.r.Target.ScheduledOff, ended.r.Target.InactiveSince = after(600), after(-60)
	ended.do(ended.r.Deny(bert, "", after(7)))
	endedBack := found(t, 1, backwards)
	endedBack.r.Target.InactiveSince = after(-60)
	endedBack.do(endedBack.r.Deny(bert, "", after(7)))
	open := found(t, 1)
	open.r.Target.InactiveSince = after(-60)
	managed := func(name, mail string) *request.Request {
		r := found(t, 1).r
		r.Target.Manager, r.Target.ManagerEmail = name, mail
		return r
	}
	for _, row := range []struct {
		name         string
		r            *request.Request
		says, silent string
	}{
		{"was so already, and changed since", superseded.r, "*Nothing was changed:* the user was already inactive", "Done at the time"},
		{"denied by the requester", byRequester.r, "Denied by <@URITA>", "You cancelled"},
		{"too few, with a manager", stuck.r, "Too few people can approve this now", "Their manager has changed"},
		{"too few, without a manager", stuckWithout.r, "Their manager has changed in Workfront and cannot be asked", "Please ask the people who run wfbot"},
		{"without a manager", without.r, "Sent to <#C1>", "can approve this now:"},
		{"sent, and no answer yet", sent.r, "Workfront is being changed now", "Not confirmed"},
		{"planned, and denied", ended.r, "Denied", "Scheduled in Workfront"},
		{"inactive before, and denied", ended.r, "Denied", "Inactive since"},
		{"to come back, and denied", endedBack.r, "Denied", "Inactive since"},
		{"inactive before, to be deactivated", open.r, "Approval needed", "Inactive since"},
		{"a manager", managed("Maria", "maria@acme.com"), "Manager: Maria (maria@acme.com)", "Manager: none"},
		{"a manager without an e-mail", managed("Maria", ""), `Manager: Maria"`, "Manager: none"},
		{"a manager without a name", managed("", "maria@acme.com"), "Manager: name unknown (maria@acme.com)", "Manager: none"},
		{"no manager", managed("", ""), `Manager: none"`, "unknown"},
	} {
		text, blocks := card.Message(alone(row.r), painted())
		said := text + shownOf(t, blocks) + card.Notice(alone(row.r), permalink)
		if !strings.Contains(said, row.says) || strings.Contains(said, row.silent) {
			t.Errorf("%s: want %q and not %q: %s", row.name, row.says, row.silent, said)
		}
	}
}

// TestChangedBackIsNotDone: who is active again has a line of their own.
func TestChangedBackIsNotDone(t *testing.T) {
	t.Parallel()
	c := gathered(t, 2).posted()
	for i, r := range c.Requests {
		r.VerifyAfter = time.Hour
		c.begin(i)
		c.do(r.WriteAttempted(after(6)))
		c.do(r.Succeed(after(7)))
	}
	c.do(c.Requests[1].Verify(request.Drifted, after(70)))
	words := card.Notice(c.Card, permalink)
	if !strings.Contains(words, "✅ 1 person deactivated") || !strings.Contains(words, "\n• Person Number 2 (`person2@acme.com`): active again when I checked") {
		t.Error(words)
	}
}
