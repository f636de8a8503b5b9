// Package manifest holds the manifest of the Slack app that the bot is: the commands,
// shortcuts, scopes, events and settings without which it cannot work, for a person who
// makes the app. Tests make sure that it has what the packages use that answer to them.
//
// Source: https://docs.slack.dev/reference/app-manifest
package manifest

import _ "embed"

// YAML is the manifest as Slack takes it. It has the settings that the app needs, also
// where Slack's default is the same, since a person may have changed them. People do not
// write in the Messages tab; the bot does. Slack replaces what people mention in a
// command by ids.
//
//go:embed manifest.yaml
var YAML string
