package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"wfbot/bot/store"
)

const auditHelp = `Usage: wfbot audit verify [flags]
       wfbot audit export [flags]
       wfbot audit show WHO

Reads the audit trail, also while wfbot runs, and changes nothing. Which database
comes from WFBOT_DATABASE_URL, in the environment or in ` + dotenv + `.

`

// auditCommands are the sub-commands of "wfbot audit".
func auditCommands() []auditCommand {
	return []auditCommand{
		{"verify", verifyFlags, verifyAudit},
		{"export", exportFlags, exportAudit},
		{"show", func(*flag.FlagSet) {}, showAudit},
	}
}

// auditCommand is a sub-command of "wfbot audit".
type auditCommand struct {
	name  string
	flags func(*flag.FlagSet) // described in the help of "wfbot audit"
	run   func(ctx context.Context, p process, flags *flag.FlagSet, args []string) error
}

// auditTrail is "wfbot audit".
func auditTrail(ctx context.Context, p process, all *flag.FlagSet, args []string) error {
	for _, c := range auditCommands() {
		if len(args) > 0 && args[0] == c.name {
			return c.run(ctx, p, flag.NewFlagSet("audit "+c.name, flag.ContinueOnError), args[1:])
		}
		c.flags(all)
	}
	if done, err := p.parse(all, args, auditHelp); done {
		return err
	}
	return &misuse{"verify, export or show? See wfbot audit --help"}
}

// openReader is parseWith for a sub-command that reads the database, and opens it. Where
// there is nothing more to do, the Reader is nil.
func (p process) openReader(ctx context.Context, flags *flag.FlagSet, args []string, help, what string) (*store.Reader, string, error) {
	word, done, err := p.parseWith(flags, args, help, what)
	if done {
		return nil, "", err
	}
	address, err := loadDatabaseAddress(p.environ, dotenv)
	if err != nil {
		return nil, "", err
	}
	db, err := store.OpenReader(ctx, address.DatabaseURL.Reveal())
	return db, word, err
}

const verifyHelp = `Usage: wfbot audit verify [-head N:HASH]

Reads the whole audit trail, also while wfbot runs, and checks that every entry is as
it was written: none changed, removed or put in, and nothing erased except by wfbot.
It names the first entry that is wrong, with exit status 1.

Somebody who can write to the database could write another trail, or cut off its end,
and this would not show. So from time to time note the head, which this prints,
somewhere else. With -head, that head must still be part of the trail.

`

func verifyFlags(flags *flag.FlagSet) { new(headFlag).define(flags) }

// headFlag is the flag -head.
type headFlag struct{ noted []store.Head }

func (h *headFlag) define(flags *flag.FlagSet) {
	flags.Func("head", "verify that the trail leads through this head, `N:HASH` as it was noted; may be given several times", func(text string) error {
		head, err := parseHead(text)
		h.noted = append(h.noted, head)
		return err
	})
}

var headHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// parseHead reads a head as store.Head.String writes it.
func parseHead(text string) (store.Head, error) {
	number, hash, _ := strings.Cut(strings.ToLower(strings.TrimSpace(text)), ":")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 || !headHash.MatchString(hash) {
		return store.Head{}, errors.New("a head is the number of an entry, a colon and the 64 digits of its hash")
	}
	return store.Head{Seq: n, Hash: hash}, nil
}

// verifyAudit is "wfbot audit verify".
func verifyAudit(ctx context.Context, p process, flags *flag.FlagSet, args []string) error {
	var head headFlag
	head.define(flags)
	db, _, err := p.openReader(ctx, flags, args, verifyHelp, "")
	if db == nil {
		return err
	}
	defer db.Close()
	found, err := db.VerifyTrail(ctx, head.noted...)
	if broken, ok := errors.AsType[*store.BrokenTrailError](err); ok {
		return fmt.Errorf("the audit trail is not as it was written: %w. %s. Keep this database as it is, and compare it with a copy", broken, upTo(found))
	}
	if err != nil {
		return err
	}
	if _, err := io.WriteString(p.stdout, verdictOf(found, len(head.noted))); err != nil {
		return err
	}
	if found.Before != "" {
		return fmt.Errorf("before wfbot hashed the audit trail anew, which its newest form needs, it was not as it had been written: %s. "+
			"Compare it with a copy from before that", found.Before)
	}
	return nil
}

// upTo says how far a trail that is broken later is in order.
func upTo(found store.Verified) string {
	if found.Entries == 0 {
		return "Nothing before that is in order"
	}
	return fmt.Sprintf("Entries 1 to %d are in order", found.Entries)
}

// verdictOf says what was found in a trail that is in order.
func verdictOf(found store.Verified, noted int) string {
	if found.Entries == 0 {
		return "The audit trail is empty.\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s as written.", counted(found.Entries, "entry is", "entries are"))
	if found.Erased > 0 {
		fmt.Fprintf(&b, " wfbot has erased the details of %d.", found.Erased)
	}
	if noted > 0 {
		b.WriteString(" The trail leads through the head that was noted.")
	}
	return b.String() + "\n" + headLine(found.Head)
}

// headLine is the line with a head, for people who note it; empty: there is none.
func headLine(h store.Head) string {
	if h.Seq == 0 {
		return ""
	}
	return "head " + h.String() + "\n"
}

// counted is a number with the word for one or for several.
func counted[N int | int64](n N, one, several string) string {
	if n == 1 {
		several = one
	}
	return fmt.Sprintf("%d %s", n, several)
}
