package slacksim

import (
	"slices"
	"time"
)

// OpenHome has a person open the app's Home tab: app_home_opened is sent if the
// app subscribes to it. OpenMessages is the same for the Messages tab.
func (s *Server) OpenHome(user string) error { return s.openApp(user, "home") }

// OpenMessages has a person open the app's Messages tab.
func (s *Server) OpenMessages(user string) error { return s.openApp(user, "messages") }

func (s *Server) openApp(user, tab string) error {
	s.mu.Lock()
	u := s.user(user)
	if u == nil {
		s.mu.Unlock()
		return ErrNotThere
	}
	if (u.Kind == Deactivated || u.Kind == Bot || u.Kind == External) && !s.cfg.AllowImpossible {
		s.mu.Unlock()
		return ErrCannotAct
	}
	event := object{
		"type": "app_home_opened", "user": user, "channel": s.openDM(user).ID, "tab": tab, "event_ts": s.ts(),
	}
	if v := s.homes[user]; v != nil && tab == "home" {
		event["view"] = s.wireView(v)
	}
	s.mu.Unlock()
	s.SendEvent(event)
	return nil
}

// SendEvent sends an Events API event in its event_callback wrapper, if the app
// subscribes to its type, and redelivers it while it is not acknowledged. It does
// not wait. The returned event_id is empty if the app does not subscribe.
func (s *Server) SendEvent(event map[string]any) (eventID string) {
	s.mu.Lock()
	if !slices.Contains(s.cfg.Events, text(event["type"])) {
		s.mu.Unlock()
		return ""
	}
	eventID = s.id("Ev")
	payload := object{
		"type": "event_callback", "token": "deprecated-verification-token", "team_id": s.cfg.TeamID,
		"api_app_id": s.cfg.AppID, "event": cloneObject(event), "event_id": eventID,
		"event_time": s.cfg.Now().Unix(), "event_context": "4-" + s.secret(16),
		"is_ext_shared_channel": false, "context_team_id": s.cfg.TeamID, "context_enterprise_id": nil,
		"authorizations": []any{object{
			"enterprise_id": nil, "team_id": s.cfg.TeamID, "user_id": s.bot, "is_bot": true, "is_enterprise_install": false,
		}},
	}
	s.mu.Unlock()
	s.spawn(func() { s.deliverEvent(payload) })
	return eventID
}

// deliverEvent sends an event until it is acknowledged or the redeliveries are
// used up.
func (s *Server) deliverEvent(payload object) {
	e := Envelope{Type: EventsAPI, Payload: payload}
	for attempt := 0; ; attempt++ {
		e.RetryAttempt = attempt
		reply := s.exchange(e)
		if reply.Acked || attempt >= len(s.cfg.EventRetries) {
			return
		}
		if !s.cfg.Unknown.NewIDOnRetry {
			e.ID = reply.EnvelopeID
		}
		pause := time.NewTimer(s.cfg.EventRetries[attempt])
		select {
		case <-pause.C:
		case <-s.ctx.Done():
			pause.Stop()
			return
		}
	}
}
