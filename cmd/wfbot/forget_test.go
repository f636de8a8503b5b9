package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// Somebody is forgotten while wfbot works: nothing that a command prints names them any
// more, and the trail verifies, also by a head of before.
func TestForget(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, address string) {
		p := newPast(t, address)
		p.asks("r1", "Jane Doe", "jane@acme.com", "left the company")
		p.deactivated("r1")
		p.asks("r2", "Joe Roe", "joe@acme.com", "left as well")
		p.changes("r2", func(r *request.Request) error { return r.Deny(ada, "not yet", p.now) })
		p.asks("r3", "Jane Doe", "jane@acme.com", "once more")
		for range 3 { // all cards are shown as they are, and everybody is told
			c, lease, err := p.st.ClaimCard(t.Context(), p.now.Add(2*time.Hour), time.Minute)
			if err != nil || c == nil {
				t.Fatalf("no card to paint: %v", err)
			}
			p.update(func(tx *store.Tx) error {
				c, err := tx.ClaimedCard(c.ID, lease)
				if err != nil {
					return err
				}
				c.Paint(c.Look, p.now)
				c.TellRequester([]int64{c.Requests[0].News})
				return tx.SaveCardAndRelease(c)
			})
		}
		_, stdout, _ := p.wfbot("audit", "verify")
		head := headPattern.FindStringSubmatch(stdout)

		status, stdout, stderr := p.wfbot("forget", "Jane@acme.com")
		if status != 1 || !strings.Contains(stdout, "Erased: 1 request about them, their name in 0 other requests, the details of ") ||
			!strings.Contains(stderr, "not erased, since it has not ended or cannot be read: r3.") || strings.Contains(stdout+stderr, "ane") {
			t.Errorf("forget: exit status %d, %q, %q", status, stdout, stderr)
		}
		p.now = p.now.Add(24 * time.Hour)
		p.changes("r3", func(r *request.Request) error { return r.Expire(p.now) })
		c, lease, err := p.st.ClaimCard(t.Context(), p.now, time.Minute)
		if err != nil || c == nil {
			t.Fatalf("no card to paint: %v", err)
		}
		p.update(func(tx *store.Tx) error {
			c, err := tx.ClaimedCard("r3", lease)
			if err != nil {
				return err
			}
			c.Paint(c.Look, p.now)
			c.TellRequester([]int64{c.Requests[0].News})
			return tx.SaveCardAndRelease(c)
		})
		if status, stdout, stderr := p.wfbot("forget", "jane@acme.com"); status != 0 || !strings.HasPrefix(stdout, "Erased: 1 request about them") {
			t.Errorf("forget when all has ended: exit status %d, %q, %q", status, stdout, stderr)
		}
		for _, command := range [][]string{{"audit", "export"}, {"audit", "export", "-format", "jsonl"}, {"audit", "show", "wf-r1"}, {"audit", "show", "U0ADA"}} {
			status, stdout, stderr := p.wfbot(command...)
			if status != 0 || strings.Contains(stdout, "Jane") || strings.Contains(stdout, "jane@") || !strings.Contains(stdout, "wf-r1") {
				t.Errorf("%q: exit status %d, %q, %q", command, status, stdout, stderr)
			}
		}
		if _, stdout, _ := p.wfbot("audit", "show", "joe@acme.com"); !strings.Contains(stdout, "Joe Roe") || !strings.Contains(stdout, "not yet") {
			t.Errorf("of somebody else there is left %q", stdout)
		}
		if status, stdout, stderr := p.wfbot("audit", "verify", "-head", head[1]); status != 0 || !strings.Contains(stdout, "wfbot has erased the details of ") {
			t.Errorf("verify: exit status %d, %q, %q", status, stdout, stderr)
		}
		for _, command := range []string{"forget", "audit show"} {
			for _, nobody := range []string{" ", "Kim", "approve"} {
				status, stdout, stderr := p.wfbot(append(strings.Fields(command), nobody)...)
				if status != 2 || stdout != "" || !strings.Contains(stderr, "this names nobody: write an e-mail") {
					t.Errorf("%s %q: exit status %d, %q, %q", command, nobody, status, stdout, stderr)
				}
			}
		}
		p.asks("r4", "Kim Lee", "kim@acme.com", "wfbot goes on")
	})
}

// What could not be erased yet is said, with what to do, and done when it can be.
func TestForgetSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "wfbot.db")
	p := newPast(t, "sqlite:"+file)
	p.asks("r1", "Jane Doe", "jane@acme.com", "left the company")
	p.changes("r1", func(r *request.Request) error { return r.Deny(ada, "not yet", p.now) })
	c, lease, err := p.st.ClaimCard(t.Context(), p.now.Add(2*time.Hour), time.Minute)
	if err != nil || c == nil {
		t.Fatalf("no card to paint: %v", err)
	}
	p.update(func(tx *store.Tx) error {
		c, err := tx.ClaimedCard(c.ID, lease)
		if err != nil {
			return err
		}
		c.Paint(c.Look, p.now)
		c.TellRequester([]int64{c.Requests[0].News})
		return tx.SaveCardAndRelease(c)
	})
	for key, text := range map[string]string{"k1": "status jane@acme.com", "k2": "status joe@acme.com"} {
		if _, err := p.st.Accept(t.Context(), store.Interaction{ID: key, Key: key, Kind: store.Command, UserID: "U0RITA", Text: text, ReceivedAt: p.now}); err != nil {
			t.Fatal(err)
		}
	}
	other, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	reads, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reads.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM requests").Scan(&n); err != nil { // holds what there is now
		t.Fatal(err)
	}
	inLog := func() bool {
		t.Helper()
		text, err := os.ReadFile(file + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(text), "Jane Doe")
	}

	status, stdout, stderr := p.wfbot("forget", "jane@acme.com")
	if status != 1 || !strings.Contains(stdout, "Erased: 1 request about them") || !inLog() {
		t.Errorf("while somebody reads: exit status %d, %q, in the log: %t", status, stdout, inLog())
	}
	for _, want := range []string{"the text of 1 interaction. Do this again", "the file " + file + "-wal may still hold what was erased", "end that"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("it says %q, want %q", stderr, want)
		}
	}
	if err := reads.Rollback(); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := p.wfbot("forget", "jane@acme.com"); status != 1 || strings.Contains(stderr, "-wal") || !strings.Contains(stderr, "1 interaction") || inLog() {
		t.Errorf("when nobody reads: exit status %d, %q, in the log: %t", status, stderr, inLog())
	}
	w, lease, err := p.st.ClaimInteraction(t.Context(), p.now, time.Minute)
	for ; err == nil && w != nil; w, lease, err = p.st.ClaimInteraction(t.Context(), p.now, time.Minute) {
		p.update(func(tx *store.Tx) error { return tx.SaveInteraction(w, lease, true) })
	}
	if err != nil {
		t.Fatal(err)
	}
	if status, stdout, stderr := p.wfbot("forget", "jane@acme.com"); status != 0 || stderr != "" || !strings.Contains(stdout, "the text of 1 interaction") {
		t.Errorf("when wfbot has dealt with it: exit status %d, %q, %q", status, stdout, stderr)
	}
}
