package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"wfbot/bot/check"
	"wfbot/workfront"
	"wfbot/workfront/secret"
)

const checkHelp = `Usage: wfbot check [-connect] [-json]
       wfbot check -ids [-json] NAME...

Checks everything that "wfbot run" needs, with the same configuration, and changes
nothing: variables, both Slack tokens, who may ask and approve, channels, Workfront
and its credential, fields that this Workfront lacks, clocks, and the database. A
wfbot may run meanwhile. It prints a line for each finding: ok, warning, fault or
unknown, what it found, and what to do.

With -ids it prints ids for the configuration. Name a person by e-mail, a user group
as @handle, a channel as '#name', a Workfront user as wf: and the e-mail. It needs
only the bot token, or for Workfront the address and the credential.

Exit status: 0 all is well, 1 there are warnings, 2 there are faults. With -ids: 0 all
were found, 1 some were not.

`

// checkSetup is "wfbot check".
func checkSetup(ctx context.Context, p process, flags *flag.FlagSet, args []string) error {
	connect := flags.Bool("connect", false, "open a connection to Slack for a moment, and say how many others the app has; a click that reaches it then fails")
	asJSON := flags.Bool("json", false, "print JSON")
	ids := flags.Bool("ids", false, "print ids, and check nothing")
	names, args := namesBehind(args)
	if done, err := p.parse(flags, args, checkHelp); done {
		return err
	}
	switch {
	case *ids && len(names) == 0:
		return &misuse{"-ids takes names, such as anna@acme.com @it-managers '#it-offboarding' wf:bot@acme.com"}
	case !*ids && len(names) > 0:
		return &misuse{"names go with -ids; see wfbot check --help"}
	case *ids && *connect:
		return &misuse{"-ids and -connect do not go together"}
	}
	var m mistakes
	c, err := readConfig(p.environ, dotenv, &m)
	if err != nil {
		return err
	}
	if *ids {
		return p.printIDs(ctx, c, &m, names, *asJSON)
	}
	return p.printFindings(c.findings(ctx, &m, p.environ, *connect), *asJSON)
}

// namesBehind splits the names off the arguments: what is no flag, and not behind one.
// Names may stand in front of flags too.
func namesBehind(args []string) (names, flags []string) {
	for _, arg := range args {
		if strings.HasPrefix(arg, "-") {
			flags = append(flags, arg)
		} else {
			names = append(names, arg)
		}
	}
	return names, flags
}

// findings are the mistakes in the variables, and what a check finds with those that
// are right.
func (c *config) findings(ctx context.Context, m *mistakes, environ []string, connect bool) []check.Finding {
	var found []check.Finding
	for _, line := range m.lines {
		variable, what, _ := strings.Cut(line, " ")
		found = append(found, check.Finding{Severity: check.Fault, Subject: variable, What: what, Do: `"wfbot run --help" says what it means`})
	}
	if len(m.lines) == 0 {
		found = append(found, check.Finding{Severity: check.OK, Subject: "variables", What: "are all understood"})
	}
	found = append(found, check.Exposed(secretFiles(environ)...)...)
	setup := c.rightParts(m, connect)
	if client, err := workfront.New(c.workfront(nil)); err == nil && m.only("WORKFRONT_") == nil {
		setup.Workfront = client
		defer client.CloseIdleConnections()
	}
	for _, skipped := range []struct {
		subject string
		is      bool
	}{{"Slack", setup.BotToken == "" || setup.AppToken == ""}, {"people", setup.Policy.Requesters.Empty() || setup.Policy.Approvers.Empty()}, {"Workfront", setup.Workfront == nil}, {"database", setup.Database == ""}} {
		if skipped.is {
			found = append(found, check.Finding{Severity: check.Unknown, Subject: skipped.subject, What: "was not checked in full, because a variable for it is wrong", Do: "correct that first"})
		}
	}
	return append(found, check.Run(ctx, setup)...)
}

