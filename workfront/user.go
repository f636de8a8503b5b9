package workfront

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// User is a Workfront user as far as a decision about it needs. Fields that
// Workfront leaves out are empty.
type User struct {
	ID     string // 32 hexadecimal digits
	Name   string
	Email  string
	Title  string
	Active bool

	// LastLogin is zero if the user has never logged in, or Workfront does not
	// give the time in a form known.
	LastLogin time.Time

	// ScheduledDeactivation is when Workfront itself is to deactivate the user, and
	// Deactivated when the user last was. Zero: not, or not given.
	ScheduledDeactivation, Deactivated time.Time

	// LicenseType is one letter: F Standard, C Light, R Contributor, X External. Older
	// plans have others. Empty where the tenant does not give it with the user; see
	// also AccessLevel.
	LicenseType string

	AccessLevel AccessLevel
	Manager     Manager
	HomeGroup   string // its name
	HomeTeam    string // its name

	// Extra are the further fields of [Config.UserFields], in its order.
	Extra []Field

	// Missing are those of [Config.UserFields] that this tenant does not have or
	// did not give with this user, and the names of fields of User that were not asked
	// for. Nothing is known about them: an empty field of User that is named here may
	// be not empty in Workfront.
	Missing []string
}

// Field is a user's value of a field as a text: of a list all elements, of a
// reference its name; dates as Workfront writes them. It is empty where
// Workfront has none.
type Field struct {
	Name, Value string
}

// AccessLevel is what a user may do. It is zero, except for AdminKnown, for a user who
// has none.
type AccessLevel struct {
	Name        string
	LicenseType string // one letter, as that of User

	// Admin means a system administrator. It is false also where Workfront does
	// not say, and then AdminKnown is false: take such a user for an administrator.
	Admin, AdminKnown bool
}

// Manager is the user another user reports to. It is zero if there is none.
type Manager struct {
	ID, Name, Email string
}

// neededFields are asked for always: without them nobody could tell who an answer is
// about, or whether that is somebody to keep away from.
var neededFields = []string{"ID", "name", "emailAddr", "isActive", "accessLevel:isAdmin"}

// usualFields are what is asked for where [Config.UserFields] is empty: all that
// [User] has fields for. The names are those that Adobe's pages or shipping clients use.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/api/event-sub-resource-fields.md
// and the last three the metadata of a tenant on API version 17
// https://github.com/Thousand-Cuts/wf-toolkit/tree/main/tests/fixtures/metadata
var usualFields = []string{
	"title", "lastLoginDate", "accessLevel:name", "accessLevel:licenseType",
	"managerID", "manager:name", "manager:emailAddr", "homeGroup:name", "homeTeam:name",
	"licenseType", "scheduledDeactivationDate", "actualDeactivationDate",
}

// maxMatches is how many users of one e-mail address a look-up asks for: more than
// one person has records.
const maxMatches = 10

// FindByEmail returns the users with the e-mail address, active or not, in the order
// of their IDs. Case does not matter. It is usual that a user has inactive twins: the
// Admin Console makes a new one for somebody who comes back. No user is ErrNotFound, so
// many that there may be more are an *AmbiguousError.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/general/api-basics.md
func (c *Client) FindByEmail(ctx context.Context, email string) ([]User, error) {
	const op = "finding a user by e-mail"
	if !strings.Contains(email, "@") {
		return nil, fmt.Errorf("%s: %.80q is no e-mail address", op, email)
	}
	users, err := c.readUsers(ctx, op, "/user/search", url.Values{
		"emailAddr":     {email},
		"emailAddr_Mod": {"cieq"}, // equal, case ignored
		"ID_Sort":       {"asc"},  // unsorted pages repeat and skip rows
		"$$LIMIT":       {strconv.Itoa(maxMatches)},
	})
	for _, u := range users {
		if !strings.EqualFold(strings.TrimSpace(u.Email), strings.TrimSpace(email)) {
			return nil, unusable(op, "the answer holds a user with another e-mail address")
		}
	}
	switch {
	case err != nil:
		return nil, err
	case len(users) == 0:
		return nil, &Error{Op: op, Status: http.StatusOK, Sent: true, Err: ErrNotFound}
	case len(users) >= maxMatches:
		return nil, &AmbiguousError{Email: email, Users: users}
	}
	return users, nil
}

// Get returns the user with the ID. ErrNotFound means that there is none, or
// that this account may not see it.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/general/api-basics.md
func (c *Client) Get(ctx context.Context, id string) (User, error) {
	op := "reading user " + id
	if err := checkID(id); err != nil {
		return User{}, fmt.Errorf("reading a user: %w", err)
	}
	users, err := c.readUsers(ctx, op, "/user/"+url.PathEscape(id), url.Values{})
	return theUser(op, id, users, err)
}

// Whoami returns the user this client acts as, and so proves the credential.
// https://github.com/Workfront/workfront-api/blob/HEAD/examples/node/get-user-details-using-api-key.js
func (c *Client) Whoami(ctx context.Context) (User, error) {
	const op = "reading the own user"
	users, err := c.readUsers(ctx, op, "/user", url.Values{"id": {"$$USER"}})
	return one(op, users, err)
}

// readUsers asks for users with the configured fields.
func (c *Client) readUsers(ctx context.Context, op, path string, query url.Values) ([]User, error) {
	data, missing, err := c.read(ctx, request{op: op, method: http.MethodGet, url: c.api + path, query: query}, "user", neededFields, c.userFields)
	if err != nil {
		return nil, err
	}
	users, err := decodeUsers(op, data, subtract(c.userFields, slices.Concat(usualFields, missing)))
	for i := range users {
		users[i].Missing = slices.Concat(missing, subtract(usualFields, c.userFields))
	}
	return users, err
}

