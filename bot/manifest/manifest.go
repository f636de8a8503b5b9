// Package manifest describes the Slack app that the bot is: the commands, shortcuts,
// scopes, events and settings without which it cannot work. It is the one list of
// them for a person who makes the app; each comes from the package that uses it.
//
// Source: https://docs.slack.dev/reference/app-manifest
package manifest

import (
	"wfbot/bot/card"
	"wfbot/bot/inbox"
	"wfbot/bot/slackapi"
)

// Manifest is an app manifest as Slack takes it, as YAML or JSON. It has the settings
// that the app needs, also where Slack's default is the same, since a person may have
// changed them.
type Manifest struct {
	Display  Display  `json:"display_information" yaml:"display_information"`
	Features Features `json:"features" yaml:"features"`
	OAuth    OAuth    `json:"oauth_config" yaml:"oauth_config"`
	Settings Settings `json:"settings" yaml:"settings"`
}

// Display is how the app is shown.
type Display struct {
	Name        string `json:"name" yaml:"name"`
	Description string `json:"description" yaml:"description"`
}

// Features are what people see of the app.
type Features struct {
	Home      Home       `json:"app_home" yaml:"app_home"`
	BotUser   BotUser    `json:"bot_user" yaml:"bot_user"`
	Shortcuts []Shortcut `json:"shortcuts" yaml:"shortcuts"`
	Commands  []Command  `json:"slash_commands" yaml:"slash_commands"`
}

// Home is which tabs the app has. People do not write in the Messages tab; the bot
// does.
type Home struct {
	HomeTab          bool `json:"home_tab_enabled" yaml:"home_tab_enabled"`
	MessagesTab      bool `json:"messages_tab_enabled" yaml:"messages_tab_enabled"`
	MessagesReadOnly bool `json:"messages_tab_read_only_enabled" yaml:"messages_tab_read_only_enabled"`
}

// BotUser is the app's user.
type BotUser struct {
	Name   string `json:"display_name" yaml:"display_name"`
	Online bool   `json:"always_online" yaml:"always_online"`
}

// Shortcut is an entry of Slack's shortcuts menu.
type Shortcut struct {
	Name        string `json:"name" yaml:"name"`
	Type        string `json:"type" yaml:"type"`
	CallbackID  string `json:"callback_id" yaml:"callback_id"`
	Description string `json:"description" yaml:"description"`
}

// Command is a slash command. Slack has to replace what people mention by ids.
type Command struct {
	Command     string `json:"command" yaml:"command"`
	Description string `json:"description" yaml:"description"`
	Hint        string `json:"usage_hint" yaml:"usage_hint"`
	Escape      bool   `json:"should_escape" yaml:"should_escape"`
}

// OAuth is what the app asks for when it is installed.
type OAuth struct {
	Scopes Scopes `json:"scopes" yaml:"scopes"`
}

// Scopes are those of the bot token.
type Scopes struct {
	Bot []string `json:"bot" yaml:"bot"`
}

// Settings are how Slack and the app talk.
type Settings struct {
	Events        Events        `json:"event_subscriptions" yaml:"event_subscriptions"`
	Interactivity Interactivity `json:"interactivity" yaml:"interactivity"`
	SocketMode    bool          `json:"socket_mode_enabled" yaml:"socket_mode_enabled"`
	OrgDeploy     bool          `json:"org_deploy_enabled" yaml:"org_deploy_enabled"`
	TokenRotation bool          `json:"token_rotation_enabled" yaml:"token_rotation_enabled"`
}

// Events are those that Slack tells the app of.
type Events struct {
	Bot []string `json:"bot_events" yaml:"bot_events"`
}

// Interactivity is whether clicks and forms reach the app.
type Interactivity struct {
	Enabled bool `json:"is_enabled" yaml:"is_enabled"`
}

// New returns the manifest of the bot.
func New() Manifest {
	const name = "wfbot"
	return Manifest{
		Display: Display{Name: name, Description: "Switches off Workfront accounts, after approval"},
		Features: Features{
			Home:    Home{HomeTab: true, MessagesTab: true, MessagesReadOnly: true},
			BotUser: BotUser{Name: name, Online: true},
			Shortcuts: []Shortcut{
				{Name: "Deactivate in Workfront", Type: "global", CallbackID: card.CallbackRequest, Description: "Opens a form to ask for it"},
			},
			Commands: []Command{
				{Command: card.Command, Description: "Ask for a Workfront account to be switched off", Hint: "jane@acme.com left the company", Escape: true},
				{Command: card.CommandBack, Description: "Ask for a Workfront account to be switched on again", Hint: "jane@acme.com is back", Escape: true},
			},
		},
		OAuth: OAuth{Scopes{Bot: slackapi.Scopes()}},
		Settings: Settings{
			Events:        Events{Bot: inbox.Events()},
			Interactivity: Interactivity{Enabled: true},
			SocketMode:    true,
		},
	}
}
