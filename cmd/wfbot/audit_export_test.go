package main

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// exportedLines runs an export as JSONL and reads it.
func (p *past) exportedLines(args ...string) (all []exported) {
	p.t.Helper()
	status, stdout, stderr := p.wfbot(append([]string{"audit", "export", "-format", "jsonl"}, args...)...)
	if status != 0 || stderr != "" {
		p.t.Fatalf("export %q: exit status %d, %s", args, status, stderr)
	}
	for line := range strings.Lines(stdout) {
		var one exported
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			p.t.Fatalf("%v in %q", err, line)
		}
		all = append(all, one)
	}
	return all
}

func numbers(all []exported) (numbers []int64) {
	for _, e := range all {
		numbers = append(numbers, e.Number)
	}
	return numbers
}

// janeAndJoe is a past where Jane is deactivated and Joe's request denied.
func janeAndJoe(t *testing.T, address string) *past {
	t.Helper()
	p := newPast(t, address)                                                                                                      // entry 1
	p.asks("r1", "Jane Doe", "jane@acme.com", "left; =the company")                                                               // 2: requested, 3: found, 4: card posted
	p.deactivated("r1")                                                                                                           // 5: approve, 6: execution started, 7: write attempted, 8: done
	p.now = p.now.Add(24 * time.Hour)                                                                                             // the 24th
	p.asks("r2", "Joe Roe", "joe@acme.com", "joins jane@acme.com's team")                                                         // 9, 10, 11
	p.changes("r2", func(r *request.Request) error { return r.Deny(ada, "=HYPERLINK(\"http://x.example.com\")", p.now) })         // 12
	p.record("", "refused", "U0EVE", map[string]string{"what": "/wf-deactivate", "why": "no such user", "word": "dana@acme.com"}) // 13
	return p
}

func TestAuditExport(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, address string) {
		p := janeAndJoe(t, address)
		all := p.exportedLines()
		if len(all) != 13 {
			t.Fatalf("%d entries, want 13", len(all))
		}
		done := all[7]
		want := exported{
			Number: 8, Time: "2026-11-23T09:00:08.000Z", What: "done", Who: "wfbot", Action: "deactivate", AboutEmail: "jane@acme.com", AboutName: "Jane Doe",
			WorkfrontID: "wf-r1", Reason: "left; =the company", Proof: "Workfront was read and shows isActive=false",
			Card: "https://acme.slack.com/archives/C0IT/p1764000000000100", Request: "r1",
			Details: map[string]string{"workfront_id": "wf-r1", "isActive": "false", "already": "false", "writes": "1"}, TimeMS: 1795424408000,
			Salt: done.Salt, DetailHash: done.DetailHash, PreviousHash: all[6].Hash, Hash: done.Hash,
		}
		if got, want := fmt.Sprintf("%+v", done), fmt.Sprintf("%+v", want); got != want {
			t.Errorf("the proof is exported as\n%s, want\n%s", got, want)
		}
		if e := all[11]; e.What != "deny" || e.Who != "U0ADA" || e.WhoName != "Ada Okafor" || e.WhoEmail != "ada@acme.com" ||
			e.Comment != `=HYPERLINK("http://x.example.com")` || e.AboutEmail != "joe@acme.com" {
			t.Errorf("the denial is exported as %+v", e)
		}
		if e := all[1]; e.WhoName != "Rita Young" || e.Details["reason"] != e.Reason {
			t.Errorf("the request is exported as %+v", e)
		}
		for _, tc := range []struct {
			args []string
			want string
		}{
			{[]string{"-after", "0"}, "1 2 3 4 5 6 7 8 9 10 11 12 13"},
			{[]string{"-after", "11"}, "12 13"},
			{[]string{"-after", "13"}, ""},
			{[]string{"-since", "2026-11-24"}, "9 10 11 12 13"},
			{[]string{"-until", "2026-11-23"}, "1 2 3 4 5 6 7 8"},
			{[]string{"-since", "2026-11-23T10:00:03+01:00", "-until", "2026-11-23T09:00:05Z"}, "3 4"},
			{[]string{"-person", "Jane@ACME.com"}, "2 3 4 5 6 7 8 9"}, // the reason of entry 9 names her
			{[]string{"-person", "wf-r1"}, "2 3 4 5 6 7 8"},
			{[]string{"-person", "joe@acme.com"}, "9 10 11 12"},
			{[]string{"-person", "ada@acme.com"}, "5 12"},
			{[]string{"-person", "U0EVE"}, "13"},
			{[]string{"-person", "dana@acme.com"}, "13"},
			{[]string{"-person", "ana@acme.com"}, ""}, // a part of another address
			{[]string{"-person", "joe@acme.com", "-after", "10", "-until", "2026-12-01"}, "11 12"},
		} {
			got := strings.Trim(fmt.Sprint(numbers(p.exportedLines(tc.args...))), "[]")
			if got != tc.want {
				t.Errorf("%q: entries %s, want %s", tc.args, got, tc.want)
			}
		}
	})
}

