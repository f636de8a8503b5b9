package bot_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
)

// A hundred presses at once by five approvers, each of them twenty times.
func TestHundredApprovalsAreOneWrite(t *testing.T) {
	// Not beside other tests: Slack waits three seconds for each of the presses.
	w := newWorld(t)
	approvers := []string{w.anna}
	for _, name := range []string{"ben", "cora", "dan", "ella"} {
		id := w.AddUser(slacksim.User{Name: name, Email: name + "@acme.com"}).ID
		w.Invite(w.channel, id)
		approvers = append(approvers, id)
	}
	w.config.Policy.Approvers.Users = approvers
	w.config.Policy.Approvals = 3
	w.start()
	card := w.ask()
	button := card.Button("Approve")
	button.Answer = button.Confirm.Confirm

	var clicks sync.WaitGroup
	for i := range 100 {
		clicks.Go(func() { w.insist(approvers[i%len(approvers)], card, button) })
	}
	clicks.Wait()
	card.ExpectText("approved by").ExpectButtons("Request reactivation")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.settle()
	w.Forgive() // all the answers to those who were not needed
	if n := len(w.writes()); n != 1 {
		t.Errorf("%d writes reached Workfront, want 1", n)
	}
	r := w.requests()[0]
	people := map[string]bool{}
	for _, d := range r.Approvals() {
		people[d.By.ID] = true
	}
	if len(people) != 3 || len(r.Decisions) != 3 {
		t.Errorf("%d decisions by %v, want 3 by 3 people", len(r.Decisions), slices.Collect(maps.Keys(people)))
	}
}

func TestDeliveredAgainIsDoneOnce(t *testing.T) {
	t.Parallel()
	for name, sameID := range map[string]bool{"with the same envelope id": true, "with a new envelope id": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newWorld(t).deliveredAgainIsDoneOnce(sameID)
		})
	}
}

func (w *world) deliveredAgainIsDoneOnce(sameID bool) {
	w.t.Helper()
	w.config.Policy.Approvals = 2
	w.start()
	again := func() { // everything that has come so far
		for _, e := range w.Envelopes() {
			if reply := w.Redeliver(e, sameID); !reply.Acked {
				w.t.Errorf("not acknowledged: %s", reply.Failure)
			}
		}
	}
	card := w.ask()
	again()
	card.Click(w.anna, "Approve")
	card.ExpectText("1 of 2")
	again()
	w.settle()
	card.ExpectText("1 of 2").ExpectButtons("Approve", "Deny", "Cancel request")
	card.Click(w.otto, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	again()
	w.quiet()
	if n := len(w.writes()); n != 1 {
		w.t.Errorf("%d writes reached Workfront, want 1", n)
	}
	if n := len(w.requests()); n != 1 {
		w.t.Errorf("%d requests, want 1", n)
	}
}

func TestOddClicksAreHarmlessAndAnswered(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name  string
		twist func(w *world, payload map[string]any)
		says  string
	}{
		{"a value that is no request", func(_ *world, p map[string]any) {
			p["actions"].([]any)[0].(map[string]any)["value"] = "ABCDEF"
		}, "do not know this request"},
		{"a button that wfbot does not have", func(_ *world, p map[string]any) {
			p["actions"].([]any)[0].(map[string]any)["action_id"] = "approve_all"
		}, "do not know this button"},
		{"another message", func(_ *world, p map[string]any) {
			p["container"].(map[string]any)["message_ts"] = "1700000000.000100"
		}, "not the request's card"},
		{"another channel", func(w *world, p map[string]any) {
			p["container"].(map[string]any)["channel_id"] = w.shared
		}, "not the request's card"},
		{"a person of another workspace", func(_ *world, p map[string]any) {
			p["user"].(map[string]any)["team_id"] = "T0OTHER"
		}, "our own Slack workspace"},
		{"an unknown person", func(_ *world, p map[string]any) {
			p["user"].(map[string]any)["id"] = "U0NOBODY"
		}, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.config.Policy.Approvals = 2
			w.start()
			card := w.ask()
			card.Click(w.anna, "Approve") // gives the payload to twist
			card.ExpectText("1 of 2")
			payload := w.pressed(w.otto, "approve")
			row.twist(w, payload)
			if reply := w.SendEnvelope(slacksim.Interactive, payload); !reply.Acked {
				t.Fatalf("not acknowledged: %s", reply.Failure)
			}
			if row.says != "" {
				w.ExpectPrivate(w.otto, row.says)
				w.quiet()
			}
			card.ExpectText("1 of 2").ExpectButtons("Approve", "Deny", "Cancel request")
			if !w.active() {
				t.Error("jane was switched off")
			}
		})
	}
}

// A payload that names an installation-wide team, or none, is that of a person
// all the same.
func TestTeamOfThePayloadMayBeMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.Rewrite(func(_ string, payload map[string]any) {
		payload["team"] = nil
		if user, ok := payload["user"].(map[string]any); ok {
			delete(user, "team_id")
		}
	})
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	if r := w.requests()[0]; r.State != request.Done {
		t.Errorf("the request is %s", r.State)
	}
}

