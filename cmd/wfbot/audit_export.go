package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

const exportHelp = `Usage: wfbot audit export [flags]

Writes the entries of the audit trail to standard output, in order, also while wfbot
runs: who did what, when, and about which person; their words; the card in Slack; what
Workfront showed; and the hashes. Times are in UTC.

A job that feeds another system keeps the number of the last entry that it has, and
asks for those -after it; nothing that comes later has a smaller number. If there is no
such entry any more, the exit status is 1.

`

// exportOptions are the flags of "wfbot audit export".
type exportOptions struct {
	format       string
	since, until time.Time // zero: no limit
	person       string
	after        int64
}

func (o *exportOptions) define(flags *flag.FlagSet) {
	o.format = "csv"
	flags.Func("format", "`csv` for a spreadsheet, or jsonl: an object on each line (default csv)", func(text string) error {
		if o.format = strings.ToLower(text); o.format != "csv" && o.format != "jsonl" {
			return errors.New("csv or jsonl")
		}
		return nil
	})
	flags.Func("since", "only entries from this `time` on: 2026-12-31, or 2026-12-31T17:00:00+01:00", func(text string) (err error) {
		o.since, err = parseTime(text, 0)
		return err
	})
	flags.Func("until", "only entries until this `time`; a day is meant to its end", func(text string) (err error) {
		o.until, err = parseTime(text, 24*time.Hour)
		return err
	})
	flags.StringVar(&o.person, "person", "", "only entries about this person or by them: an `e-mail`, Slack user id or Workfront ID")
	flags.Func("after", "only entries after this `number`", func(text string) (err error) {
		if o.after, err = strconv.ParseInt(text, 10, 64); err != nil || o.after < 0 {
			return errors.New("the number of an entry")
		}
		return nil
	})
}

func exportFlags(flags *flag.FlagSet) { new(exportOptions).define(flags) }

// parseTime reads a time, or a day in UTC and the time into it.
func parseTime(text string, into time.Duration) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.Add(into), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, errors.New("write a day as 2026-12-31, or a time with its zone as 2026-12-31T17:00:00Z")
	}
	return at, nil
}

// exportAudit is "wfbot audit export".
func exportAudit(ctx context.Context, p process, flags *flag.FlagSet, args []string) error {
	var o exportOptions
	o.define(flags)
	db, _, err := p.openReader(ctx, flags, args, exportHelp, "")
	if db == nil {
		return err
	}
	defer db.Close()
	out := bufio.NewWriter(p.stdout)
	err = o.export(ctx, db, out)
	return errors.Join(err, out.Flush()) // what was read before an error is right
}

func (o exportOptions) export(ctx context.Context, db *store.Reader, out io.Writer) error {
	workspace, err := db.Workspace(ctx)
	if err != nil {
		return err
	}
	var who *store.Person
	if o.person != "" {
		if who, err = db.Person(ctx, o.person); err != nil {
			return err
		}
	}
	write, err := exportTo(out, o.format)
	if err != nil {
		return err
	}
	last := max(o.after-1, 0) // to see that the entry is there
	if err := db.EachRecord(ctx, last, func(r store.Record) error {
		last = r.Seq
		if r.Seq <= o.after || r.At.Before(o.since) || !o.until.IsZero() && !r.At.Before(o.until) || who != nil && !who.In(r.Entry) {
			return nil
		}
		return write(exportedEntry(r, workspace))
	}); err != nil {
		return err
	}
	if last < o.after {
		return fmt.Errorf("there is no entry %d in the audit trail: either its end was cut off, or the database is an older copy or another one", o.after)
	}
	return nil
}

// exported is an entry as it is exported. The names and the order of its fields are
// the columns of CSV.
type exported struct {
	Number       int64             `json:"number"`
	Time         string            `json:"time"`
	What         string            `json:"what"`
	Who          string            `json:"who"` // Slack user id, or wfbot
	WhoName      string            `json:"who_name"`
	WhoEmail     string            `json:"who_email"`
	Action       string            `json:"action"`
	AboutEmail   string            `json:"about_email"`
	AboutName    string            `json:"about_name"`
	WorkfrontID  string            `json:"workfront_id"`
	Reason       string            `json:"reason"`
	Comment      string            `json:"comment"`
	Proof        string            `json:"proof"`
	Card         string            `json:"card"`
	Request      string            `json:"request"` // or the card of several
	Details      map[string]string `json:"details"` // null: erased
	Erased       bool              `json:"erased"`
	TimeMS       int64             `json:"time_ms"`
	Salt         string            `json:"salt"`
	DetailHash   string            `json:"detail_hash"`
	PreviousHash string            `json:"previous_hash"`
	Hash         string            `json:"hash"`
}