// Who feeds another system with what comes -after the last entry that it has gets each
// entry once, while wfbot writes.
func TestAuditExportFeedsAnotherSystem(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, address string) {
		p := newPast(t, address)
		written := make(chan struct{})
		go func() {
			defer close(written)
			for i := range 30 {
				if err := p.st.Update(t.Context(), p.now, func(tx *store.Tx) error {
					for range 60 {
						tx.Record("", request.Event{At: p.now, Kind: "refused", Actor: fmt.Sprint("U", i)})
					}
					return nil
				}); err != nil {
					t.Error(err)
				}
			}
		}()
		var got []int64
		for ended := false; ; {
			after := int64(0)
			if len(got) > 0 {
				after = got[len(got)-1]
			}
			more := numbers(p.exportedLines("-after", strconv.FormatInt(after, 10)))
			got = append(got, more...)
			if ended && len(more) == 0 {
				break
			}
			select {
			case <-written:
				ended = true
			default:
			}
		}
		if len(got) != 1801 || !slices.IsSorted(got) || got[1800] != 1801 || len(slices.Compact(got)) != 1801 {
			t.Errorf("%d entries came over, want 1801", len(got))
		}
		// The tail is cut off, or an older copy is in its place.
		status, stdout, stderr := p.wfbot("audit", "export", "-format", "jsonl", "-after", "1802")
		if status != 1 || stdout != "" || !strings.Contains(stderr, "there is no entry 1802") {
			t.Errorf("after an entry that is gone: exit status %d, %q, %q", status, stdout, stderr)
		}
	})
}

func sha256Hex(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

// An export as JSONL can be verified by itself, as docs/audit.md describes the hashes.
func TestAuditExportCanBeVerified(t *testing.T) {
	t.Parallel()
	p := janeAndJoe(t, "sqlite:"+t.TempDir()+"/wfbot.db")
	last := ""
	for _, e := range p.exportedLines() {
		detail, err := json.Marshal(e.Details)
		if err != nil {
			t.Fatal(err)
		}
		array, err := json.Marshal([]any{e.Number, e.TimeMS, e.Request, e.What, e.Who, e.DetailHash, e.PreviousHash})
		if err != nil {
			t.Fatal(err)
		}
		if e.PreviousHash != last || sha256Hex(string(array)) != e.Hash || sha256Hex(e.Salt+string(detail)) != e.DetailHash {
			t.Errorf("entry %d cannot be verified: %+v", e.Number, e)
		}
		last = e.Hash
	}
}

// begins is where a spreadsheet may see a formula: where another character ends a
// cell, quotation marks in the middle of one mean nothing.
var begins = regexp.MustCompile(`(?m)(^|[;,|\t])[\s\p{Cc}\p{Cf}"]*[=+\-@＝＋－＠]`)

func TestAuditExportIsNoFormula(t *testing.T) {
	t.Parallel()
	p := newPast(t, "sqlite:"+t.TempDir()+"/wfbot.db")
	hostile := []string{
		`=1+1`, `+1`, `-1`, `@SUM(A1)`, "\t=1", "\r=1", " =1", "\n=1", `x;=1`, `x,=1`, "x\t=1", `x; "=1`, `"=1`, `'=1`, "\u200b=1", "\u202e=1",
		`＝1`, `|=1`, "a\n=1", ";;=1", `","=1`,
	}
	for i, text := range hostile {
		p.record(text, text, text, map[string]string{"comment": text})
		id := fmt.Sprint("r", i)
		p.asks(id, text, fmt.Sprintf("x%d@acme.com", i), text)
	}
	status, stdout, stderr := p.wfbot("audit", "export")
	if status != 0 {
		t.Fatalf("exit status %d, %s", status, stderr)
	}
	if found := begins.FindAllString(stdout, -1); found != nil {
		t.Errorf("a spreadsheet would take these for formulas: %q", found)
	}
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if err != nil || len(rows) != 1+1+4*len(hostile) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	comment := slices.Index(rows[0], "comment")
	if got := rows[2][comment]; got != "'=1+1" {
		t.Errorf("a comment is exported as %q", got)
	}
	if !slices.Equal(rows[0], exportedColumns) {
		t.Errorf("columns %q", rows[0])
	}
}

// The columns of CSV are the fields of JSONL, in the same order.
func TestAuditExportColumns(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(exported{Details: map[string]string{}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`"([a-z_]+)":`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1])
	}
	if !slices.Equal(names, exportedColumns) || len(exported{}.cells()) != len(names) {
		t.Errorf("JSONL has the fields %q, CSV the columns %q", names, exportedColumns)
	}
}
