package workfront

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Rights is whether the user that a client acts as may edit users.
type Rights int

// What is known of rights. The zero value is not known.
const (
	RightsUnknown Rights = iota
	MayEdit
	MayNotEdit
)

// noEditLicenses are the licences that let nobody edit other users, whatever the access
// level says: Light, Contributor, External.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/administration-and-setup/add-users/configure-and-grant-access/grant-access-other-users.md
var noEditLicenses = map[text]bool{"C": true, "R": true, "X": true}

// Rights asks whether the user that this client acts as may edit users: system
// administrators may, and others as their access level says. For those it cannot say
// which users: whether the level is for all users or for some groups.
//
// How a level says it (object ALVPER, coreAction of USER) is known by name only; what
// is not understood is RightsUnknown.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/api/new-api-version-18.md
func (c *Client) Rights(ctx context.Context) (Rights, error) {
	const op = "reading the own rights"
	needed := []string{"accessLevel:isAdmin", "accessLevel:licenseType"}
	wanted := []string{"accessLevel:accessLevelPermissions:objObjCode", "accessLevel:accessLevelPermissions:coreAction"}
	data, missing, err := c.read(ctx, request{op: op, method: http.MethodGet, url: c.api + "/user", query: url.Values{"id": {"$$USER"}}}, "user", needed, wanted)
	if err != nil {
		return RightsUnknown, err
	}
	if len(data) > 0 && data[0] == '[' { // for one user Workfront has both forms
		var list []json.RawMessage
		if json.Unmarshal(data, &list) == nil && len(list) == 1 {
			data = list[0]
		}
	}
	var user struct {
		AccessLevel struct {
			IsAdmin     flag `json:"isAdmin"`
			LicenseType text `json:"licenseType"`
			Permissions []struct {
				Object text `json:"objObjCode"`
				Action text `json:"coreAction"`
			} `json:"accessLevelPermissions"`
		} `json:"accessLevel"`
	}
	if err := json.Unmarshal(data, &user); err != nil {
		return RightsUnknown, unusable(op, "the answer holds no access level")
	}
	level := user.AccessLevel
	switch {
	case level.IsAdmin.value:
		return MayEdit, nil
	case noEditLicenses[level.LicenseType]:
		return MayNotEdit, nil
	case len(missing) > 0, len(level.Permissions) == 0:
		return RightsUnknown, nil
	}
	for _, one := range level.Permissions {
		if one.Object != "USER" {
			continue
		}
		switch one.Action {
		case "EDIT", "DELETE":
			return MayEdit, nil
		case "VIEW", "NONE", "":
			return MayNotEdit, nil
		}
		return RightsUnknown, nil
	}
	return MayNotEdit, nil // other kinds of objects are listed, and users are not
}

// Sample returns up to limit active users, in the order of their IDs: what this
// account sees of others.
func (c *Client) Sample(ctx context.Context, limit int) ([]User, error) {
	return c.readUsers(ctx, "reading some users", "/user/search", url.Values{
		"isActive": {"true"}, "ID_Sort": {"asc"}, "$$LIMIT": {strconv.Itoa(limit)},
	})
}

// ClockOff is how far this machine's clock is ahead of Workfront's, negative if
// behind, by the last answer that said what time it was. It is about a second off.
func (c *Client) ClockOff() (off time.Duration, known bool) {
	if last := c.clock.Load(); last != nil {
		return *last, true
	}
	return 0, false
}

// Version is the API version that the client asks for, such as v22.0.
func (c *Client) Version() string { return c.version }

// supportEnds are, by API version, the releases of Workfront that end Adobe's support, as
// year and month.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/api/api-version-support-schedule.md
var supportEnds = map[string][2]int{
	"v16.0": {2026, 4}, "v17.0": {2026, 10}, "v18.0": {2027, 4}, "v19.0": {2027, 10}, "v20.0": {2028, 4}, "v21.0": {2028, 10}, "v22.0": {2029, 4},
}

// SupportEnds is when Adobe's support of an API version ends: with a release. month is
// the first day of that release's month. ok is false for versions that were not known
// when this was written.
func SupportEnds(version string) (month time.Time, ok bool) {
	end, ok := supportEnds[version]
	if !ok {
		return time.Time{}, false
	}
	return time.Date(end[0], time.Month(end[1]), 1, 0, 0, 0, 0, time.UTC), true
}
