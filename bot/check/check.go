// Package check looks at a set-up as the bot will find it, before anybody relies on
// it: Slack's tokens, who may do what, the channels, Workfront and its credential, the
// database. It changes nothing in any of them.
//
// [Run] returns what it found as values; whoever called it prints them. What a check
// says of a mistake is what the bot would say of it: the words come from the packages
// that it works with.
//
// Slack is asked through slackapi and socket, Workfront through the client in
// workfront, the database through [store.Inspect]. Only Config.Connect opens a Socket
// Mode connection, since what people do may reach one that only looks.
//
// [FindIDs] answers with the ids of people, groups, channels and Workfront users, for
// people who write a configuration.
package check

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode"

	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
)

// Severity is how much a finding matters.
type Severity string

// The severities.
const (
	OK      Severity = "ok"      // as it has to be
	Warning Severity = "warning" // the bot works, but not as well as it could, or not for long
	Fault   Severity = "fault"   // the bot does not work, or a part of it does not
	Unknown Severity = "unknown" // cannot be known from here
)

// Finding is one thing that was looked at.
type Finding struct {
	Severity Severity `json:"severity"`
	Subject  string   `json:"subject"`      // a variable, or what was looked at
	What     string   `json:"what"`         // what was found
	Do       string   `json:"do,omitempty"` // what to do; empty: nothing
}

// Config is a set-up. What is zero is not looked at.
type Config struct {
	AppToken, BotToken secret.Value
	SlackURL           string // as that of slackapi.Config
	Connect            bool   // open a Socket Mode connection, until Slack greets it

	Workfront *workfront.Client
	MovedFrom string // as in bot.Config

	Database secret.Value // its address

	Policy     request.Policy // without members: not looked at
	Channel    string
	OpsChannel string

	// Secrets are whatever must not be in a finding, besides the tokens. Nothing is
	// known to put them there.
	Secrets []secret.Value
}

const (
	within          = 3 * time.Minute // for all of it
	workfrontWithin = time.Minute     // before Workfront counts as one that does not answer
)

// Run looks at everything and returns what it found, in an order that does not change.
func Run(ctx context.Context, config Config) []Finding {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	c := &check{Config: config}
	inDatabase := c.database(ctx)
	var inSlack, inWorkfront []Finding
	var both sync.WaitGroup
	both.Go(func() { inSlack = c.slack(ctx) })
	both.Go(func() { inWorkfront = c.workfront(ctx) })
	both.Wait()
	all := append(append(inSlack, inWorkfront...), inDatabase...)
	for i := range all {
		all[i].What, all[i].Do = c.scrub(all[i].What), c.scrub(all[i].Do)
	}
	return all
}

// check is one run.
type check struct {
	Config
	stored store.Inspection // of the database; zero where it could not be read
	read   bool             // it could
}

// printable makes a text fit for a terminal: on one line, without what steers one or
// hides in it. Names are what somebody has typed somewhere.
func printable(text string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.C, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(clean), " ")
}

// scrub makes a text printable, and takes secrets out of it, should one ever be in an
// error.
func (c *check) scrub(text string) string {
	text = printable(text)
	for _, one := range append([]secret.Value{c.AppToken, c.BotToken}, c.Secrets...) {
		if one != "" {
			text = strings.ReplaceAll(text, one.Reveal(), "REDACTED")
		}
	}
	return text
}

// The words of findings: severity, subject, what and what to do.
func ok(subject, what string) Finding          { return Finding{OK, subject, what, ""} }
func warning(subject, what, do string) Finding { return Finding{Warning, subject, what, do} }
func fault(subject, what, do string) Finding   { return Finding{Fault, subject, what, do} }
func unknown(subject, what, do string) Finding { return Finding{Unknown, subject, what, do} }

// told is a fault in the words of an error, which says behind a colon what to do.
func told(subject string, err error) Finding {
	what, do, _ := strings.Cut(err.Error(), ": ")
	return fault(subject, what, do)
}

// clock says how far this machine's clock is from that of a service.
func clock(of string, off time.Duration, known bool) []Finding {
	if !known {
		return nil
	}
	const tolerance = 30 * time.Second
	direction := "ahead of"
	if off < 0 {
		off, direction = -off, "behind"
	}
	if off <= tolerance {
		return []Finding{ok("clock", "agrees with "+of+"'s")}
	}
	return []Finding{fault("clock", "this machine's clock is "+off.Round(time.Second).String()+" "+direction+" "+of+"'s",
		"set it, and keep it right with NTP: tokens are refused, and times in Slack are wrong")}
}

// newSlack is a client that asks about people. It knows of no user groups: it would
// ask for the members of all of them with each person.
func (c *check) newSlack(groups ...string) *slackapi.Client {
	return slackapi.New(slackapi.Config{Token: c.BotToken, URL: c.SlackURL, Groups: groups, Log: quiet})
}
