package workfrontapi

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"wfbot/bot/loop"
	"wfbot/bot/operator"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/workfront"
)

// RefusedForGood reports whether Workfront understood the call and will not do
// it. To be turned away is not that: it is fixed without asking again.
func RefusedForGood(err error) bool {
	problem, ok := errors.AsType[*workfront.Error](err)
	return ok && !problem.Temporary() && !operator.TurnedAway(err)
}

func WaitAsked(err error) time.Duration {
	if problem, ok := errors.AsType[*workfront.Error](err); ok {
		return problem.RetryAfter
	}
	_, wait := slackapi.Classify(err)
	return wait
}

// Explain says for people what is wrong with Workfront, without addresses or
// the program's own terms.
func Explain(err error) string {
	switch {
	case errors.Is(err, workfront.ErrUnauthorized):
		return "Workfront refuses the bot's credential."
	case errors.Is(err, workfront.ErrMoved):
		return "Workfront's address sends the bot to another one."
	}
	return ExplainWrite(err)
}

// ExplainWrite is Explain for a write after which Workfront could be read: whatever
// its status is, the credential works.
func ExplainWrite(err error) string {
	switch problem, ok := errors.AsType[*workfront.Error](err); {
	case !ok:
		return "Slack or Workfront does not answer."
	case problem.Status == 0:
		return "Workfront does not answer."
	case problem.Status == http.StatusTooManyRequests:
		return "Workfront is busy (429)."
	case !namesStatus(problem.Message, problem.Status):
		return fmt.Sprintf("Workfront answered %d: %s", problem.Status, problem.Message)
	case errors.Is(err, workfront.ErrNotFound):
		return "Workfront has no such user, or does not show them to the bot."
	case errors.Is(err, workfront.ErrUnchanged):
		return "Workfront answered without an error but changed nothing."
	case problem.Status < 300: // what is wrong with a success is for the log
		return "Workfront's answer could not be understood."
	case problem.Status == http.StatusServiceUnavailable:
		return "Workfront is unavailable (503)."
	default:
		return fmt.Sprintf("Workfront answered %d %s.", problem.Status, http.StatusText(problem.Status))
	}
}

// namesStatus reports whether a message says no more than the status does, as the title
// of a maintenance page: "503 Service Unavailable", say, or nothing at all.
func namesStatus(message string, status int) bool {
	rest := strings.TrimSpace(strings.TrimPrefix(message, strconv.Itoa(status)))
	return rest == "" || strings.EqualFold(strings.TrimRight(rest, "."), http.StatusText(status))
}

// licenses are the letters that Workfront has for licences.
// https://github.com/Thousand-Cuts/wf-toolkit/tree/main/tests/fixtures/metadata
var licenses = map[string]string{"F": "Standard", "C": "Light", "R": "Contributor", "X": "External"}

// license names a licence. A letter that is not known, of an older plan, is shown as
// it is.
func license(letter string) string { return cmp.Or(licenses[letter], letter) }

// TargetOf is the part of a Workfront user that requests record. A user whose
// access level does not say whether it is an administrator's counts as one.
func TargetOf(u workfront.User) request.Target {
	t := request.Target{
		ID: u.ID, Email: u.Email, Name: u.Name, Title: u.Title,
		AccessLevel: u.AccessLevel.Name, License: license(cmp.Or(u.LicenseType, u.AccessLevel.LicenseType)), Admin: u.AccessLevel.Admin || !u.AccessLevel.AdminKnown,
		Manager: u.Manager.Name, ManagerEmail: u.Manager.Email,
		HomeGroup: u.HomeGroup, HomeTeam: u.HomeTeam, LastLogin: u.LastLogin, Active: u.Active,
	}
	if u.Active {
		t.ScheduledOff = u.ScheduledDeactivation
	} else {
		t.InactiveSince = u.Deactivated
	}
	for _, f := range u.Extra {
		t.Extra = append(t.Extra, request.Field{Name: f.Name, Value: f.Value})
	}
	if u.Manager.Email == "" && slices.ContainsFunc(u.Missing, func(name string) bool { return strings.HasPrefix(name, "manager") }) {
		t.Missing = append(t.Missing, request.MissingManager)
	}
	if u.LastLogin.IsZero() && slices.Contains(u.Missing, "lastLoginDate") {
		t.Missing = append(t.Missing, request.MissingLastLogin)
	}
	return t
}

// WriteFor is the deadline of the write. It is shorter than the lease that is
// renewed just before: while the write is under way nobody else has the request.
const WriteFor = 20 * time.Second

// ClearAfter is when a write that was sent then can no longer arrive: its process
// may have been frozen until the end of its lease, and send it late.
func ClearAfter(sent time.Time) time.Time {
	if sent.IsZero() {
		return time.Time{}
	}
	return sent.Add(loop.LeaseFor + WriteFor)
}
