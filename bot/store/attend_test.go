package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"wfbot/bot/loop"
	"wfbot/bot/request"
	"wfbot/bot/store"
)

// attends opens a store on a database as one more process, which is there until it
// leaves. due gets each table that it is told of.
func attends(t *testing.T, address string) (s *store.Store, due chan store.Table, leave func()) {
	t.Helper()
	s, due = mustOpen(t, address), make(chan store.Table, 1000)
	s.WhenDue(func(table store.Table, _ time.Time) { due <- table })
	end := s.Attend(t.Context(), slog.New(slog.DiscardHandler))
	left := false
	leave = func() {
		if !left {
			end()
			left = true
		}
	}
	t.Cleanup(leave)
	return s, due, leave
}

// cut ends the connections that show that processes are there, and no others.
func cut(t *testing.T, s *store.Store) {
	t.Helper()
	var cut int
	if err := s.DB().QueryRowContext(t.Context(), `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&cut); err != nil || cut == 0 {
		t.Fatalf("cutting a connection: %d, %v", cut, err)
	}
}

// awaits waits until it is told of a table.
func awaits(t *testing.T, why string, due chan store.Table, table store.Table) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		select {
		case told := <-due:
			if told == table {
				return
			}
		case <-ctx.Done():
			t.Fatalf("in vain waited to be told of %s: %s", table, why)
		}
	}
}

// claims claims a request that must be due.
func claims(t *testing.T, s *store.Store) (*request.Request, store.Lease) {
	t.Helper()
	r, lease, err := s.ClaimRequest(t.Context(), start, time.Hour)
	if err != nil || r == nil {
		t.Fatalf("claiming: %v, %v", r, err)
	}
	return r, lease
}

// claimsInTime claims a request as soon as it is told that one is due.
func claimsInTime(t *testing.T, why string, s *store.Store, due chan store.Table) (*request.Request, store.Lease) {
	t.Helper()
	for {
		awaits(t, why, due, store.Requests)
		if r, lease, err := s.ClaimRequest(t.Context(), start, time.Hour); r != nil || err != nil {
			if err != nil {
				t.Fatal(err)
			}
			return r, lease
		}
	}
}

// sends brings a claimed request to its recorded write.
func sends(t *testing.T, s *store.Store, lease store.Lease, id string) {
	t.Helper()
	if err := s.Update(t.Context(), start, func(tx *store.Tx) error {
		r, err := tx.Claimed(id, lease)
		if err != nil {
			return err
		}
		if err := errors.Join(r.Begin(start), r.WriteAttempted(start)); err != nil {
			return err
		}
		return tx.SaveAndKeep(r, time.Hour)
	}); err != nil {
		t.Fatal(err)
	}
}

// approved stores a request that is to be executed.
func approved(t *testing.T, s *store.Store, id string) {
	t.Helper()
	insert(t, s, newRequest(id))
	if err := found(t, s, id, "wf"+id); err != nil {
		t.Fatal(err)
	}
	step(t, s, id, start, func(r *request.Request) error {
		r.Reason = `they said "write_open":true` // which is nothing but words
		return r.Approve(request.Identity{ID: "U2", Email: "anna@acme.com"}, 0, start)
	})
}

// The work of a process that is gone goes on soon, whatever it had claimed, but not that
// with a recorded write that has no outcome; nor that of a process that works, or of one
// that has no lock.
func TestWorkOfAProcessThatIsGoneGoesOn(t *testing.T) {
	t.Parallel()
	address := freshPostgres(t)
	works, _, _ := attends(t, address)
	unlocked := mustOpen(t, address)
	gone, _, leave := attends(t, address)

	approved(t, works, "sent")
	r, lease := claims(t, gone)
	sends(t, gone, lease, r.ID)
	approved(t, works, "works")
	claims(t, works)
	approved(t, works, "unlocked")
	claims(t, unlocked)
	approved(t, works, "gone")
	_, lost := claims(t, gone)
	if _, err := gone.Accept(t.Context(), store.Interaction{ID: "w1", Key: "k", Kind: store.Click, ReceivedAt: start}); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if c, _, err := gone.ClaimCard(t.Context(), start.Add(time.Minute), time.Hour); c == nil || err != nil {
			t.Fatalf("claiming a card: %v, %v", c, err)
		}
	}
	openHome(t, gone, "U1", start)
	if h, _ := claimHome(t, gone, start); h == nil {
		t.Fatal("no Home tab was claimed")
	}

	other, due, _ := attends(t, address)
	leave()
	awaits(t, "the last of what was claimed is free", due, store.Homes)
	if r, _ := claims(t, other); r.ID != "gone" {
		t.Errorf("claimed %s", r.ID)
	}
	if r, _, err := other.ClaimRequest(t.Context(), start, time.Hour); r != nil || err != nil {
		t.Errorf("claimed %s besides, %v", r.ID, err)
	}
	if c, _, err := other.ClaimCard(t.Context(), start.Add(time.Minute), time.Hour); c == nil || err != nil {
		t.Errorf("no card is free: %v", err)
	}
	if w, _, err := other.ClaimInteraction(t.Context(), start, time.Hour); w == nil || err != nil {
		t.Errorf("no interaction is free: %v", err)
	}
	if h, _, err := other.ClaimHome(t.Context(), start, time.Hour, false); h == nil || err != nil {
		t.Errorf("no Home tab is free: %v", err)
	}
	if err := gone.Update(t.Context(), start, func(tx *store.Tx) error {
		_, err := tx.Claimed("gone", lost)
		return err
	}); !errors.Is(err, store.ErrLeaseLost) {
		t.Errorf("a late result: %v, want ErrLeaseLost", err)
	}
	pass(t, other, time.Hour)
	left := map[string]bool{}
	for range 4 {
		r, _ := claims(t, other)
		left[r.ID] = true
	}
	if !left["sent"] || !left["works"] || !left["unlocked"] {
		t.Errorf("when the leases have ended %v were claimed", left)
	}
}

// A process that has lost its lock alone goes on under a new id, and takes up what it had
// claimed once that is void; its steps end, but what they have sent does not.
func TestLockIsLostAlone(t *testing.T) {
	t.Parallel()
	address := freshPostgres(t)
	s, due, _ := attends(t, address)
	approved(t, s, "sent")
	_, sent := claims(t, s)
	sends(t, s, sent, "sent")
	approved(t, s, "r1")
	_, lease := claims(t, s)

	begun, ended := make(chan context.Context, 1), make(chan error, 1)
	once := false
	loops := loop.New(loop.Config{
		Kinds: []loop.Kind{{Places: 1, Table: "a table of its own", Waiting: func() store.Waiting { return store.Waiting{} },
			Claim: func(context.Context) (*loop.Step, error) {
				if once {
					return nil, nil
				}
				once = true
				return &loop.Step{Row: "r1", Lease: lease, Do: func(ctx context.Context) error {
					begun <- loop.Sent(ctx)
					<-ctx.Done()
					ended <- loop.Sent(ctx).Err()
					return ctx.Err()
				}}, nil
			}}},
		Next: func(context.Context, time.Time, ...store.Waiting) ([]time.Time, error) {
			return make([]time.Time, 1), nil
		},
		Release: func(context.Context, store.Lease, time.Duration) error { return nil },
		Failed:  func(error) {}, NotStored: func(context.Context, string, error) { t.Error("it counts as not stored") },
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	ctx, cancel := context.WithCancel(t.Context())
	run := make(chan struct{})
	go func() { loops.Run(ctx); close(run) }()
	<-begun
	if lease.Held().Err() != nil {
		t.Fatal("the lock was lost before")
	}
	cut(t, s)
	if err := <-ended; err != nil {
		t.Errorf("what was sent ended with the lock: %v", err)
	}
	cancel()
	<-run
	if lease.Held().Err() == nil {
		t.Error("the claim is still held")
	}
	r, again := claimsInTime(t, "what was claimed is void", s, due)
	if r.ID != "r1" || again.Held().Err() != nil {
		t.Errorf("claimed %s, %v", r.ID, again.Held().Err())
	}
	if err := s.Update(t.Context(), start, func(tx *store.Tx) error {
		if _, err := tx.Claimed("sent", sent); err != nil {
			return err
		}
		_, err := tx.Claimed("r1", lease)
		return err
	}); !errors.Is(err, store.ErrLeaseLost) {
		t.Errorf("what was sent is its own, what was not is void: %v, want ErrLeaseLost", err)
	}
}

// A claim that is idle is found again under a new id as well.
func TestIdleClaimOutlivesTheLock(t *testing.T) {
	t.Parallel()
	s, _, leave := attends(t, freshPostgres(t))
	approved(t, s, "sent")
	_, lease := claims(t, s)
	sends(t, s, lease, "sent")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Release(gone, lease, 0); err == nil {
		t.Fatal("given back after the end")
	}
	leave()
	r, again := claims(t, s)
	if r.ID != "sent" || again == lease || again.Held().Err() != nil {
		t.Errorf("claimed %s, under the same lease: %v", r.ID, again == lease)
	}
}

// What a process makes due is told to the others at once, and to itself but once.
func TestOthersAreTold(t *testing.T) {
	t.Parallel()
	address := freshPostgres(t)
	s, own, _ := attends(t, address)
	_, due, _ := attends(t, address)
	insert(t, s, newRequest("r1"))
	awaits(t, "the other process made one", due, store.Requests)
	insert(t, s, newRequest("r2"))
	awaits(t, "it made another one", due, store.Requests)
	n := 0
	for len(own) > 0 {
		if <-own == store.Requests {
			n++
		}
	}
	if n != 2 {
		t.Errorf("it was told %d times of 2 requests", n)
	}
}

// Behind a pooler in session mode a lock lasts as long as the process is there.
func TestLockBehindAPooler(t *testing.T) {
	t.Parallel()
	address := freshPostgres(t)
	pooled := pgbouncer(t, address, "pool_mode=session", ignored)
	gone, _, leave := attends(t, pooled)
	other, due, _ := attends(t, address)
	barrier, _, leaveFirst := attends(t, address)
	for _, s := range []*store.Store{gone, barrier} {
		approved(t, s, "r"+fmt.Sprint(s == gone))
		claims(t, s)
	}
	leaveFirst()
	if r, _ := claimsInTime(t, "another process is gone", other, due); r.ID != "rfalse" {
		t.Errorf("claimed %s", r.ID)
	}
	leave()
	if r, _ := claimsInTime(t, "the process behind the pooler is gone", other, due); r.ID != "rtrue" {
		t.Errorf("claimed %s", r.ID)
	}
}

// A row that somebody works on in a transaction keeps nobody from going on with the
// others, nor a process from staying what it is.
func TestVoidingWaitsForNobody(t *testing.T) {
	t.Parallel()
	address := freshPostgres(t)
	works, due, _ := attends(t, address)
	gone, _, leave := attends(t, address)
	approved(t, works, "busy")
	claims(t, gone)
	tx, err := works.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(t.Context(), `SELECT id FROM requests WHERE id = 'busy' FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	approved(t, works, "own")
	_, own := claims(t, works)
	approved(t, works, "free")
	claims(t, gone)
	leave()

	if r, _ := claimsInTime(t, "what nobody is at", works, due); r.ID != "free" {
		t.Errorf("%s was claimed", r.ID)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if r, _ := claimsInTime(t, "what nobody is at any more", works, due); r.ID != "busy" {
		t.Errorf("%s was claimed", r.ID)
	}
	if err := own.Held().Err(); err != nil {
		t.Errorf("the process lost what it had claimed: %v", err)
	}
}
