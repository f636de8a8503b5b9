package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// onEachDatabase runs a test with an address of its own on SQLite, and on PostgreSQL
// where there is a server for tests.
func onEachDatabase(t *testing.T, test func(t *testing.T, address string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, "sqlite:"+filepath.Join(t.TempDir(), "wf bot.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, freshDatabase(t))
	})
}

// past is a database with what was done in it. A wfbot works on it: only that may write,
// and holds the lock of SQLite.
type past struct {
	t       *testing.T
	st      *store.Store
	address string
	now     time.Time
}

func newPast(t *testing.T, address string) *past {
	t.Helper()
	st, err := store.Open(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	p := &past{t, st, address, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	p.record("", "workspace adopted", request.Bot, map[string]string{"team_id": "T1", "url": "https://acme.slack.com/"})
	return p
}

func (p *past) update(change func(tx *store.Tx) error) {
	p.t.Helper()
	p.now = p.now.Add(time.Second)
	if err := p.st.Update(p.t.Context(), p.now, change); err != nil {
		p.t.Fatal(err)
	}
}

func (p *past) record(requestID, kind, actor string, detail map[string]string) {
	p.t.Helper()
	p.update(func(tx *store.Tx) error {
		tx.Record(requestID, request.Event{At: p.now, Kind: kind, Actor: actor, Detail: detail})
		return nil
	})
}

var (
	rita = request.Identity{ID: "U0RITA", Name: "Rita Young", Email: "rita@acme.com"}
	ada  = request.Identity{ID: "U0ADA", Name: "Ada Okafor", Email: "ada@acme.com"}
)

// asks lets Rita ask for the deactivation of somebody, who is found and shown on a
// card.
func (p *past) asks(id, name, email, reason string) {
	p.t.Helper()
	p.update(func(tx *store.Tx) error {
		r := request.New(request.Request{
			ID: id, CardID: id, Action: request.Deactivate, Email: email, Reason: reason, Requester: rita, Place: request.Place{Channel: "C0IT"},
		}, p.now, time.Hour)
		return tx.InsertCard(request.NewCard(request.Card{
			ID: id, Action: r.Action, Reason: reason, Requester: rita, Place: request.Place{Channel: "C0IT"},
		}, []*request.Request{r}, p.now))
	})
	p.changes(id, func(r *request.Request) error {
		return r.Found(request.Finding{Target: request.Target{ID: "wf-" + id, Name: name, Email: email, Active: true}, Needed: 1}, p.now)
	})
	var lease store.Lease
	var others []store.Lease // may be due too
	for card := new(request.Card); card.ID != id; others = append(others, lease) {
		var err error
		if card, lease, err = p.st.ClaimCard(p.t.Context(), p.now, time.Hour); err != nil || card == nil {
			p.t.Fatalf("no card to post: %v", err)
		}
	}
	for _, other := range others[:len(others)-1] {
		if err := p.st.Release(p.t.Context(), other, 0); err != nil {
			p.t.Fatal(err)
		}
	}
	p.update(func(tx *store.Tx) error {
		card, err := tx.ClaimedCard(id, lease)
		if err != nil {
			return err
		}
		card.Posted(request.Place{Channel: "C0IT", TS: "1764000000.000100"}, []int64{1}, p.now)
		return tx.SaveCardAndRelease(card)
	})
}

// changes does something to a request.
func (p *past) changes(id string, change func(r *request.Request) error) {
	p.t.Helper()
	p.update(func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		if err := change(r); err != nil {
			return err
		}
		return tx.Save(r)
	})
}

// deactivated lets Ada approve a request, which is done then.
func (p *past) deactivated(id string) {
	p.t.Helper()
	p.changes(id, func(r *request.Request) error { return r.Approve(ada, 0, p.now) })
	p.changes(id, func(r *request.Request) error { return r.Begin(p.now) })
	p.changes(id, func(r *request.Request) error { return r.WriteAttempted(p.now) })
	p.changes(id, func(r *request.Request) error { return r.Succeed(p.now) })
}

// wfbot runs a command beside the wfbot that works on the database.
func (p *past) wfbot(args ...string) (status int, stdout, stderr string) {
	p.t.Helper()
	return start(p.t, map[string]string{"WFBOT_DATABASE_URL": p.address}, "", args...)
}

func TestAuditVerify(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, address string) {
		p := newPast(t, address)
		head := func() string {
			status, stdout, stderr := p.wfbot("audit", "verify")
			if status != 0 || stderr != "" {
				t.Fatalf("verify: exit status %d, %s", status, stderr)
			}
			return strings.TrimSpace(regexp.MustCompile(`\d+:[0-9a-f]{64}\n`).FindString(stdout))
		}
		first := head()
		p.asks("r1", "Jane Doe", "jane@acme.com", "left the company")
		before := head()
		if first[:2] != "1:" || before[:2] != "4:" {
			t.Fatalf("heads %q and %q, want those of entries 1 and 4", first, before)
		}
		p.deactivated("r1")
		status, stdout, stderr := p.wfbot("audit", "verify", "-head", first, "--head="+strings.ToUpper(before))
		if status != 0 || !strings.HasPrefix(stdout, "8 entries are as written. The trail leads through the head that was noted.\nhead 8:") {
			t.Errorf("with heads of before: exit status %d, %q, %q", status, stdout, stderr)
		}
		other := before[:len(before)-1] + "g"
		if status, _, stderr := p.wfbot("audit", "verify", "-head", other); status != 2 || !strings.Contains(stderr, "a head is the number of an entry") {
			t.Errorf("with no head: exit status %d, %q", status, stderr)
		}
		other = "5" + before[1:]
		if status, _, stderr := p.wfbot("audit", "verify", "-head", other); status != 1 || !strings.Contains(stderr,
			"audit entry 5 is not the one that was noted. Entries 1 to 4 are in order") {
			t.Errorf("with the head of another trail: exit status %d, %q", status, stderr)
		}
	})
}

