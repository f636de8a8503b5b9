package bot

import (
	"errors"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// errSlackSilent stands for {"ok":false} without an error, which slack-go takes
// for success, and for an answer that lacks what it must have.
var errSlackSilent = errors.New("an incomplete answer from Slack")

// errNotIntroduced stands for what cannot be judged before Slack has said who
// the bot is.
var errNotIntroduced = errors.New("not known yet who the bot is in Slack")

// slackTrouble is what a failed call to Slack means to the bot.
type slackTrouble int

const (
	passing  slackTrouble = iota // try again later
	fatal                        // the process cannot go on: a person must mend the app's tokens
	noPlace                      // the conversation cannot be posted to
	gone                         // the message does not exist any more
	noPerson                     // Slack does not know the person
	noHome                       // the app has no Home tab, or Slack shows it to nobody
	late                         // the trigger of a form has expired
	unfit                        // Slack will never take the call as it is: the bot or its settings are wrong
)

// troubles are the error codes of Slack's methods that are more than passing.
// Source: https://docs.slack.dev/reference/methods
var troubles = map[string]slackTrouble{
	"invalid_auth": fatal, "not_authed": fatal, "account_inactive": fatal, "token_revoked": fatal,
	"token_expired": fatal, "not_allowed_token_type": fatal, "missing_scope": fatal, "no_permission": fatal,
	"team_access_not_granted": fatal, "org_login_required": fatal, "access_denied": fatal,

	"not_in_channel": noPlace, "channel_not_found": noPlace, "is_archived": noPlace,
	"restricted_action": noPlace, "restricted_action_read_only_channel": noPlace, "user_not_in_channel": noPlace,
	"restricted_action_thread_only_channel": noPlace, "messages_tab_disabled": noPlace,

	"is_inactive": noPlace, // a message of an archived channel: it still stands, with its buttons

	"message_not_found": gone, "cant_update_message": gone,

	"invalid_blocks": unfit, "invalid_blocks_format": unfit, "msg_blocks_too_long": unfit, "msg_too_long": unfit,
	"no_text": unfit, "edit_window_closed": unfit, "invalid_arguments": unfit, "invalid_arg_name": unfit, "invalid_form_data": unfit,
	"block_mismatch": unfit, "view_too_large": unfit, "no_such_subteam": unfit, "plan_upgrade_required": unfit,

	"user_not_found": noPerson, "user_disabled": noPerson, "cannot_dm_bot": noPerson, "users_not_found": noPerson, "user_not_visible": noPerson,

	"not_enabled": noHome,

	"expired_trigger_id": late, "exchanged_trigger_id": late, "invalid_trigger_id": late,
	"trigger_expired": late, "trigger_exchanged": late,
}

// classify says what a failed call means and, for a rate limit, how long Slack
// asked us to wait.
func classify(err error) (trouble slackTrouble, wait time.Duration) {
	var limited *slack.RateLimitedError
	if errors.As(err, &limited) {
		return passing, limited.RetryAfter
	}
	var answer slack.SlackErrorResponse
	if errors.As(err, &answer) {
		return troubles[answer.Err], 0
	}
	return passing, 0
}

// forGood reports whether the same call would be refused for ever, so that
// somebody has to be told.
func (t slackTrouble) forGood() bool { return t == noPlace || t == unfit }

// slackCode is the error code Slack answered, or "".
func slackCode(err error) string {
	var answer slack.SlackErrorResponse
	if errors.As(err, &answer) {
		return answer.Err
	}
	return ""
}

// postRefusal is the refusal for a card that can never be posted, because of the
// conversation or of the card itself.
func postRefusal(err error) request.Refusal {
	switch slackCode(err) {
	case "is_archived":
		return request.RefusedArchived
	case "channel_not_found":
		return request.RefusedUnknownChannel
	case "not_in_channel":
		return request.RefusedNotInChannel
	default: // the operator's to mend: the card, or what the workspace lets apps do
		return request.RefusedCard
	}
}
