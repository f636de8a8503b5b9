package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

const showHelp = `Usage: wfbot audit show WHO

Tells in plain words what the audit trail holds about a person: what was asked for them,
who decided, and what wfbot did; then what else they did or were refused. WHO is an
e-mail, a Slack user id or a Workfront ID. It works while wfbot runs. Times are in UTC.

`

// showAudit is "wfbot audit show".
func showAudit(ctx context.Context, p process, flags *flag.FlagSet, args []string) error {
	db, named, err := p.openReader(ctx, flags, args, showHelp, "an e-mail, a Slack user id or a Workfront ID")
	if db == nil {
		return err
	}
	defer db.Close()
	s, err := readShow(ctx, db, named)
	if errors.Is(err, store.ErrNamesNobody) {
		return &misuse{err.Error()}
	}
	if err != nil {
		return err
	}
	out := bufio.NewWriter(p.stdout)
	s.write(out)
	return out.Flush()
}

// show is what is told about a person.
type show struct {
	named     string
	workspace string
	person    *store.Person
	about     []shownRequest // in the order that they were asked for
	besides   []store.Record // that name them, or are by them
}

// shownRequest is a request, or a card about several, with its entries.
type shownRequest struct {
	id      string
	entries []store.Record
}

func readShow(ctx context.Context, db *store.Reader, named string) (s show, err error) {
	s.named = named
	if s.workspace, err = db.Workspace(ctx); err != nil {
		return s, err
	}
	if s.person, err = db.Person(ctx, named); err != nil {
		return s, err
	}
	return s, db.EachRecord(ctx, 0, func(r store.Record) error {
		switch {
		case !s.person.In(r.Entry):
		case !s.person.IsAbout(r.Entry):
			s.besides = append(s.besides, r)
		default:
			i := slices.IndexFunc(s.about, func(one shownRequest) bool { return one.id == r.RequestID })
			if i < 0 {
				i, s.about = len(s.about), append(s.about, shownRequest{id: r.RequestID})
			}
			s.about[i].entries = append(s.about[i].entries, r)
		}
		return nil
	})
}

func (s show) write(out io.Writer) {
	if len(s.about)+len(s.besides) == 0 {
		named := "that id" // which is not repeated: it may be a secret in the wrong place
		if isEmail(s.named) {
			named = printable(s.named)
		}
		fmt.Fprintf(out, "Nothing in the audit trail is about %s or by them.\n", named)
		return
	}
	for _, one := range s.about {
		s.writeHeading(out, one)
		for _, r := range one.entries {
			writeEntry(out, r, "")
		}
		fmt.Fprintln(out)
	}
	if len(s.besides) > 0 {
		fmt.Fprintf(out, "Other entries that name %s, or are by them\n", printable(s.named))
		for _, r := range s.besides {
			about := ""
			if r.Request != nil {
				about = " [" + string(r.Request.Action) + " " + personOf(r.Request) + "]"
			}
			writeEntry(out, r, about)
		}
	}
}

// writeHeading says what a request is about and how it stands.
func (s show) writeHeading(out io.Writer, one shownRequest) {
	r := one.entries[0]
	switch about, card := r.Request, r.Card; {
	case about != nil:
		fmt.Fprintf(out, "%s %s: %s\n", about.Action, printable(personOf(about)), about.State)
		if about.Reason != "" {
			fmt.Fprintf(out, "  reason   %s\n", printable(about.Reason))
		}
	case card != nil:
		fmt.Fprintf(out, "The card about several people, these among them\n")
	default:
		fmt.Fprintf(out, "A request that cannot be read\n")
	}
	fmt.Fprintf(out, "  request  %s\n", printable(one.id))
	if r.Card != nil {
		if link := cardLink(s.workspace, r.Card.Place); link != "" {
			fmt.Fprintf(out, "  card     %s\n", link)
		}
	}
}

// personOf names who a request is about.
func personOf(r *request.Request) string {
	name := cmp.Or(r.Target.Name, r.Email, r.Target.ID, "somebody")
	var more []string
	for _, what := range []string{r.Email, r.Target.ID} {
		if what != "" && what != name {
			more = append(more, what)
		}
	}
	if more == nil {
		return name
	}
	return name + " (" + strings.Join(more, ", ") + ")"
}

func writeEntry(out io.Writer, r store.Record, about string) {
	fmt.Fprintf(out, "  %6d  %s  %s\n", r.Seq, r.At.UTC().Format("2006-01-02 15:04:05"), printable(said(r)+about))
}

// said is an entry in words.
func said(r store.Record) string {
	d, who := r.Detail, actorOf(r)
	if r.Erased {
		return r.Kind + ", " + who + " (the details are erased)"
	}
	words := map[string]string{
		"requested":              who + " asks for it",
		"found":                  "found in Workfront: " + d["name"] + " (" + d["workfront_id"] + "); approvals needed: " + d["needed"],
		"rejected":               "not possible: " + d["why"],
		"look-up failed":         "could not be looked up: " + d["why"],
		string(request.Approve):  who + " approves",
		string(request.Deny):     who + " denies it",
		string(request.Cancel):   who + " cancels it",
		string(request.RunAgain): who + " has it tried again",
		"expired":                "expires without enough approvals",
		"write attempted":        "Workfront is told isActive=" + d["isActive"] + ", attempt " + d["attempt"],
		"done":                   "confirmed: " + proof(r.Entry),
		"dry run":                "dry run: everything but the write was done",
		"failed":                 "failed: " + d["why"],
		"postponed":              "not done yet: " + d["why"] + " Next try " + d["next"],
		"paused":                 "waits: " + d["why"],
		"superseded":             "a later request, " + d["by"] + ", has changed it back",
		"verified":               proof(r.Entry),
		"refused":                who + " is refused " + d["what"] + ": " + d["why"],
		"details shown":          who + " is shown what the person holds",
		"card posted":            "the card is posted",
	}[r.Kind]
	switch {
	case words == "" && who == request.Bot:
		return r.Kind + rest(d)
	case words == "":
		return r.Kind + ", " + who + rest(d)
	case d["already"] == "true":
		words += "; it was so already"
	}
	for _, name := range []string{"word", "comment", "not_before"} {
		if d[name] != "" {
			words += "; " + strings.ReplaceAll(name, "_", " ") + ": " + d[name]
		}
	}
	return words
}

// rest lists the details of an entry that there are no words for.
func rest(d map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(d)) {
		if d[name] != "" {
			all = append(all, strings.ReplaceAll(name, "_", " ")+": "+d[name])
		}
	}
	if all == nil {
		return ""
	}
	return " (" + strings.Join(all, "; ") + ")"
}

// actorOf names who did what an entry tells.
func actorOf(r store.Record) string {
	e := exportedEntry(r, "")
	if e.WhoName == "" && e.WhoEmail == "" {
		return e.Who
	}
	return strings.TrimSpace(e.WhoName+" <"+e.WhoEmail+">") + " " + e.Who
}

// printable is a text as one line for a terminal, which obeys nothing in it.
func printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n', r == '\t', r == '\r':
			b.WriteByte(' ')
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co), r == unicode.ReplacementChar:
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
