package workfront

import (
	"encoding/json"
	"strings"
	"time"
)

// wireUser is a user as the API sends it.
type wireUser struct {
	ID            text    `json:"ID"`
	Name          text    `json:"name"`
	Email         text    `json:"emailAddr"`
	Title         text    `json:"title"`
	IsActive      flag    `json:"isActive"`
	LastLoginDate text    `json:"lastLoginDate"`
	LicenseType   text    `json:"licenseType"`
	Scheduled     text    `json:"scheduledDeactivationDate"`
	Deactivated   text    `json:"actualDeactivationDate"`
	AccessLevel   related `json:"accessLevel"`
	ManagerID     text    `json:"managerID"`
	Manager       related `json:"manager"`
	HomeGroup     related `json:"homeGroup"`
	HomeTeam      related `json:"homeTeam"`
}

func (w *wireUser) user() User {
	level := w.AccessLevel
	return User{
		ID: string(w.ID), Name: string(w.Name), Email: string(w.Email),
		Title: string(w.Title), Active: w.IsActive.value,
		LastLogin: parseDate(w.LastLoginDate), ScheduledDeactivation: parseDate(w.Scheduled), Deactivated: parseDate(w.Deactivated),
		LicenseType: string(w.LicenseType),
		AccessLevel: AccessLevel{
			Name: string(level.Name), LicenseType: string(level.LicenseType),
			Admin: level.IsAdmin.value, AdminKnown: level.IsAdmin.known || level.null,
		},
		Manager: Manager{
			ID: first(w.ManagerID, w.Manager.ID), Name: string(w.Manager.Name), Email: string(w.Manager.Email),
		},
		HomeGroup: string(w.HomeGroup.Name),
		HomeTeam:  string(w.HomeTeam.Name),
	}
}

// related is an object another one refers to: an access level, user, group or
// team.
type related struct {
	null bool // the API says that there is none

	ID          text `json:"ID"`
	Name        text `json:"name"`
	Email       text `json:"emailAddr"`
	IsAdmin     flag `json:"isAdmin"`
	LicenseType text `json:"licenseType"`
}

// UnmarshalJSON implements json.Unmarshaler, which is also called for null.
func (r *related) UnmarshalJSON(b []byte) error {
	if b[0] != '{' {
		r.null = string(b) == "null"
		return nil
	}
	type plain related // without this method
	return json.Unmarshal(b, (*plain)(r))
}

// text is a string that may be sent as a number or boolean, or as null. What
// cannot be a text at all reads as empty.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(b []byte) error {
	*t = ""
	switch b[0] {
	case '"':
		return json.Unmarshal(b, (*string)(t))
	case 'n', '{', '[':
	default:
		*t = text(b)
	}
	return nil
}

// flag is a boolean that may be sent as a string; Adobe's own samples do. What
// is neither true nor false is unknown.
type flag struct{ value, known bool }

// UnmarshalJSON implements json.Unmarshaler.
func (f *flag) UnmarshalJSON(b []byte) error {
	switch strings.ToLower(strings.Trim(string(b), `"`)) {
	case "true":
		*f = flag{value: true, known: true}
	case "false":
		*f = flag{known: true}
	default:
		*f = flag{}
	}
	return nil
}

// parseDate reads a time as the API sends it, with a colon before the
// milliseconds and none in the offset (2017-03-08T17:00:00:278+0400), as event
// subscriptions send it, with a dot, or as RFC 3339; zero if it is none of these.
//
// The colon cannot be part of a layout: time.Parse would take ":000" literally.
func parseDate(as text) time.Time {
	s := string(as)
	const seconds = len("2006-01-02T15:04:05")
	if len(s) > seconds && s[seconds] == ':' {
		s = s[:seconds] + "." + s[seconds+1:]
	}
	t, err := time.Parse("2006-01-02T15:04:05Z0700", s) // a fraction is accepted unasked
	if err != nil {
		t, _ = time.Parse(time.RFC3339, s)
	}
	return t
}
