package slacksim

import (
	"errors"
	"fmt"
	"time"
)

// What a Slack client does not let a person do. The errors of drivers wrap one of
// these.
var (
	// ErrCannotAct means that this person cannot do that here.
	ErrCannotAct = errors.New("this person cannot do that here")
	// ErrNotThere means that there is no such channel, message, element, option or
	// view for this person.
	ErrNotThere = errors.New("nothing like that is there")
	// ErrConfirm means that a dialog opened and Answer does not press one of its
	// buttons, or that Answer is set and no dialog opened.
	ErrConfirm = errors.New("confirm dialog not answered")
	// ErrInput means that an element does not take what was entered, or that a form
	// does not let itself be submitted: an input is missing or against its limits.
	ErrInput = errors.New("form not filled in")
)

// mayAct returns an error unless the person can act in the channel; with
// reading, only see it. The caller holds s.mu.
func (s *Server) mayAct(user, channel string, reading bool) error {
	u, c := s.user(user), s.channel(channel)
	if u == nil || c == nil {
		return fmt.Errorf("user %q in channel %q: %w", user, channel, ErrNotThere)
	}
	if s.cfg.AllowImpossible {
		return nil
	}
	if u.Kind == Deactivated || u.Kind == Bot {
		return fmt.Errorf("a %v: %w", u.Kind, ErrCannotAct)
	}
	if u.Kind == External && !c.ExternallyShared && !c.IM {
		return fmt.Errorf("of another organisation, with which the channel is not shared: %w", ErrCannotAct)
	}
	preview := reading && !c.closed() && u.Kind == Member // members see public channels without joining
	if !c.has(user) && !preview {
		return fmt.Errorf("not in the channel: %w", ErrCannotAct)
	}
	return nil
}

// wireTeam is the team of interaction payloads: where the app is installed. The
// caller holds s.mu.
func (s *Server) wireTeam() object {
	team := object{"id": s.cfg.TeamID, "domain": s.cfg.TeamDomain}
	if s.cfg.EnterpriseID != "" {
		team["enterprise_id"], team["enterprise_name"] = s.cfg.EnterpriseID, s.cfg.EnterpriseName
	}
	return team
}

// interaction returns what all payloads of envelope type interactive share. The
// caller holds s.mu.
func (s *Server) interaction(kind string, user *User) object {
	payload := object{
		"type": kind, "team": s.wireTeam(), "enterprise": nil, "is_enterprise_install": false,
		"user":       object{"id": user.ID, "username": user.Name, "name": user.Name, "team_id": user.TeamID},
		"api_app_id": s.cfg.AppID, "token": "deprecated-verification-token",
	}
	if s.cfg.EnterpriseID != "" {
		payload["enterprise"] = object{"id": s.cfg.EnterpriseID, "name": s.cfg.EnterpriseName}
	}
	return payload
}

// trigger is one trigger_id.
type trigger struct {
	user    string
	channel string // conversation the person acted in; empty: none
	expires time.Time
	used    bool
}

// trigger returns a new trigger_id. The caller holds s.mu.
func (s *Server) trigger(user, channel string) string {
	id := fmt.Sprintf("%d.%d.%s", s.cfg.Now().UnixMicro(), s.seq(), s.secret(32))
	s.triggers[id] = &trigger{user: user, channel: channel, expires: s.cfg.Now().Add(s.cfg.TriggerLife)}
	return id
}

// exchangeTrigger uses up a trigger_id. The caller holds s.mu.
func (s *Server) exchangeTrigger(id string) (*trigger, *refusal) {
	t := s.triggers[id]
	switch {
	case t == nil:
		return nil, refuse("invalid_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	case !s.cfg.Now().Before(t.expires):
		return nil, refuse("expired_trigger_id")
	}
	t.used = true
	return t, nil
}
