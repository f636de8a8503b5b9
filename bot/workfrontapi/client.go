// Package workfrontapi is Workfront as the bot uses it: what its answers mean, to the
// bot and to people; what somebody holds; who manages somebody, and may approve for
// that. The paused credential is [operator.Access]'s.
package workfrontapi

import (
	"log/slog"

	"wfbot/bot/operator"
	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/workfront"
)

// atOnce is how many people may wait for something to be read in Workfront at once:
// however long it takes, there is a place to handle what others press.
const atOnce = 4

// Client is Workfront for the bot. It may be used by several goroutines.
type Client struct {
	*workfront.Client
	access  *operator.Access
	slack   *slackapi.Client
	policy  request.Policy
	log     *slog.Logger
	reading chan struct{} // holds one for each person who waits
}

// New returns a Client; all arguments must be set.
func New(client *workfront.Client, access *operator.Access, slack *slackapi.Client, policy request.Policy, log *slog.Logger) *Client {
	return &Client{Client: client, access: access, slack: slack, policy: policy, log: log, reading: make(chan struct{}, atOnce)}
}
