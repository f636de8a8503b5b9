package socket

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/slack-go/slack"
)

// FatalError says why Slack does not let this app use Socket Mode until somebody
// changes something. Trying again is no use.
type FatalError struct {
	// Code is Slack's error code (invalid_auth, link_disabled, …), or "http_404" for
	// an address that is not Slack's.
	Code string
	// Remedy is one sentence for the operator: what to do.
	Remedy string
	// Err is what Slack answered.
	Err error
}

func (e *FatalError) Error() string {
	return fmt.Sprintf("Slack refuses Socket Mode (%s): %s", e.Code, e.Remedy)
}

func (e *FatalError) Unwrap() error { return e.Err }

const (
	newToken = "make a new app-level token (xapp-…) with scope connections:write" +
		" under Basic Information in the app's settings, and set SLACK_APP_TOKEN to it"
	kindOfToken = "set SLACK_APP_TOKEN to the app-level token, which starts with xapp-, not to the bot token"
	askAdmin    = "an administrator of the Slack workspace or organisation must allow this app"
	wrongURL    = "the address of Slack's Web API is not right"
	switchOn    = "switch Socket Mode on in the app's settings"
)

// remedies holds the answers of apps.connections.open that stay the same however
// often it is called, and what ends them. Every other answer is tried again, so
// those of a workspace that is being moved into an Enterprise organisation.
// https://docs.slack.dev/reference/methods/apps.connections.open
var remedies = map[string]string{
	"invalid_auth":              newToken,
	"not_authed":                newToken,
	"account_inactive":          newToken,
	"token_expired":             newToken,
	"token_revoked":             newToken,
	"missing_scope":             newToken,
	"missing_args":              newToken,
	"not_allowed_token_type":    kindOfToken,
	"no_permission":             askAdmin,
	"access_denied":             askAdmin,
	"accesslimited":             "this machine's network address is not on the list of addresses the app or the workspace allows",
	"forbidden_team":            askAdmin,
	"team_access_not_granted":   askAdmin,
	"team_disabled":             askAdmin,
	"user_removed_from_team":    newToken,
	"two_factor_setup_required": "the owner of the app must set up two-factor authentication in Slack",
	"enterprise_is_restricted":  askAdmin,
	"ekm_access_denied":         askAdmin,
	"socket_mode_not_enabled":   switchOn,
	"insecure_request":          wrongURL,
	"unknown_method":            wrongURL,
	"method_deprecated":         "Slack has withdrawn Socket Mode's opening call; this program needs an update",
}

// asFatal reports whether err, from opening or serving a connection, is a
// condition that no retry changes.
func asFatal(err error) (*FatalError, bool) {
	if fatal, ok := errors.AsType[*FatalError](err); ok {
		return fatal, true
	}
	if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		remedy, known := remedies[answer.Err]
		return &FatalError{Code: answer.Err, Remedy: remedy, Err: err}, known
	}
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok && status.Code == http.StatusNotFound {
		return &FatalError{Code: "http_404", Remedy: wrongURL, Err: err}, true
	}
	if asked, ok := errors.AsType[disconnectError](err); ok && asked.reason == "link_disabled" {
		return &FatalError{Code: asked.reason, Remedy: switchOn, Err: err}, true
	}
	return nil, false
}

// passes reports whether the refusal can end by itself where the address has worked
// before: whoever answers for Slack is out of order.
func (e *FatalError) passes() bool { return e.Remedy == wrongURL }

// unstatedRetryAfter is the wait after a rate limit without Retry-After.
const unstatedRetryAfter = 30 * time.Second

// longestRetryAfter bounds what a Retry-After asks for. Slack counts calls by the
// minute; a mistake in one must not leave the app deaf for a day.
const longestRetryAfter = 10 * time.Minute

// retryAfter returns how long Slack wants not to be called.
func retryAfter(err error) (time.Duration, bool) {
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		if limited.RetryAfter/time.Second*time.Second != limited.RetryAfter { // more seconds than a Duration holds
			return longestRetryAfter, true
		}
		return min(limited.RetryAfter, longestRetryAfter), true
	}
	if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok && answer.Err == "ratelimited" {
		return unstatedRetryAfter, true
	}
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok && status.Code == http.StatusTooManyRequests {
		return unstatedRetryAfter, true
	}
	return 0, false
}

// disconnectError is Slack's demand to replace a connection.
type disconnectError struct{ reason string }

func (e disconnectError) Error() string {
	return fmt.Sprintf("Slack asked for it (%s)", e.reason)
}

// tooMany is the reason that Slack gives when it turns away a connection over the limit.
const tooMany = "too_many_websockets"

// surplus reports whether err is Slack's turning a connection away.
func surplus(err error) bool {
	asked, ok := errors.AsType[disconnectError](err)
	return ok && asked.reason == tooMany
}

// routine reports whether the demand belongs to Slack's regular recycling.
func (e disconnectError) routine() bool {
	return e.reason == "warning" || e.reason == "refresh_requested"
}
