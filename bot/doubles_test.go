package bot_test

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
)

// A hundred presses at once by five approvers, each of them twenty times.
func TestHundredApprovalsAreOneWrite(t *testing.T) {
	t.Parallel()
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
	card.ExpectText("3 of 3").ExpectButtons()
	w.ExpectDM(w.rita, "deactivated in Workfront")
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
			w := newWorld(t)
			w.config.Policy.Approvals = 2
			w.start()
			again := func() { // everything that has come so far
				for _, e := range w.Envelopes() {
					if reply := w.Redeliver(e, sameID); !reply.Acked {
						t.Errorf("not acknowledged: %s", reply.Failure)
					}
				}
			}
			card := w.ask()
			again()
			card.Click(w.anna, "Approve")
			card.ExpectText("1 of 2")
			again()
			w.settle()
			card.ExpectText("1 of 2").ExpectButtons("Approve", "Deny", "Cancel")
			card.Click(w.otto, "Approve")
			w.ExpectDM(w.rita, "deactivated in Workfront")
			again()
			w.quiet()
			if n := len(w.writes()); n != 1 {
				t.Errorf("%d writes reached Workfront, want 1", n)
			}
			if n := len(w.requests()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
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
			card.ExpectText("1 of 2").ExpectButtons("Approve", "Deny", "Cancel")
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
	w.ExpectDM(w.rita, "deactivated in Workfront")
	if r := w.requests()[0]; r.State != request.Done {
		t.Errorf("the request is %s", r.State)
	}
}
