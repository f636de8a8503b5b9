package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// pick returns the n-th of a list, counted around.
func pick[T any](list []T, n int) T { return list[n%len(list)] }

// mostlyConnected waits for a connection, as long as the program may take to call
// for one: nobody would get far otherwise. Now and then it does not.
func (s *soak) mostlyConnected(n int) {
	if n%5 == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), 15*time.Second)
	defer cancel()
	_ = s.slack.WaitFor(ctx, s.isConnected) // what happens without one is of interest too
}

// presses has somebody press a button of one of the newest cards that have any.
func (s *soak) presses(n [4]int) {
	var cards []slacksim.Message
	for _, channel := range s.channels {
		for _, m := range s.slack.Messages(channel) {
			if !m.Deleted && len(m.Buttons()) > 0 {
				cards = append(cards, m)
			}
		}
	}
	if len(cards) == 0 {
		return
	}
	card := pick(cards, n[0])
	b := pick(card.Buttons(), n[1])
	if n[3]%2 == 0 { // what leads further
		b = card.Buttons()[0]
	}
	if b.Confirm != nil {
		b.Answer = b.Confirm.Confirm
	}
	person := pick(s.people, n[2])
	if n[3]%3 != 0 {
		person = pick(s.policy.Approvers.Users, n[2])
	}
	s.mostlyConnected(n[3])
	_, _ = s.slack.Click(person, card.Channel, card.TS, b)
}

// interactions returns the presses and forms so far.
func (s *soak) interactions() []slacksim.Envelope {
	return slices.DeleteFunc(s.slack.Envelopes(), func(e slacksim.Envelope) bool {
		return e.Type != slacksim.Interactive || e.Payload["type"] != "block_actions" && e.Payload["type"] != "view_submission"
	})
}

// forges sends a press or a form of before under another name, and a press perhaps
// for another button: as one would arrive from somebody whose card is an old one.
func (s *soak) forges(n [4]int) {
	all := s.interactions()
	if len(all) == 0 {
		return
	}
	payload := clone(pick(all, n[0]).Payload)
	payload["user"].(map[string]any)["id"] = pick(s.people, n[1])
	delete(payload, "response_url") // it would answer whoever pressed before
	delete(payload, "trigger_id")
	if actions, ok := payload["actions"].([]any); ok {
		button := actions[0].(map[string]any)
		button["action_ts"] = fmt.Sprintf("%d.%06d", time.Now().Unix(), len(s.done))
		if n[2]%2 == 0 {
			other, _ := pick(all, n[3]).Payload["actions"].([]any)
			if len(other) > 0 {
				button["action_id"] = other[0].(map[string]any)["action_id"]
			}
		}
	}
	s.slack.SendEnvelope(slacksim.Interactive, payload)
}

// clone copies decoded JSON.
func clone(payload map[string]any) map[string]any {
	text, err := json.Marshal(payload)
	if err != nil {
		panic("unreachable: it was JSON: " + err.Error())
	}
	var copied map[string]any
	_ = json.Unmarshal(text, &copied) // what was just encoded
	return copied
}

// redelivers sends any envelope of before once more.
func (s *soak) redelivers(n [4]int) {
	if all := s.slack.Envelopes(); len(all) > 0 {
		s.slack.Redeliver(pick(all, n[0]), n[1]%2 == 0)
	}
}