// rightParts is the set-up without what the variables with mistakes say. The Workfront
// client is the caller's.
func (c *config) rightParts(m *mistakes, connect bool) check.Config {
	setup := check.Config{
		AppToken: c.SlackAppToken, BotToken: c.SlackBotToken, SlackURL: c.SlackAPIURL, Connect: connect,
		MovedFrom: c.MovedFrom, Database: c.DatabaseURL, Policy: c.policy, Channel: c.Channel, OpsChannel: c.OpsChannel,
		Secrets: []secret.Value{c.WorkfrontAPIKey, c.WorkfrontClientSecret, c.WorkfrontPrivateKey},
	}
	for _, part := range []struct {
		clear     func()
		variables []string
	}{
		{func() { setup.BotToken = "" }, []string{"SLACK_BOT_TOKEN", "SLACK_API_URL"}},
		{func() { setup.AppToken = "" }, []string{"SLACK_APP_TOKEN", "SLACK_API_URL"}},
		{func() { setup.Database = "" }, []string{"WFBOT_DATABASE_URL"}},
		{func() { setup.Channel = "" }, []string{"WFBOT_CHANNEL"}},
		{func() { setup.OpsChannel = "" }, []string{"WFBOT_OPS_CHANNEL"}},
	} {
		if m.only(part.variables...) != nil {
			part.clear()
		}
	}
	return setup
}

// secretFiles are the file of variables, and those that variables name.
func secretFiles(environ []string) []string {
	files := []string{dotenv}
	var m mistakes
	inFile, err := readDotenv(dotenv, &m)
	if err != nil {
		return files
	}
	vars := merge(inFile, environ, dotenv, &m)
	for _, v := range variables[config]() {
		if name := vars[v.Name+"_FILE"]; v.Secret && name != "" {
			files = append(files, name)
		}
	}
	return files
}

// printFindings prints what was found and ends with the status for it.
func (p process) printFindings(found []check.Finding, asJSON bool) error {
	number := map[check.Severity]int{}
	for _, f := range found {
		number[f.Severity]++
	}
	var err error
	if asJSON {
		err = printJSON(p.stdout, map[string]any{"version": versionText(), "findings": found, "faults": number[check.Fault], "warnings": number[check.Warning]})
	} else {
		var b strings.Builder
		for _, f := range found {
			fmt.Fprintf(&b, "%-8s %s: %s", f.Severity, f.Subject, f.What)
			if f.Do != "" {
				b.WriteString(" → " + f.Do)
			}
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%d ok, %d unknown, %s, %s\n", number[check.OK], number[check.Unknown],
			counted(number[check.Warning], "warning", "warnings"), counted(number[check.Fault], "fault", "faults"))
		_, err = io.WriteString(p.stdout, b.String())
	}
	switch {
	case err != nil:
		return err
	case number[check.Fault] > 0:
		return ended(2)
	case number[check.Warning] > 0:
		return ended(1)
	}
	return nil
}

func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// printIDs is "wfbot check -ids". It takes what it needs of the configuration, and what
// else is wrong does not matter.
func (p process) printIDs(ctx context.Context, c config, m *mistakes, names []string, asJSON bool) error {
	config := check.Config{SlackURL: c.SlackAPIURL, BotToken: c.SlackBotToken}
	if slices.ContainsFunc(names, func(n string) bool { return check.SourceOf(n) == check.InSlack }) {
		if err := m.only("SLACK_BOT_TOKEN", "SLACK_API_URL"); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(names, func(n string) bool { return check.SourceOf(n) == check.InWorkfront }) {
		if err := m.only("WORKFRONT_"); err != nil {
			return err
		}
		client, err := workfront.New(c.workfront(nil))
		if err != nil {
			return err
		}
		defer client.CloseIdleConnections()
		config.Workfront = client
	}
	found := check.FindIDs(ctx, config, names)
	var err error
	if asJSON {
		err = printJSON(p.stdout, map[string]any{"ids": found})
	} else {
		var b strings.Builder
		for _, f := range found {
			switch {
			case f.Error != "":
				fmt.Fprintf(&b, "%s: %s: not found: %s\n", f.Asked, f.Kind, f.Error)
			case f.About != "":
				fmt.Fprintf(&b, "%s: %s %s (%s)\n", f.Asked, f.Kind, f.ID, f.About)
			default:
				fmt.Fprintf(&b, "%s: %s %s\n", f.Asked, f.Kind, f.ID)
			}
		}
		_, err = io.WriteString(p.stdout, b.String())
	}
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(found, func(f check.ID) bool { return f.Error != "" }):
		return ended(1)
	}
	return nil
}
