// Package slacksim is a strict, stateful simulator of Slack: one workspace with
// one installed app.
package slacksim