// What somebody does to the database behind wfbot's back is found, and the first entry
// of it named.
func TestAuditVerifyFindsDamage(t *testing.T) {
	t.Parallel()
	for damage, says := range map[string]string{
		"UPDATE audit SET detail = replace(detail, 'left', 'Left') WHERE seq = 2": "the detail of audit entry 2 was changed",
		"DELETE FROM audit WHERE seq = 3":                                         "audit entry 3 is missing. Entries 1 to 2 are in order",
		"UPDATE audit SET seq = 3 - seq WHERE seq < 3":                            "audit entry 1 was changed",
		"DELETE FROM audit WHERE seq = 4":                                         "the audit trail ends at entry 3",
		"UPDATE audit SET salt = '', detail = '' WHERE seq = 2":                   "the detail of audit entry 2 is gone",
	} {
		t.Run(damage, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p := newPast(t, "sqlite:"+filepath.Join(dir, "wfbot.db"))
			p.asks("r1", "Jane Doe", "jane@acme.com", "left the company")
			if strings.Contains(damage, "3 - seq") { // a number is there once
				alter(t, dir, "UPDATE audit SET seq = -1 WHERE seq = 1; UPDATE audit SET seq = 1 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = -1")
			} else {
				alter(t, dir, damage)
			}
			if status, stdout, stderr := p.wfbot("audit", "verify"); status != 1 || stdout != "" || !strings.Contains(stderr, says) {
				t.Errorf("exit status %d, %q, %q, want %q", status, stdout, stderr, says)
			}
		})
	}
}

// It reads while wfbot writes, and finds nothing wrong.
func TestAuditVerifyBesideAWriter(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, address string) {
		p := newPast(t, address)
		written, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(written)
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
					if err := p.st.Update(t.Context(), p.now, func(tx *store.Tx) error {
						for j := range 100 {
							tx.Record("", request.Event{At: p.now, Kind: "refused", Actor: fmt.Sprintf("U%d-%d", i, j)})
						}
						return nil
					}); err != nil {
						t.Error(err)
					}
				}
			}
		}()
		for range 10 {
			if status, stdout, stderr := p.wfbot("audit", "verify"); status != 0 {
				t.Errorf("exit status %d, %q, %q", status, stdout, stderr)
			}
		}
		close(done)
		<-written
	})
}

// Where there is nothing to read it says so, makes nothing, and shows no password.
func TestAuditNeedsADatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for address, says := range map[string]string{
		"sqlite:" + filepath.Join(dir, "none.db"): "there is no database " + filepath.Join(dir, "none.db"),
		"sqlite:" + dir: "it is a folder",
		"postgres://wfbot:S3CRETpassword@127.0.0.1:1/wfbot?connect_timeout=5&sslmode=disable":  "opening the PostgreSQL database",
		"postgres://wfbot:S3CRETpass@word@127.0.0.1:1/wfbot?connect_timeout=5&sslmode=disable": "WFBOT_DATABASE_URL has an @",
		"S3CRETpassword": "WFBOT_DATABASE_URL must be sqlite:",
	} {
		for _, command := range [][]string{{"audit", "verify"}, {"audit", "export"}, {"audit", "show", "jane@acme.com"}, {"backup", filepath.Join(dir, "copy.db")}, {"forget", "jane@acme.com"}} {
			status, stdout, stderr := start(t, map[string]string{"WFBOT_DATABASE_URL": address, "WFBOT_LOG_LEVEL": "debug"}, "", command...)
			if status == 0 || stdout != "" || !strings.Contains(stderr, says) || strings.Contains(stderr, "S3CRET") {
				t.Errorf("%q: exit status %d, %q, %q, want %q", command, status, stdout, stderr, says)
			}
		}
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(files) > 0 {
		t.Errorf("files %q, %v", files, err)
	}
}
