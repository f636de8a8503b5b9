package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start is a time in whole milliseconds, as the bot's clock gives them.
var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// onEach runs a test on every database there is: SQLite always, PostgreSQL where
// WFBOT_TEST_POSTGRES_URL names a server. open may be called again for the same
// database after the store before was closed.
func onEach(t *testing.T, test func(t *testing.T, open func() *store.Store)) {
	onEachAddress(t, func(t *testing.T, address string) {
		test(t, func() *store.Store { return mustOpen(t, address) })
	})
}

// onEachAddress is onEach for tests that open the database themselves.
func onEachAddress(t *testing.T, test func(t *testing.T, address string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, "sqlite:"+filepath.Join(t.TempDir(), "wfbot.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, freshPostgres(t))
	})
}

func mustOpen(t *testing.T, address string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// freshPostgres makes a database for one test and returns its address.
func freshPostgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv("WFBOT_TEST_POSTGRES_URL")
	if server == "" {
		t.Skip("WFBOT_TEST_POSTGRES_URL names no server") // in CI it always does
	}
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("wfbot_test_%d", time.Now().UnixNano())
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + name
	return address.String()
}

func newRequest(id string) *request.Request {
	return request.New(request.Request{
		ID: id, CardID: id, Action: request.Deactivate, Email: id + "@acme.com",
		Requester: request.Identity{ID: "U1", Email: "it@acme.com"}, Place: request.Place{Channel: "C1"},
	}, start, time.Hour)
}

// newCard returns a card about these, which have its id as their CardID.
func newCard(all ...*request.Request) *request.Card {
	r := all[0]
	return request.NewCard(request.Card{
		ID: r.CardID, Action: r.Action, Reason: r.Reason, Requester: r.Requester, Place: request.Place{Channel: "C1"},
	}, all, start)
}

// insert stores requests with the card about them.
func insert(t *testing.T, s *store.Store, all ...*request.Request) {
	t.Helper()
	if err := s.Update(t.Context(), start, func(tx *store.Tx) error { return tx.InsertCard(newCard(all...)) }); err != nil {
		t.Fatal(err)
	}
}

// found makes a stored request pending for the Workfront user.
func found(t *testing.T, s *store.Store, id, workfrontID string) error {
	t.Helper()
	return s.Update(t.Context(), start, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		if err := r.Found(request.Finding{Target: request.Target{ID: workfrontID, Email: id + "@acme.com"}, Needed: 1}, start); err != nil {
			return err
		}
		return tx.Save(r)
	})
}

func TestInteractionIsStoredOnce(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w := store.Interaction{ID: "w1", Key: "k", Kind: store.Command, ReceivedAt: start, UserID: "U1", Text: "jane@acme.com"}
		for i, want := range []bool{true, false, false} {
			fresh, err := s.Accept(t.Context(), w)
			if err != nil || fresh != want {
				t.Fatalf("accepting it for the %d. time: fresh %v, error %v", i+1, fresh, err)
			}
			w.ID = fmt.Sprint("w", i+2) // the same thing delivered again
		}
		s.Close()
		all, unfinished, err := open().Interactions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w.ID = "w1"
		if diff := cmp.Diff([]store.Interaction{w}, all); diff != "" || unfinished != 1 {
			t.Errorf("after reopening, %d unfinished, interactions (-want +got):\n%s", unfinished, diff)
		}
	})
}