// SetActive switches the user off (false) or on (true). The request is sent
// once; if it fails, [Error.MaybeApplied] tells whether the user must be read
// before anything is sent again. Success means that the answer shows the new
// value; ErrUnchanged, that it shows the old one. The user returned has ID,
// Name and Active only.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/general/deactivate-user-api.md
func (c *Client) SetActive(ctx context.Context, id string, active bool) (User, error) {
	op := map[bool]string{false: "deactivating user ", true: "reactivating user "}[active] + id
	if err := checkID(id); err != nil {
		return User{}, fmt.Errorf("changing a user: %w", err)
	}
	data, err := c.do(ctx, request{op: op, method: http.MethodPut, url: c.api + "/user/" + url.PathEscape(id),
		query: url.Values{"fields": {"isActive"}},
		body:  `{"isActive":` + strconv.FormatBool(active) + `}`, media: "application/json"})
	var users []User
	if err == nil {
		users, err = decodeUsers(op, data, nil)
	}
	u, err := theUser(op, id, users, err)
	if err == nil && u.Active != active {
		return User{}, &Error{Op: op, Status: http.StatusOK, Sent: true, Err: ErrUnchanged}
	}
	return u, err
}

// checkID accepts what can be the ID of one user. The same place in the path
// also takes the names of searches and actions ("search", "generateApiKey")
// and wildcards ("$$USER"); an ID has digits, and those have not.
func checkID(id string) error {
	if len(id) > 64 || !idPattern.MatchString(id) || !strings.ContainsAny(id, "0123456789") {
		return fmt.Errorf("%.80q is no user ID", id)
	}
	return nil
}

var idPattern = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)

// theUser returns the one user that was asked for by ID. It passes err on.
func theUser(op, id string, users []User, err error) (User, error) {
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusNotFound && e.Declined && e.Err == nil {
		e.Err = ErrNotFound
	}
	u, err := one(op, users, err)
	if err == nil && !strings.EqualFold(u.ID, id) {
		return User{}, unusable(op, "the answer is about another user")
	}
	return u, err
}

// one returns the only user of an answer. It passes err on.
func one(op string, users []User, err error) (User, error) {
	switch {
	case err != nil:
		return User{}, err
	case len(users) == 0:
		return User{}, &Error{Op: op, Status: http.StatusOK, Sent: true, Err: ErrNotFound}
	case len(users) > 1:
		return User{}, unusable(op, "the answer holds several users")
	}
	return users[0], nil
}

// unusable is a success that is not what the call asked for.
func unusable(op, reason string) *Error {
	return &Error{Op: op, Status: http.StatusOK, Sent: true, Err: errors.New(reason)}
}

// decodeUsers reads data, which is an object or an array of them: Adobe's pages
// show both for one request. extra are the fields that User has no field for.
func decodeUsers(op string, data []byte, extra []string) ([]User, error) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return nil, unusable(op, "the answer holds no data")
	}
	if string(data) == "null" {
		return nil, nil
	}
	if data[0] != '[' {
		data = append(append([]byte{'['}, data...), ']')
	}
	var wires []*wireUser
	if err := json.Unmarshal(data, &wires); err != nil {
		return nil, unusable(op, "the answer holds no users")
	}
	users := make([]User, len(wires))
	for i, w := range wires {
		// A missing isActive would read as "already inactive".
		if w == nil || w.ID == "" || !w.IsActive.known {
			return nil, unusable(op, "the answer holds a user without ID or isActive")
		}
		users[i] = w.user()
	}
	return users, addExtra(op, users, data, extra)
}

// addExtra sets Extra of each user from the answer they were read from.
func addExtra(op string, users []User, data []byte, extra []string) error {
	if len(extra) == 0 {
		return nil
	}
	var objects []map[string]any
	numbers := json.NewDecoder(bytes.NewReader(data))
	numbers.UseNumber() // as they were written
	if err := numbers.Decode(&objects); err != nil {
		return unusable(op, "the answer holds no users")
	}
	for i, object := range objects {
		for _, name := range extra {
			users[i].Extra = append(users[i].Extra, Field{Name: name, Value: showPath(object, name)})
		}
	}
	return nil
}

// AwaitingApproval reports whether the user is inactive because nobody has
// approved their account in Workfront yet ("Deactivated and Pending Approval").
// Such a user is approved there and not switched on from here. An error says
// nothing about the user: when in doubt, do not offer to switch on.
//
// It is true if Workfront holds an approval of this user (object USRAPV, since
// API version 15) whose status is not one of [Config.DecidedStatuses]. Adobe
// documents no status codes and not whether decided approvals stay on record;
// if they do, a user once approved counts as awaiting until their status is
// configured. An account that may not see approvals gets false.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/api/new-api-version-15.md
func (c *Client) AwaitingApproval(ctx context.Context, userID string) (bool, error) {
	if err := checkID(userID); err != nil {
		return false, err
	}
	query := url.Values{"userID": {userID}}
	if len(c.decided) > 0 {
		query["status"], query["status_Mod"] = c.decided, []string{"notin"}
	}
	n, err := c.count(ctx, request{op: "reading the approval of user " + userID, query: query}, "usrapv")
	return n > 0, err
}