// Forms that are not what was opened. Where the form tells of no card, and so of
// no channel, the answer comes by direct message.
func TestOddFormsAreHarmlessAndAnswered(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name  string
		twist func(w *world, view map[string]any, payload map[string]any)
		says  string
		in    func(w *world) string // the channel of the answer; nil: a direct message
	}{
		{"metadata that is none", func(_ *world, view, _ map[string]any) { view["private_metadata"] = "{" }, "do not know this button", nil},
		{"no metadata", func(_ *world, view, _ map[string]any) { view["private_metadata"] = "" }, "do not know this button", nil},
		{"an unknown request", func(w *world, view, _ map[string]any) {
			view["private_metadata"] = `{"request":"ABCDEF","opener":"` + w.anna + `"}`
		}, "do not know this request", nil},
		{"another form", func(_ *world, view, _ map[string]any) { view["callback_id"] = "approve" }, "do not know this button", nil},
		{"a person of another workspace", func(_ *world, _, payload map[string]any) {
			payload["user"].(map[string]any)["team_id"] = "T0OTHER"
		}, "our own Slack workspace", func(w *world) string { return w.channel }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			card := w.ask()
			stop := w.Rewrite(func(_ string, payload map[string]any) {
				if payload["type"] == "view_submission" {
					row.twist(w, payload["view"].(map[string]any), payload)
				}
			})
			w.opens(card, w.anna, "Deny")
			w.ExpectModal(w.anna, "Deny").Submit(nil)
			if row.in == nil {
				w.ExpectDM(w.anna, row.says)
			} else if m := w.ExpectPrivate(w.anna, row.says); m.ChannelID() != row.in(w) {
				t.Errorf("answered in %s", m.ChannelID())
			}
			stop()
			card.ExpectText("0 of 1").ExpectButtons("Approve", "Deny", "Cancel request")
			w.quiet()
			if !w.active() {
				t.Error("jane was switched off")
			}
		})
	}
}

func TestFormDeliveredAgainIsOneDenial(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.opens(card, w.anna, "Deny")
	w.ExpectModal(w.anna, "Deny").Submit(map[string]any{"comment": "She stays"})
	w.ExpectDM(w.rita, "Denied by", "She stays")
	for _, e := range w.Envelopes() {
		for _, sameID := range []bool{true, false} {
			if reply := w.Redeliver(e, sameID); !reply.Acked {
				t.Errorf("not acknowledged: %s", reply.Failure)
			}
		}
	}
	card.ExpectText("Denied", "She stays").ExpectButtons()
	w.quiet()
	if n := len(w.requests()[0].Decisions); n != 1 {
		t.Errorf("%d decisions, want 1", n)
	}
}

// A command typed twice is two interactions: the second is answered with the first's
// card.
func TestCommandTypedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
	w.ExpectPrivate(w.rita, "open request", "/p"+strings.ReplaceAll(card.TS(), ".", ""))
	w.quiet()
}

// Two people ask for the same person at the same moment, again and again: one
// request is opened each time, and the other person is told of it.
func TestRacingCommandsAreOneRequest(t *testing.T) {
	t.Parallel()
	newWorld(t).racingCommandsAreOneRequest()
}

func (w *world) racingCommandsAreOneRequest() {
	w.t.Helper()
	ruth := w.AddUser(slacksim.User{Name: "ruth", Email: "ruth@acme.com"}).ID
	w.Invite(w.channel, ruth)
	w.config.Policy.Requesters.Users = []string{w.rita, ruth}
	w.start()
	for range 5 {
		var typing sync.WaitGroup
		for _, who := range []string{w.rita, ruth} {
			typing.Go(func() {
				if reply, err := w.Command(who, w.channel, "/wf-deactivate jane@acme.com left"); err != nil || !reply.Acked {
					w.t.Errorf("not acknowledged: %v %v", reply.Failure, err)
				}
			})
		}
		typing.Wait()
		card := w.Channel(w.channel).ExpectMessage("Jane Doe").ExpectButtons("Approve", "Deny", "Cancel request")
		w.settle()
		var open []*request.Request
		for _, r := range w.requests() {
			if r.State.Open() {
				open = append(open, r)
			}
		}
		if len(open) != 1 {
			w.t.Fatalf("%d open requests, want 1", len(open))
		}
		first, second := open[0].Requester.ID, w.rita
		if second == first {
			second = ruth
		}
		w.ExpectPrivate(first, "Sent to")
		w.ExpectPrivate(second, "open request")
		w.cancels(card, first, "")
		w.ExpectDM(first, "ancelled")
		card.ExpectButtons()
		w.quiet()
	}
	if n := w.puts(); n != 0 {
		w.t.Errorf("%d writes were sent", n)
	}
}