// failSlack spoils the answers to the next calls of a method. None of the errors makes
// the program end.
func (s *soak) failSlack(n [4]int) {
	fault := pick([]slacksim.Fault{
		{Answer: slacksim.Reset()}, {Answer: slacksim.Reset(), Apply: true},
		{Answer: slacksim.Status(http.StatusServiceUnavailable)}, {Answer: slacksim.Status(http.StatusInternalServerError), Apply: true},
		{Answer: slacksim.Truncated()}, {Answer: slacksim.Truncated(), Apply: true},
		{Answer: slacksim.RateLimited(1)}, {Answer: slacksim.RateLimited(-1)}, {Answer: slacksim.NoErrorCode()},
		{Answer: slacksim.HTML(http.StatusBadGateway)}, {Answer: slacksim.ErrorCode("internal_error")},
	}, n[0])
	fault.Method = pick([]string{
		"chat.postMessage", "chat.postMessage", "chat.update", "chat.update", "chat.postEphemeral", "response_url",
		"users.info", "views.open", "views.publish", "conversations.info", "users.lookupByEmail", "apps.connections.open", "auth.test",
	}, n[1])
	fault.Count = 1 + n[2]%3
	s.unfault = append(s.unfault, s.slack.Inject(fault))
}

// failWorkfront spoils the answers to the next calls of an operation.
func (s *soak) failWorkfront(n [4]int) {
	fault := pick([]workfrontsim.Fault{
		{Answer: workfrontsim.Answer{Kind: workfrontsim.Reset}}, {Answer: workfrontsim.Answer{Kind: workfrontsim.Reset}, Apply: true},
		{Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusServiceUnavailable}},
		{Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusInternalServerError}, Apply: true},
		{Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}}},
		{Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusForbidden}},
		{Answer: workfrontsim.Answer{Kind: workfrontsim.JSONError, Status: http.StatusUnauthorized}},
		{Answer: workfrontsim.Answer{Kind: workfrontsim.HTMLPage, Status: http.StatusServiceUnavailable}},
		{Answer: workfrontsim.Answer{Kind: workfrontsim.CutShort}, Apply: true}, {Answer: workfrontsim.Answer{Kind: workfrontsim.Truncated}, Apply: true},
		{Answer: workfrontsim.Answer{Kind: workfrontsim.NotJSON}}, {Answer: workfrontsim.Answer{Kind: workfrontsim.EmptyBody}, Apply: true},
		{}, {Answer: workfrontsim.Answer{Kind: workfrontsim.Unchanged}}, // success, without effect
	}, n[0])
	fault.Operation = pick([]string{
		"user/put", "user/put", "user/put", "user/get", "user/get", "user/search", "task/count", "proj/*", "usrapv/*",
	}, n[1])
	fault.Times = 1 + n[2]%3
	s.workfront.Inject(fault)
}

// failSocket disturbs the connections.
func (s *soak) failSocket(n [4]int) {
	switch n[0] % 5 {
	case 0:
		s.slack.DropConnections()
	case 1:
		s.slack.Disconnect(slacksim.Warning)
	case 2:
		s.slack.Disconnect(slacksim.RefreshRequested)
	case 3:
		s.slack.SetSocketMode(func(m *slacksim.SocketMode) { m.Lose = 1 })
	case 4:
		s.slack.SetSocketMode(func(m *slacksim.SocketMode) { m.Duplicate = 3 })
	}
}

// refuseCredential lets Workfront refuse the program's key for some actions.
func (s *soak) refuseCredential(n [4]int) {
	s.workfront.RevokeKeys()
	s.accepted = len(s.done) + 1 + n[0]%10
}

func (s *soak) acceptCredential() {
	s.workfront.SetAPIKey(s.workfront.Caller().ID, s.workfront.APIKey(), time.Time{})
	s.accepted = 0
}

// activates has somebody at Workfront switch a target on again, as a
// synchronisation with a directory does.
func (s *soak) activates(n [4]int) {
	s.workfront.UpdateUser(pick(s.targets, n[0]).ID, func(u *workfrontsim.User) { u.Active = true })
}

// letTimePass is timePasses; sometimes requests expire.
func (s *soak) letTimePass(n [4]int) { s.database.timePasses(n[0]%8 == 0) }

// setAmbush has the program killed at one of the next things that happen outside.
func (s *soak) setAmbush(n [4]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ambush = ambush{in: 1 + n[0]%25, phase: pick([]string{before, unanswered, after}, n[1])}
}