var exportedColumns = []string{
	"number", "time", "what", "who", "who_name", "who_email", "action", "about_email", "about_name", "workfront_id", "reason", "comment", "proof",
	"card", "request", "details", "erased", "time_ms", "salt", "detail_hash", "previous_hash", "hash",
}

// exportTimes is how times are written.
const exportTimes = "2006-01-02T15:04:05.000Z07:00"

func exportedEntry(r store.Record, workspace string) exported {
	e := exported{
		Number: r.Seq, Time: r.At.UTC().Format(exportTimes), What: r.Kind, Who: r.Actor, Comment: r.Detail["comment"], Proof: proof(r.Entry),
		Request: r.RequestID, Details: r.Detail, Erased: r.Erased, TimeMS: r.At.UnixMilli(),
		Salt: r.Salt, DetailHash: r.DetailHash, PreviousHash: r.Prev, Hash: r.Hash,
	}
	if c := r.Card; c != nil {
		e.Action, e.Reason, e.Card = string(c.Action), c.Reason, cardLink(workspace, c.Place)
		e.name(c.Requester)
	}
	if about := r.Request; about != nil {
		e.Action, e.Reason = string(about.Action), about.Reason
		e.AboutEmail, e.AboutName, e.WorkfrontID = about.Email, about.Target.Name, about.Target.ID
		e.name(about.Requester)
		e.name(about.Manager)
		for _, d := range about.Decisions {
			e.name(d.By)
		}
	}
	return e
}

// name fills in who it was, if it was that person.
func (e *exported) name(who request.Identity) {
	if who.Is(e.Who) && who.Name+who.Email != "" {
		e.WhoName, e.WhoEmail = who.Name, who.Email
	}
}

// proof is what Workfront showed, where an entry tells that it was read.
func proof(e store.Entry) string {
	switch e.Kind {
	case "done":
		return "Workfront was read and shows isActive=" + e.Detail["isActive"]
	case "verified":
		return "Workfront was read again: " + e.Detail["found"]
	}
	return ""
}

// cardLink is the address of a card in Slack; empty: it is not posted, or its workspace
// is not known.
func cardLink(workspace string, at request.Place) string {
	if workspace == "" || at.TS == "" {
		return ""
	}
	return strings.TrimSuffix(workspace, "/") + "/archives/" + at.Channel + "/p" + strings.ReplaceAll(at.TS, ".", "")
}

// exportTo returns what writes an entry in a format.
func exportTo(out io.Writer, format string) (write func(exported) error, err error) {
	if format == "jsonl" {
		lines := json.NewEncoder(out)
		return func(e exported) error { return lines.Encode(e) }, nil
	}
	sheet := csv.NewWriter(out)
	row := func(cells []string) error {
		if err := sheet.Write(cells); err != nil {
			return err
		}
		sheet.Flush()
		return sheet.Error()
	}
	return func(e exported) error { return row(e.cells()) }, row(exportedColumns)
}

// cells are the columns of CSV.
func (e exported) cells() []string {
	details := ""
	if e.Details != nil {
		text, err := json.Marshal(e.Details)
		if err != nil {
			panic(fmt.Sprintf("unreachable: a map of strings always encodes: %v", err))
		}
		details = string(text)
	}
	all := []string{
		strconv.FormatInt(e.Number, 10), e.Time, e.What, e.Who, e.WhoName, e.WhoEmail, e.Action, e.AboutEmail, e.AboutName, e.WorkfrontID,
		e.Reason, e.Comment, e.Proof, e.Card, e.Request, details, strconv.FormatBool(e.Erased), strconv.FormatInt(e.TimeMS, 10),
		e.Salt, e.DetailHash, e.PreviousHash, e.Hash,
	}
	for i, cell := range all {
		all[i] = harmless(cell)
	}
	return all
}

// formula is where a spreadsheet may begin to compute: at the begin of a cell, or
// behind what another language's spreadsheet takes for the end of a cell.
// Source: https://owasp.org/www-community/attacks/CSV_Injection
var formula = regexp.MustCompile(`(^|[;,|\t\r\n])([\s\p{Cc}\p{Cf}"']*)([=+\-@＝＋－＠])`)

// harmless is a cell that no spreadsheet takes for a formula: a ' stands before what
// it would begin with.
func harmless(cell string) string { return formula.ReplaceAllString(cell, "$1$2'$3") }
