// Package render turns what Slack stores of a message or a modal, Block Kit and
// mrkdwn, into what an HTML template draws.
//
// Everything that comes in may come from outside, so nothing of it reaches the
// HTML but through an escaping function: tags and attributes are ours alone, and
// links lead to http, https and mailto addresses or to the page itself. What
// Slack would draw and this package does not know is shown as text that says so.
//
// Rendering is a pure function of the Viewer and the text: no clock, no network.
//
// Sources: https://docs.slack.dev/messaging/formatting-message-text and
// https://docs.slack.dev/reference/block-kit
package render
