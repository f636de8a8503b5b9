package bot_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/workfront/workfrontsim"
)

// What Workfront does to the write, and how the request ends all the same.
func TestWriteThatIsNotAnsweredWell(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		fault  workfrontsim.Fault
		writes int // that took effect or were sent in all
	}{
		{"applied, the connection reset", workfrontsim.Fault{Apply: true, Answer: workfrontsim.Answer{Kind: workfrontsim.Reset}}, 1},
		{"applied, answered 500", workfrontsim.Fault{Apply: true, Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusInternalServerError}}, 1},
		{"applied, answered 502 with a page", workfrontsim.Fault{Apply: true, Answer: workfrontsim.Answer{Kind: workfrontsim.HTMLPage, Status: http.StatusBadGateway}}, 1},
		{"applied, the answer cut short", workfrontsim.Fault{Apply: true, Answer: workfrontsim.Answer{Kind: workfrontsim.CutShort}}, 1},
		{"applied, half an answer", workfrontsim.Fault{Apply: true, Answer: workfrontsim.Answer{Kind: workfrontsim.Truncated}}, 1},
		{"applied, gzip garbage", workfrontsim.Fault{Apply: true, Answer: workfrontsim.Answer{Kind: workfrontsim.GzipGarbage}}, 1},
		{"applied, an error inside 200", workfrontsim.Fault{Apply: true, Answer: workfrontsim.Answer{Kind: workfrontsim.ErrorIn200}}, 1},
		{"not applied, the connection reset", workfrontsim.Fault{Answer: workfrontsim.Answer{Kind: workfrontsim.Reset}}, 1},
		{"not applied, answered 503", workfrontsim.Fault{Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusServiceUnavailable}}, 1},
		{"not applied, answered 429", workfrontsim.Fault{Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusTooManyRequests}}, 1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			row.fault.Operation, row.fault.Times = "user/put", 1
			w.workfront.Inject(row.fault)
			w.start()
			card := w.ask()
			card.Click(w.anna, "Approve")
			w.ExpectDM(w.rita, "Deactivated: ")
			card.ExpectButtons("Request reactivation")
			if n := len(w.workfront.Changes()); n != row.writes {
				t.Errorf("%d changes, want %d", n, row.writes)
			}
			if r := w.requests()[0]; r.State != request.Done || r.Outcome.Already {
				t.Errorf("the request is %s, already inactive: %v", r.State, r.Outcome.Already)
			}
		})
	}
}

func TestSilentNoOpFailsAndCanBeRetried(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]workfrontsim.AnswerKind{
		"the answer shows no change": workfrontsim.Unchanged,
		"the answer claims a change": workfrontsim.Normal,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.workfront.Inject(workfrontsim.Fault{Operation: "user/put", Times: 1, Answer: workfrontsim.Answer{Kind: kind}})
			w.start()
			card := w.ask()
			card.Click(w.anna, "Approve")
			card.ExpectText("Failed").ExpectButtons("Retry")
			w.ExpectDM(w.rita, "Failed: ")
			told := card.ExpectReply("Failed: deactivate Jane Doe", "can press Retry", "<@"+w.anna+">", "<!subteam^"+w.group+">").Now().Text
			if strings.Contains(told, w.rita) {
				t.Errorf("who cannot retry is told as well: %s", told)
			}
			card.Click(w.rita, "Retry") // the requester may not
			w.ExpectPrivate(w.rita, "not an approver")
			card.Click(w.otto, "Retry")
			w.ExpectDM(w.rita, "Deactivated: ")
			card.ExpectButtons("Request reactivation")
		})
	}
}

func TestRetryNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	outage := w.workfront.Inject(workfrontsim.Fault{Operation: "user/get", Answer: workfrontsim.Answer{
		Kind: workfrontsim.JSONError, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"7200"}},
	}})
	card.Click(w.anna, "Approve")
	card.ExpectButtons("Retry now", "Cancel request")
	w.workfront.RemoveFault(outage)
	card.Click(w.otto, "Retry now")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
}

func TestUserChangedBetweenApprovalAndWrite(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		change func(*world)
		button []string // on the card in the end
		says   string
	}{
		{"another name", func(w *world) {
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Name = "Jane Roe" })
		}, []string{"Retry"}, "not who was approved"},
		{"another e-mail", func(w *world) {
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Email = "jane.roe@acme.com" })
		}, []string{"Retry"}, "not who was approved"},
		{"become an administrator", func(w *world) {
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.AccessLevelID = workfrontsim.AccessAdministrator })
		}, []string{"Retry"}, "administrator"},
		{"gone", func(w *world) { w.workfront.RemoveUser(w.target.ID) }, []string{"Retry"}, "not in Workfront any more"},
		{"inactive already", func(w *world) {
			w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = false })
		}, nil, "already inactive"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			card := w.ask()
			row.change(w)
			card.Click(w.anna, "Approve")
			card.ExpectText(row.says).ExpectButtons(row.button...)
			w.ExpectDM(w.rita, row.says)
			if n := len(w.writes()); n != 0 {
				t.Errorf("%d writes reached Workfront, want none", n)
			}
		})
	}
}

func TestLookUpOutlastsAnOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	outage := w.workfront.Inject(workfrontsim.Fault{Answer: workfrontsim.Answer{
		Kind: workfrontsim.JSONError, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"3600"}},
	}})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "could not look up", "keep trying")
	w.workfront.RemoveFault(outage)
	w.clock.Skip(2 * time.Hour)
	w.Channel(w.channel).ExpectMessage("Jane Doe").ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectDM(w.rita, "Sent to")
}
