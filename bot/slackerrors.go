package bot

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// errSlackSilent stands for {"ok":false} without an error, which slack-go takes
// for success, and for an answer that lacks what it must have.
var errSlackSilent = errors.New("an incomplete answer from Slack")

// errNoEmails stands for a missing e-mail that may be missing because the app lost
// the scope for them.
var errNoEmails = errors.New("not known whether Slack leaves e-mails out")

// errNotIntroduced stands for what cannot be judged before Slack has said who
// the bot is.
var errNotIntroduced = errors.New("not known yet who the bot is in Slack")

// slackTrouble is what a failed call to Slack means to the bot.
type slackTrouble int

const (
	passing  slackTrouble = iota // try again later
	ofToken                      // the token or a scope of it does not do, or not for this: see Bot.trouble
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
	"invalid_auth": ofToken, "not_authed": ofToken, "account_inactive": ofToken, "token_revoked": ofToken,
	"token_expired": ofToken, "not_allowed_token_type": ofToken, "missing_scope": ofToken,

	"access_denied": unfit, "team_access_not_granted": unfit, // to what the call names

	"no_permission": noPlace, // of the bot, in a conversation that it is not in

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

// slackSays is what Slack answered, for the operator: its code, and the scope that it
// names, if it does.
func slackSays(err error) string {
	var answer slack.SlackErrorResponse
	if errors.As(err, &answer) && answer.Needed != "" {
		return answer.Err + ", needed: " + answer.Needed
	}
	return slackCode(err)
}

// isDirect reports whether err is Slack's refusal to tell of a direct message, one
// of several people included, for which the app has no scope and needs none: cards
// are not posted there.
// Source: https://docs.slack.dev/reference/methods/conversations.info
func isDirect(err error) bool {
	var answer slack.SlackErrorResponse
	if !errors.As(err, &answer) || answer.Err != "missing_scope" {
		return false
	}
	separate := func(r rune) bool { return r == ',' || r == ' ' }
	provided := strings.FieldsFunc(answer.Provided, separate)
	lacking := slices.DeleteFunc(strings.FieldsFunc(answer.Needed, separate), func(s string) bool { return slices.Contains(provided, s) })
	return len(lacking) > 0 && !slices.ContainsFunc(lacking, func(s string) bool { return s != "im:read" && s != "mpim:read" })
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
