package sandbox

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// plant is something that is wrong from the start: with what the services are, or
// with what a wfbot is told of them. Every one is a mistake that people make.
type plant struct {
	name, about string

	before func(*services) // changes what is started
	after  func(*services) // changes what runs, and the variables
}

// plants are what can be wrong besides the switches of the page.
var plants = []plant{
	{name: "tokens-swapped", about: "each Slack token stands in the variable of the other", after: func(s *services) {
		s.set("SLACK_APP_TOKEN", s.slack.BotToken(), "")
		s.set("SLACK_BOT_TOKEN", s.slack.AppToken(), "")
	}},
	{name: "user-token", about: "the bot token is the token of a person", after: func(s *services) { s.set("SLACK_BOT_TOKEN", "xoxp-simulated", "") }},
	{name: "token-revoked", about: "Slack does not take the tokens any more", after: func(s *services) { s.slack.RevokeTokens() }},
	{name: "scope-missing", about: "the app may not read user groups", after: func(s *services) {
		s.slack.SetBotScopes(slices.DeleteFunc(slacksim.DefaultBotScopes(), func(scope string) bool { return scope == "usergroups:read" })...)
	}},
	{name: "socket-mode-off", about: "Socket Mode is switched off in the app's settings", after: func(s *services) {
		s.slack.SetSocketMode(func(m *slacksim.SocketMode) { m.Off = true })
	}},
	{name: "approvers-empty", about: "the user group of the approvers has no members", after: func(s *services) { s.slack.SetGroupMembers("S0ITMANAGERS") }},
	{name: "one-person", about: "the only approver is the only requester", after: func(s *services) {
		s.slack.SetGroupMembers("S0ITSUPPORT", approver)
		s.slack.SetGroupMembers("S0ITMANAGERS", approver)
	}},
	{name: "bot-not-in-channel", about: "the bot is not in the channel for the cards", after: func(s *services) { s.slack.Kick(offboarding, s.slack.BotUserID()) }},
	{name: "channel-shared", about: "the channel for the cards is shared with another company", after: func(s *services) {
		s.slack.UpdateChannel(offboarding, func(c *slacksim.Channel) { c.ExternallyShared = true })
	}},
	{name: "second-deployment", about: "another wfbot is connected with the same Slack app", after: func(s *services) {
		s.slack.SetSocketMode(func(m *slacksim.SocketMode) { m.Lingering = 2 })
	}},
	{name: "key-expired", about: "the API key has expired", after: func(s *services) { s.tenant.RevokeKeys() }},
	{name: "key-without-rights", about: "the credential's owner may see users and not edit them", before: func(s *services) {
		s.tenantIs.Caller.AccessLevelID = workfrontsim.AccessStandard
	}},
	{name: "version-removed", about: "this Workfront does not have the API version any more", before: func(s *services) {
		s.tenantIs.OldestVersion, s.tenantIs.NewestVersion = 23, 25
	}},
	{name: "clock-wrong", about: "this machine's clock is 10 minutes behind Workfront's (with -oauth the JWT is refused)", before: func(s *services) {
		s.tenantIs.Now = func() time.Time { return time.Now().Add(10 * time.Minute) }
	}},
	{name: "customer-wrong", about: "the customer ID is that of another Workfront (sets -oauth)", before: func(s *services) { s.config.OAuth = true },
		after: func(s *services) { s.set("WORKFRONT_CUSTOMER_ID", "0123456789abcdef0123456789abcdef", "") }},
	{name: "field-missing", about: "this Workfront lacks a field that a count asks for", before: func(s *services) {
		s.tenantIs.Without = append(s.tenantIs.Without, "RRUL.defaultAssignedToID")
	}},
	{name: "database-closed", about: "the folder of the database cannot be written to (as root: is missing)", after: func(s *services) {
		folder := filepath.Join(s.directory, "closed")
		if os.Geteuid() != 0 { // root may write everywhere
			_ = os.Mkdir(folder, 0o500) // or it is missing, which is as bad
		}
		s.set("WFBOT_DATABASE_URL", "sqlite:"+filepath.Join(folder, "wfbot.db"), "")
	}},
}

// plantsNamed returns what is to be wrong: of plants, or one without functions for a
// switch of the page. The error is about a name that is neither.
func plantsNamed(names []string) ([]plant, error) {
	var chosen []plant
	for _, name := range names {
		if i := slices.IndexFunc(plants, func(p plant) bool { return p.name == name }); i >= 0 {
			chosen = append(chosen, plants[i])
			continue
		}
		if !slices.ContainsFunc(newFaults(nil, nil).all, func(f fault) bool { return f.ID == name && !f.Once }) {
			return nil, &UnknownFaultError{name}
		}
		chosen = append(chosen, plant{name: name})
	}
	return chosen, nil
}

// UnknownFaultError is about a name in ServicesConfig.Faults that means nothing.
type UnknownFaultError struct{ Name string }

// Error implements error.
func (e *UnknownFaultError) Error() string { return fmt.Sprintf("there is no fault %.40q", e.Name) }

// FaultNames returns the names that ServicesConfig.Faults may hold.
func FaultNames() []string {
	var names []string
	for _, p := range plants {
		names = append(names, p.name)
	}
	for _, f := range newFaults(nil, nil).all {
		if !f.Once {
			names = append(names, f.ID)
		}
	}
	return names
}

// PrintFaults prints what ServicesConfig.Faults may hold, with what each means.
func PrintFaults(w io.Writer) error {
	var b strings.Builder
	line := func(name, about string) { fmt.Fprintf(&b, "  %-20s%s\n", name, about) }
	for _, p := range plants {
		line(p.name, p.about)
	}
	for _, f := range newFaults(nil, nil).all {
		if !f.Once {
			line(f.ID, f.Text)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