func TestRequestSurvivesAsItWas(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		insert(t, s, newRequest("r1"))
		if err := found(t, s, "r1", "WF1"); err != nil {
			t.Fatal(err)
		}
		who := request.Identity{ID: "U2", Name: "Ann <!channel>", Email: "ann@acme.com"}
		var want *request.Request
		if err := s.Update(t.Context(), start, func(tx *store.Tx) (err error) {
			if want, err = tx.Request("r1"); err != nil {
				return err
			}
			if err := want.Approve(who, time.Minute, start.Add(time.Second)); err != nil {
				return err
			}
			return tx.Save(want)
		}); err != nil {
			t.Fatal(err)
		}
		s.Close()
		s = open()
		got, err := s.Request(t.Context(), "r1")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(request.Request{})); diff != "" {
			t.Errorf("after reopening (-want +got):\n%s", diff)
		}
		if got.State != request.Approved || got.Version != 3 || len(got.Decisions) != 1 {
			t.Errorf("state %s, version %d, %d decisions", got.State, got.Version, len(got.Decisions))
		}
		trail, err := s.Trail(t.Context(), 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, e := range trail {
			kinds = append(kinds, e.Kind)
		}
		if diff := cmp.Diff([]string{"requested", "found", "approve"}, kinds); diff != "" {
			t.Errorf("audit trail (-want +got):\n%s", diff)
		}
	})
}

func TestFailedTransactionLeavesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		broken := errors.New("broken")
		err := s.Update(t.Context(), start, func(tx *store.Tx) error {
			if err := tx.InsertCard(newCard(newRequest("r1"))); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatalf("Update returned %v", err)
		}
		if _, err := s.Request(t.Context(), "r1"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("reading the request: %v, want ErrNotFound", err)
		}
		if found, err := s.VerifyTrail(t.Context()); found.Entries != 0 || err != nil {
			t.Errorf("%d audit entries, %v", found.Entries, err)
		}
	})
}

func TestSecondOpenRequestForAUserIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		insert(t, s, newRequest("r1"))
		insert(t, s, newRequest("r2"))
		if err := found(t, s, "r1", "WF1"); err != nil {
			t.Fatal(err)
		}
		if err := found(t, s, "r2", "WF1"); !errors.Is(err, store.ErrConflict) {
			t.Errorf("a second open request for one Workfront user: %v, want ErrConflict", err)
		}
		if err := s.Update(t.Context(), start, func(tx *store.Tx) error {
			id, err := tx.OpenRequest("WF1")
			if err == nil && id != "r1" {
				err = fmt.Errorf("the open request is %q", id)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestStaleSaveIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		insert(t, s, newRequest("r1"))
		stale, err := s.Request(t.Context(), "r1")
		if err != nil {
			t.Fatal(err)
		}
		if err := found(t, s, "r1", "WF1"); err != nil {
			t.Fatal(err)
		}
		err = s.Update(t.Context(), start, func(tx *store.Tx) error { return tx.Save(stale) })
		if !errors.Is(err, store.ErrConflict) {
			t.Errorf("saving what was read before the change: %v, want ErrConflict", err)
		}
	})
}

func TestOpenExplainsBadAddresses(t *testing.T) {
	t.Parallel()
	const password = "hunter2hunter2"
	for address, want := range map[string]string{
		"":                             "must be",
		"wfbot.db":                     "must be",
		"mysql://x":                    "must be",
		"sqlite:":                      "no file",
		"sqlite:/nowhere/at/all/wf.db": "the database /nowhere/at/all/wf.db: ",
		"sqlite:" + t.TempDir():        "is a folder",
		"postgres://u:" + password + "@127.0.0.1:1/wfbot?connect_timeout=1": "PostgreSQL",
		"postgres://u:" + password + "@[::1/x":                              "valid",
	} {
		s, err := store.Open(t.Context(), address, nil)
		if err == nil {
			s.Close()
			t.Errorf("%q was opened", address)
			continue
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want a word about %q", address, err, want)
		}
		if strings.Contains(err.Error(), password) {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

// Replicas that start together on an empty database migrate it once.
func TestPostgresIsMigratedByManyAtOnce(t *testing.T) {
	t.Parallel()
	address := freshPostgres(t)
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			s, err := store.Open(t.Context(), address, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.VerifyTrail(t.Context()); err != nil {
				t.Error(err)
			}
			s.Close()
		})
	}
	group.Wait()
}
