package sandbox

import (
	"time"

	"wfbot/bot/sandbox/render"
)

// account is a Workfront user in the list.
type account struct {
	ID, Name, Email, Level string
	Active                 bool
	Changed                string // when and by whom it was changed last; empty: not since the start
}

// accounts is the list of Workfront users, by name.
func (p *page) accounts(viewer render.Viewer) []account {
	changed := map[string]string{}
	for _, w := range p.tenant.Changes() {
		by := "somebody in Workfront"
		if w.CallerID == p.tenant.Caller().ID {
			by = "wfbot"
		}
		changed[w.UserID] = "by " + by + " at " + w.At.In(viewer.Location).Format(time.TimeOnly)
	}
	var list []account
	for _, u := range p.tenant.Users() {
		list = append(list, account{
			ID: "u-" + u.ID, Name: u.Name, Email: u.Email, Level: p.world.levels[u.AccessLevelID],
			Active: u.Active, Changed: changed[u.ID],
		})
	}
	return list
}
