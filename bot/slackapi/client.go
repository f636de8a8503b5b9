// Package slackapi is Slack as the bot uses it: one [Client] for who the bot is,
// who people are, what it says where, and what it means when Slack refuses.
//
// # Who the bot is
//
// [Client.Identify] asks auth.test until it answers, and checks that the token has
// all scopes that the bot needs. A token or scope may be lost later: a refusal that
// may be about that is never believed by itself. Only auth.test, asked again
// ([Client.StillIdentified]), decides that the token is of no use any more, which is
// told to Config.Unusable. [Client.Self] is who the bot is from [Client.WorkAs] on.
//
// [Client.Examine] asks once, for an operator who wants to know before the bot works,
// and with it what else there is to know of the set-up; see examine.go.
//
// # People and places
//
// [Client.Person], [Client.ByEmail] and the groups that Person looks into come from
// a cache that is at most 60 seconds old; a crowd that asks for the same makes one
// call ([Known]). [Client.Channel] uses the cache too, but only for a conversation where
// cards may be posted; [Client.ChannelSeen] does for all, and [Client.ChannelNow] always
// asks. Both questions, who somebody is and who is in the groups, are asked at the same
// time.
//
// # What is said, and where
//
// [Client.Post] puts a message where cards may be posted, [Client.Update] changes
// one, [Client.Say] writes to a channel that the operator has set. One person is
// told something by [Client.TellPrivately], by the shortest way that works: a
// [ReplyRoute] that Slack lent, an ephemeral message, a direct message; or by
// [Client.TellDirectly], which lasts. [Client.OpenView] and [Client.PublishHome] show
// a form and a Home tab.
//
// Messages to one conversation are a second apart. After a 429 no call of that
// method is sent for as long as Slack asks (pauses.go): those made meanwhile fail at
// once, as if sent.
//
// # What an error means
//
// [Classify] says what a failed call means to the bot; [Client.Trouble] does too, but
// asks auth.test where it may be the token. An answer that does not say that it worked,
// or why not, is an error like any other.
package slackapi

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"wfbot/workfront/secret"
)

// Timeout is how long one call to Slack may take where Config.Timeout names nothing.
const Timeout = 10 * time.Second

// Config is what a Client works with.
type Config struct {
	Token   secret.Value  // bot token, xoxb-…
	URL     string        // base URL of the Web API, ending in "/"; empty: Slack's
	Timeout time.Duration // of one call; 0: Timeout
	Groups  []string      // ids of the user groups that Client.Person looks into; may repeat
	// Unusable is told that Slack does not let the bot work with its token any more,
	// in words for the operator. It may be called more than once, by several
	// goroutines. Nil: nobody is told.
	Unusable func(error)
	// NoGroup is told each time that Slack no longer knows a group of Groups. It must not
	// wait for Slack. Nil: nobody is told.
	NoGroup func(id string)
	// Wrap and WrapReplies, unless they are nil, are put around what carries the calls
	// to the Web API, and around what carries answers to response_urls.
	Wrap, WrapReplies func(http.RoundTripper) http.RoundTripper

	Log *slog.Logger     // nil: slog.Default()
	Now func() time.Time // nil: time.Now; with its monotonic reading, if it has one
}

// Client talks to Slack's Web API. It may be used by several goroutines. It has no
// goroutines of its own, except that a question that several wait for goes on for up to
// Timeout when all of them have given up.
type Client struct {
	config Config
	log    *slog.Logger
	now    func() time.Time // the time of day, in whole milliseconds
	web    *slack.Client
	http   *http.Client // for response_urls
	groups []string

	self   atomic.Pointer[Identity]
	check  *tokenCheck
	facts  *facts
	limits *postLimits
	routes *replyRoutes
}

// New returns a Client. It calls nobody.
func New(config Config) *Client {
	config.Timeout = cmp.Or(config.Timeout, Timeout)
	config.Log = cmp.Or(config.Log, slog.Default())
	if config.Unusable == nil {
		config.Unusable = func(error) {}
	}
	if config.NoGroup == nil {
		config.NoGroup = func(string) {}
	}
	plain := func(carries http.RoundTripper) http.RoundTripper { return carries }
	if config.Wrap == nil {
		config.Wrap = plain
	}
	if config.WrapReplies == nil {
		config.WrapReplies = plain
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	c := &Client{
		config: config,
		log:    config.Log,
		now:    func() time.Time { return config.Now().UTC().Truncate(time.Millisecond) },
		http:   &http.Client{Timeout: config.Timeout, CheckRedirect: noRedirect, Transport: config.WrapReplies(http.DefaultTransport)},
		groups: slices.Compact(slices.Sorted(slices.Values(config.Groups))),
		check:  newTokenCheck(),
		facts:  newFacts(config.Now),
		limits: newPostLimits(),
		routes: newReplyRoutes(),
	}
	options := []slack.Option{slack.OptionHTTPClient(&http.Client{
		Timeout: config.Timeout, CheckRedirect: noRedirect, Transport: secret.Hide(newPauses(config.Wrap(http.DefaultTransport), c.now), config.Token),
	})}
	if config.URL != "" {
		options = append(options, slack.OptionAPIURL(config.URL))
	}
	c.web = slack.New(config.Token.Reveal(), options...)
	return c
}

// noRedirect keeps a token from travelling to wherever an answer points.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// WorkAs makes self who the bot is, once it is known that it may work there.
func (c *Client) WorkAs(self Identity) { c.self.Store(&self) }

// Self is who the bot is in Slack; nil before WorkAs. It is for reading only.
func (c *Client) Self() *Identity { return c.self.Load() }

// Identified reports whether it is known who the bot is.
func (c *Client) Identified() bool { return c.Self() != nil }

// ErrNotIdentified stands for what cannot be judged before Slack has said who the
// bot is, since Client.Self is still nil.
var ErrNotIdentified = errors.New("not known yet who the bot is in Slack")

// Link is the address where people find a message, or "" where there is none: without a
// ts, or before it is known which workspace the bot is in.
func (c *Client) Link(channel, ts string) string {
	self := c.Self()
	if self == nil || self.URL == "" || ts == "" {
		return ""
	}
	return strings.TrimSuffix(self.URL, "/") + "/archives/" + channel + "/p" + strings.ReplaceAll(ts, ".", "")
}
