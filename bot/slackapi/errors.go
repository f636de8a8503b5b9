package slackapi

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/request"
)

// errSilent stands for {"ok":false} without an error, which slack-go takes
// for success, and for an answer that lacks what it must have.
var errSilent = errors.New("an incomplete answer from Slack")

// answered returns err, or errSilent where slack-go saw no error in an answer that
// lacks what it must have.
func answered(err error, has bool) error {
	if err == nil && !has {
		return errSilent
	}
	return err
}

// ErrNoEmails stands for a missing e-mail that may be missing because the app lost
// the scope for them: Slack leaves them out then, and says nothing of it.
var ErrNoEmails = errors.New("not known whether Slack leaves e-mails out")

// Trouble is what a failed call to Slack means to the bot. The zero value is
// Passing.
type Trouble int

const (
	Passing  Trouble = iota // try again later; also what no error at all is
	OfToken                 // the token or a scope of it does not do, or not for this: see Client.Trouble
	NoPlace                 // the conversation cannot be posted to
	Gone                    // the message does not exist any more
	NoPerson                // Slack does not know the person
	NoHome                  // the app has no Home tab, or Slack shows it to nobody
	Late                    // the trigger of a form has expired
	Unfit                   // Slack will never take the call as it is: the bot or its settings are wrong
)

// troubles are the error codes of Slack's methods that are more than passing.
// Source: https://docs.slack.dev/reference/methods
var troubles = map[string]Trouble{
	"invalid_auth": OfToken, "not_authed": OfToken, "account_inactive": OfToken, "token_revoked": OfToken,
	"token_expired": OfToken, "not_allowed_token_type": OfToken, "missing_scope": OfToken,

	"access_denied": Unfit, "team_access_not_granted": Unfit, // to what the call names

	"no_permission": NoPlace, // of the bot, in a conversation that it is not in

	"not_in_channel": NoPlace, "channel_not_found": NoPlace, "is_archived": NoPlace,
	"restricted_action": NoPlace, "restricted_action_read_only_channel": NoPlace, "user_not_in_channel": NoPlace,
	"restricted_action_thread_only_channel": NoPlace, "messages_tab_disabled": NoPlace,

	"is_inactive": NoPlace, // a message of an archived channel: it still stands, with its buttons

	"message_not_found": Gone, "cant_update_message": Gone,

	"invalid_blocks": Unfit, "invalid_blocks_format": Unfit, "msg_blocks_too_long": Unfit, "msg_too_long": Unfit,
	"no_text": Unfit, "edit_window_closed": Unfit, "invalid_arguments": Unfit, "invalid_arg_name": Unfit, "invalid_form_data": Unfit,
	"block_mismatch": Unfit, "view_too_large": Unfit, "no_such_subteam": Unfit, "plan_upgrade_required": Unfit,

	"user_not_found": NoPerson, "user_disabled": NoPerson, "cannot_dm_bot": NoPerson, "users_not_found": NoPerson, "user_not_visible": NoPerson,

	"not_enabled": NoHome,

	"expired_trigger_id": Late, "exchanged_trigger_id": Late, "invalid_trigger_id": Late,
	"trigger_expired": Late, "trigger_exchanged": Late,
}

// Classify says what a failed call means and, for a rate limit, how long Slack
// asked us to wait; otherwise wait is 0. What is no error of Slack's is Passing.
func Classify(err error) (trouble Trouble, wait time.Duration) {
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return Passing, limited.RetryAfter
	}
	return troubles[Code(err)], 0
}

// Trouble is Classify, but if a refusal may be about the token it finds out what it
// means. Only auth.test decides that it is: then Config.Unusable is told, with the words
// of Identify. Otherwise the call is refused for what it asks (Unfit). Where auth.test
// does not answer, nothing is known, and the call is tried again (Passing).
func (c *Client) Trouble(ctx context.Context, err error) (trouble Trouble, wait time.Duration) {
	trouble, wait = Classify(err)
	if trouble != OfToken {
		return trouble, wait
	}
	if c.StillIdentified(ctx) {
		return Unfit, wait
	}
	return Passing, wait
}

// ForGood reports whether the same call would be refused for ever, so that
// somebody has to be told.
func (t Trouble) ForGood() bool { return t == NoPlace || t == Unfit }

// Code is the error code Slack answered, or "".
func Code(err error) string {
	answer, _ := errors.AsType[slack.SlackErrorResponse](err)
	return answer.Err
}

// Says is what Slack answered, for the operator: its code, and the scope that it
// names, if it does; "" where Slack gave no code.
func Says(err error) string {
	answer, _ := errors.AsType[slack.SlackErrorResponse](err)
	if answer.Needed != "" {
		return answer.Err + ", needed: " + answer.Needed
	}
	return answer.Err
}

// isDirect reports whether err is Slack's refusal to tell of a direct message, one of
// several people included. The app has no scope for those and needs none: cards are not
// posted there.
// Source: https://docs.slack.dev/reference/methods/conversations.info
func isDirect(err error) bool {
	answer, _ := errors.AsType[slack.SlackErrorResponse](err)
	if answer.Err != "missing_scope" {
		return false
	}
	separate := func(r rune) bool { return r == ',' || r == ' ' }
	provided := strings.FieldsFunc(answer.Provided, separate)
	lacking := slices.DeleteFunc(strings.FieldsFunc(answer.Needed, separate), func(s string) bool { return slices.Contains(provided, s) })
	return len(lacking) > 0 && !slices.ContainsFunc(lacking, func(s string) bool { return s != "im:read" && s != "mpim:read" })
}

// PostRefusal is the refusal for a card that can never be posted, because of the
// conversation or of the card itself.
func PostRefusal(err error) request.Refusal {
	switch Code(err) {
	case "is_archived":
		return request.RefusedArchived
	case "channel_not_found":
		return request.RefusedUnknownChannel
	case "not_in_channel":
		return request.RefusedNotInChannel
	default: // for the operator to fix: the card, or what the workspace lets apps do
		return request.RefusedCard
	}
}
