package slacksim

import (
	"cmp"
	"log/slog"
	"slices"
	"time"
)

// Config says which workspace and app are simulated and how strictly the clock
// runs. The zero value is a usable workspace with one installed app.
type Config struct {
	TeamID     string // workspace; default T0ACME
	TeamDomain string // default "acme"
	TeamName   string // default "Acme"
	// EnterpriseID is the organisation the workspace belongs to; empty: none.
	EnterpriseID   string
	EnterpriseName string // default "Acme Group" if EnterpriseID is set
	AppID          string // default A0WFBOT
	BotName        string // the app's bot user; default "wfbot"

	AppToken string // xapp-…; default DefaultAppToken
	BotToken string // xoxb-…; default DefaultBotToken
	// BotScopes are the scopes granted to the bot token; nil: DefaultBotScopes.
	BotScopes []string
	// AppScopes are those granted to the app-level token; nil: connections:write and
	// authorizations:read.
	AppScopes []string

	// Commands are the app's slash commands. Empty: every command is the app's,
	// with should_escape on.
	Commands []SlashCommand
	// Events are the app's event subscriptions; nil: app_home_opened, channel_id_changed,
	// tokens_revoked and app_uninstalled.
	Events []string

	// AckDeadline is how long an envelope may stay unacknowledged before the
	// person sees an error; default 3 s, as Slack documents.
	AckDeadline time.Duration
	// PingInterval is the pause between the server's WebSocket pings; default
	// 5 s. Clients give up after 30 s without one.
	PingInterval time.Duration
	// TicketLife is how long the URL of apps.connections.open can be dialled;
	// default 30 s. Slack documents no number.
	TicketLife time.Duration
	// TriggerLife is how long a trigger_id opens a modal; default 3 s.
	TriggerLife time.Duration
	// ResponseURLLife is how long a response_url works; default 30 min.
	ResponseURLLife time.Duration
	// EventRetries are the pauses before the redeliveries of an unacknowledged
	// event; nil: at once, 1 min, 5 min.
	EventRetries []time.Duration
	// RateLimits answers 429 above Slack's documented tiers and above one
	// message a second and channel. Off by default; see Server.PostTimes.
	RateLimits bool
	// Latency is added before every answer of the Web API and of a response_url, in
	// real time; a call is applied when it arrives.
	Latency time.Duration

	Now  func() time.Time // clock of every stamp and expiry; default time.Now
	Log  *slog.Logger     // default: discard
	Seed uint64           // of ids and of the choice of connection; default 1

	Unknown Unknown
	// AllowImpossible lets deactivated people, bots and people outside a channel
	// act, so that a test can show that the app refuses them by itself.
	AllowImpossible bool
}

// Unknown settles what Slack neither documents nor was seen doing for certain.
// The zero value is the commoner or the stricter reading; an app should work
// under both.
type Unknown struct {
	// RejectForeignAcks ignores an acknowledgement that arrives on another
	// connection than the one that delivered the envelope.
	RejectForeignAcks bool
	// NewIDOnRetry gives a redelivered event a new envelope_id.
	NewIDOnRetry bool
	// RevokedError is what a revoked token answers; default "account_inactive".
	RevokedError string
	// LabelledMentions escapes @jane as <@U…|jane> rather than <@U…>.
	LabelledMentions bool
	// PlainEmails leaves e-mail addresses in slash command text as typed, rather
	// than as <mailto:…|…>.
	PlainEmails bool
	// RawAmpersands leaves & < > in slash command text as typed, rather than as
	// &amp; &lt; &gt;.
	RawAmpersands bool
	// ReplaceByDefault lets a response_url of a button replace the message when
	// replace_original is absent.
	ReplaceByDefault bool
	// DeliverAfterWarning keeps sending envelopes on a connection that was told
	// to disconnect with reason "warning", until the client closes it.
	DeliverAfterWarning bool
	// RejectLongText answers chat.postMessage with msg_too_long above 40 000
	// characters, rather than truncating with a warning.
	RejectLongText bool
	// AcceptLostThreads posts a reply whose thread_ts names no message, rather than
	// answering thread_not_found.
	AcceptLostThreads bool
	// ScopeFirst answers conversations.info about a conversation that the app is not
	// in with missing_scope where the scope for its type is missing, rather than with
	// channel_not_found.
	ScopeFirst bool
	// BlockActionsAcceptPayload sets accepts_response_payload on block_actions.
	BlockActionsAcceptPayload bool
}

// SlashCommand is a command the app has registered.
type SlashCommand struct {
	Command      string // with its slash
	ShouldEscape bool
}

// The tokens of a Config that names none.
const (
	DefaultAppToken = "xapp-1-A0WFBOT-simulated"
	DefaultBotToken = "xoxb-simulated"
)

// DefaultBotScopes returns the scopes of the app's manifest, and what it takes to
// see that a channel is shared.
func DefaultBotScopes() []string {
	return []string{
		"commands", "chat:write", "im:write", "users:read", "users:read.email",
		"usergroups:read", "channels:read", "groups:read",
	}
}

// withDefaults returns cfg with every zero value replaced by what it stands for.
func (cfg Config) withDefaults() Config {
	cfg.TeamID = cmp.Or(cfg.TeamID, "T0ACME")
	cfg.TeamDomain = cmp.Or(cfg.TeamDomain, "acme")
	cfg.TeamName = cmp.Or(cfg.TeamName, "Acme")
	if cfg.EnterpriseID != "" {
		cfg.EnterpriseName = cmp.Or(cfg.EnterpriseName, "Acme Group")
	}
	cfg.AppID = cmp.Or(cfg.AppID, "A0WFBOT")
	cfg.BotName = cmp.Or(cfg.BotName, "wfbot")
	cfg.AppToken = cmp.Or(cfg.AppToken, DefaultAppToken)
	cfg.BotToken = cmp.Or(cfg.BotToken, DefaultBotToken)
	if cfg.BotScopes == nil {
		cfg.BotScopes = DefaultBotScopes()
	}
	if cfg.AppScopes == nil {
		cfg.AppScopes = []string{"connections:write", "authorizations:read"}
	}
	if cfg.Events == nil {
		cfg.Events = []string{"app_home_opened", "channel_id_changed", "tokens_revoked", "app_uninstalled"}
	}
	cfg.AckDeadline = cmp.Or(cfg.AckDeadline, 3*time.Second)
	cfg.PingInterval = cmp.Or(cfg.PingInterval, 5*time.Second)
	cfg.TicketLife = cmp.Or(cfg.TicketLife, 30*time.Second)
	cfg.TriggerLife = cmp.Or(cfg.TriggerLife, 3*time.Second)
	cfg.ResponseURLLife = cmp.Or(cfg.ResponseURLLife, 30*time.Minute)
	if cfg.EventRetries == nil {
		cfg.EventRetries = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Seed = cmp.Or(cfg.Seed, 1)
	cfg.Unknown.RevokedError = cmp.Or(cfg.Unknown.RevokedError, "account_inactive")
	return cfg
}

// command returns the registered command of that name.
func (cfg Config) command(name string) (SlashCommand, bool) {
	if len(cfg.Commands) == 0 {
		return SlashCommand{Command: name, ShouldEscape: true}, true
	}
	i := slices.IndexFunc(cfg.Commands, func(c SlashCommand) bool { return c.Command == name })
	if i < 0 {
		return SlashCommand{}, false
	}
	return cfg.Commands[i], true
}
