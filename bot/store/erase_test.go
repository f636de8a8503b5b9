package store_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// known are words that somebody can be known again by, or what they said.
var known = []string{"Jane", "jane@", "Ada", "ada@", "Rita", "rita@", "left the company", "well done", "Finance", "12 tasks"}

// knows returns what a query finds that holds one of the words.
func knows(t *testing.T, s *store.Store, query string, words ...string) (where []string) {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		cells, scan := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			scan[i] = &cells[i]
		}
		if err := rows.Scan(scan...); err != nil {
			t.Fatal(err)
		}
		row := fmt.Sprintf("%s", cells)
		if slices.ContainsFunc(words, func(word string) bool { return strings.Contains(row, word) }) {
			where = append(where, row)
		}
	}
	return where
}

// all are queries for all that is stored.
var all = []string{`SELECT * FROM requests`, `SELECT * FROM cards`, `SELECT * FROM decisions`, `SELECT * FROM audit`, `SELECT * FROM interactions`}

// told is a request about somebody, Jane say, with a card of its own and all on it that
// can be known of people. It is pending.
func told(t *testing.T, s *store.Store, id, name string, verifyAfter time.Duration) {
	t.Helper()
	r := request.New(request.Request{
		ID: id, CardID: id, Action: request.Deactivate, Email: strings.ToLower(name) + "@acme.com", Reason: "left the company",
		VerifyAfter: verifyAfter, Requester: request.Identity{ID: "U1", Name: "Rita Young", Email: "rita@acme.com"}, Place: request.Place{Channel: "C1"},
	}, start, time.Hour)
	c := request.NewCard(request.Card{
		ID: id, Action: r.Action, Reason: r.Reason, Requester: r.Requester, Place: r.Place,
	}, []*request.Request{r}, start)
	if err := s.Update(t.Context(), start, func(tx *store.Tx) error { return tx.InsertCard(c) }); err != nil {
		t.Fatal(err)
	}
	change(t, s, id, start, func(r *request.Request) error {
		return r.Found(request.Finding{
			Target: request.Target{ID: "wf-" + id, Email: strings.ToLower(name) + "@acme.com", Name: name + " Doe", HomeGroup: "Finance", Manager: "Ada Okafor", Active: true}, Needed: 1,
			Manager: request.Identity{ID: "U2", Name: "Ada Okafor", Email: "ada@acme.com"}, TargetIDs: []string{"U" + strings.ToUpper(name)},
		}, start)
	})
	change(t, s, id, start, func(r *request.Request) error {
		return r.Counted([]request.Holding{{Kind: "12 tasks", Count: 12}}, start)
	})
}

// rests shows a card as it is and tells of it, so that it wants nothing any more.
func rests(t *testing.T, s *store.Store, id string, now time.Time) {
	t.Helper()
	var lease store.Lease
	for c := new(request.Card); c == nil || c.ID != id; {
		var err error
		if c, lease, err = s.ClaimCard(t.Context(), now, time.Hour); err != nil || c == nil {
			t.Fatalf("the card %s is not due: %v", id, err)
		}
	}
	if err := s.Update(t.Context(), now, func(tx *store.Tx) error {
		c, err := tx.ClaimedCard(id, lease)
		if err != nil {
			return err
		}
		if c.TS == "" {
			c.Posted(request.Place{Channel: "C1", TS: "1.1"}, []int64{1}, now)
		}
		c.Paint(c.Look, now)
		c.TellRequester([]int64{c.Requests[0].News})
		if step, _ := c.Next(now); step == request.Remind { // approvers, of what failed
			c.Reminded(c.Asks(), now)
		}
		return tx.SaveCardAndRelease(c)
	}); err != nil {
		t.Fatal(err)
	}
}

func change(t *testing.T, s *store.Store, id string, now time.Time, do func(*request.Request) error) {
	t.Helper()
	if err := s.Update(t.Context(), now, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		if err := do(r); err != nil {
			return err
		}
		return tx.Save(r)
	}); err != nil {
		t.Fatal(err)
	}
}

var ada = request.Identity{ID: "U2", Name: "Ada Okafor", Email: "ada@acme.com"}

// deactivated makes a request done, and read again.
func deactivated(t *testing.T, s *store.Store, id string, now time.Time) {
	t.Helper()
	for _, do := range []func(*request.Request) error{
		func(r *request.Request) error { return r.Approve(ada, 0, now) },
		func(r *request.Request) error { return r.Begin(now) },
		func(r *request.Request) error { return r.WriteAttempted(now) },
		func(r *request.Request) error { return r.Succeed(now) },
	} {
		change(t, s, id, now, do)
	}
}

// Of requests that ended long enough ago nothing is left that somebody could be known
// again by, in any table or anywhere in the file; what rules go by is, and the trail
// verifies. All is left of those that are not at rest, or ended later.
func TestEraseEnded(t *testing.T) {
	onEachAddress(t, func(t *testing.T, address string) {
		s, ctx := mustOpen(t, address), t.Context()
		denied := func(at time.Time) func(*request.Request) error {
			return func(r *request.Request) error { return r.Deny(ada, "well done", at) }
		}
		fails := func(r *request.Request) error {
			r.State = request.Executing
			return r.Fail("Jane Doe is protected", start)
		}
		told(t, s, "done", "Jane", 0)
		deactivated(t, s, "done", start)
		rests(t, s, "done", start)
		told(t, s, "denied", "Janet", 0)
		change(t, s, "denied", start, denied(start))
		rests(t, s, "denied", start)
		told(t, s, "failed", "Janek", 0) // can be tried again for an hour
		change(t, s, "failed", start, fails)
		rests(t, s, "failed", start)

		told(t, s, "pending", "Kim", 0)
		rests(t, s, "pending", start)
		told(t, s, "unread", "Kim", 24*time.Hour) // to be read again in Workfront
		deactivated(t, s, "unread", start)
		rests(t, s, "unread", start)
		told(t, s, "unpainted", "Kim", 0)
		change(t, s, "unpainted", start, denied(start))
		told(t, s, "late", "Kim", 0)
		change(t, s, "late", start.Add(time.Hour), denied(start.Add(time.Hour)))
		rests(t, s, "late", start.Add(time.Hour))
		told(t, s, "aside", "Kim", 0)
		change(t, s, "aside", start, denied(start))
		rests(t, s, "aside", start)
		record := func(at time.Time, word string) {
			t.Helper()
			if err := s.Update(ctx, at, func(tx *store.Tx) error {
				tx.Record("", request.Event{At: at, Kind: "refused", Actor: "U1", Detail: map[string]string{"word": word}})
				tx.Record("", request.Event{At: at, Kind: "workspace adopted", Actor: request.Bot, Detail: map[string]string{"url": "https://acme.slack.com/"}})
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		record(start, "jane@acme.com")
		record(start.Add(time.Hour), "kim@acme.com")
		if _, err := s.DB().ExecContext(ctx, `UPDATE requests SET set_aside_at = 1 WHERE id = 'aside'`); err != nil {
			t.Fatal(err)
		}
		before, err := s.VerifyTrail(ctx)
		if err != nil {
			t.Fatal(err)
		}

		if erased, more, err := s.EraseEnded(ctx, start, start.Add(30*time.Minute), 10); erased.Requests+erased.Entries > 0 || more || err != nil {
			t.Errorf("before their time: %+v, %v, %v", erased, more, err)
		}
		erased, more, err := s.EraseEnded(ctx, start.Add(time.Minute), start.Add(30*time.Minute), 1)
		if erased.Requests != 1 || !more || err != nil {
			t.Errorf("one of them: %+v, %v, %v", erased, more, err)
		}
		erased, more, err = s.EraseEnded(ctx, start.Add(time.Minute), start.Add(30*time.Minute), 10)
		if erased.Requests != 1 || more || err != nil {
			t.Errorf("all but the one that can be tried again: %+v, %v, %v", erased, more, err)
		}
		erased, more, err = s.EraseEnded(ctx, start.Add(time.Minute), start.Add(2*time.Hour), 10)
		if erased.Requests != 1 || more || err != nil {
			t.Errorf("that one: %+v, %v, %v", erased, more, err)
		}
		for _, query := range append(all, `SELECT * FROM requests WHERE id IN ('done', 'denied', 'failed')`, `SELECT * FROM cards WHERE id IN ('done', 'denied', 'failed')`,
			`SELECT * FROM decisions WHERE request_id IN ('done', 'denied', 'failed')`, `SELECT * FROM audit WHERE request_id IN ('done', 'denied', 'failed')`) {
			words := known
			if slices.Contains(all, query) { // also those that are not erased
				words = known[:2]
			}
			for _, row := range knows(t, s, query, words...) {
				t.Errorf("%s still holds %.300s", query, row)
			}
		}
		for _, id := range []string{"pending", "unread", "unpainted", "late", "aside"} {
			if r, err := s.Request(ctx, id); err != nil || r.Email != "kim@acme.com" || r.Target.Name != "Kim Doe" || r.Reason == "" {
				t.Errorf("%s has lost something: %+v, %v", id, r, err)
			}
		}
		if rows := knows(t, s, `SELECT * FROM audit WHERE request_id = ''`, "kim@acme.com", "acme.slack.com"); len(rows) != 3 {
			t.Errorf("%d other entries are left, want 3", len(rows))
		}
		r, err := s.Request(ctx, "done")
		if err != nil || r.State != request.Done || r.Target.ID != "wf-done" || !r.WriteSentAt.Equal(start) || !r.Outcome.ReadAt.Equal(start) || r.Requester.ID != "U1" {
			t.Errorf("rules have lost what they go by: %+v, %v", r, err)
		}
		if about, _, err := s.RequestsFor(ctx, "wf-done"); err != nil || !request.DeactivatedByUs(about) || !request.LastOpposed(about, request.Reactivate).Equal(start) {
			t.Errorf("nobody knows any more that wfbot deactivated them: %v, %v", about, err)
		}
		found, err := s.VerifyTrail(ctx, before.Head)
		if err != nil || found.Entries != before.Entries+4 || found.Erased < 15 {
			t.Errorf("VerifyTrail = %+v, %v", found, err)
		}
		if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
			s.Close()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"Jane", "jane@"} {
				if i := strings.Index(string(text), word); i >= 0 {
					t.Errorf("the file still holds %q", text[max(i-100, 0):min(i+100, len(text))])
				}
			}
		}
	})
}

// Somebody who asks is forgotten at once, by whatever they were known: what is about
// them, their name where they asked or decided for others, and what they typed. What
// others are known by stays.
func TestForget(t *testing.T) {
	onEachAddress(t, func(t *testing.T, address string) {
		bot, ctx := mustOpen(t, address), t.Context() // which goes on meanwhile
		told(t, bot, "r1", "Jane", 0)
		deactivated(t, bot, "r1", start)
		rests(t, bot, "r1", start)
		told(t, bot, "r2", "Kim", 0)
		change(t, bot, "r2", start, func(r *request.Request) error { return r.Deny(ada, "well done", start) })
		rests(t, bot, "r2", start)
		told(t, bot, "r3", "Jane", 0) // pending
		rests(t, bot, "r3", start)
		for i, text := range []string{"jane@acme.com left", "kim@acme.com left", "<@UJANE|jane> left", "<@UJANET> left"} {
			w := store.Interaction{ID: fmt.Sprint("w", i), Key: fmt.Sprint("k", i), Kind: store.Command, UserID: "U1", Text: text, ReceivedAt: start}
			if _, err := bot.Accept(ctx, w); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := bot.DB().ExecContext(ctx, `UPDATE interactions SET due_at = NULL`); err != nil {
			t.Fatal(err)
		}
		before, err := bot.VerifyTrail(ctx)
		if err != nil {
			t.Fatal(err)
		}
		s, err := store.OpenBeside(ctx, address)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()

		done, err := s.Forget(ctx, "JANE@acme.com", start.Add(time.Hour))
		if err != nil || done.Requests != 1 || done.Named != 0 || done.Interactions != 2 || !slices.Equal(done.Left, []string{"r3"}) {
			t.Errorf("Forget = %+v, %v", done, err)
		}
		for _, query := range append(all, `SELECT * FROM requests WHERE id <> 'r3'`, `SELECT * FROM cards WHERE id <> 'r3'`, `SELECT * FROM audit WHERE request_id <> 'r3'`) {
			if strings.Contains(query, "<>") || strings.Contains(query, "interactions") {
				for _, row := range knows(t, s, query, "Jane", "jane@", "@UJANE|") {
					t.Errorf("%s still holds %.300s", query, row)
				}
			}
		}
		if len(knows(t, s, `SELECT * FROM interactions`, "kim@acme.com left", "@UJANET")) != 2 {
			t.Error("what others typed is gone")
		}
		if fresh, err := bot.Accept(ctx, store.Interaction{ID: "again", Key: "k0", ReceivedAt: start}); fresh || err != nil {
			t.Errorf("what was forgotten can be delivered again: %v, %v", fresh, err)
		}

		done, err = s.Forget(ctx, "ada@acme.com", start.Add(time.Hour)) // who decided, and manages them
		if err != nil || done.Requests != 0 || done.Named != 1 || !slices.Equal(done.Left, []string{"r3"}) {
			t.Errorf("Forget = %+v, %v", done, err)
		}
		for _, query := range []string{`SELECT id, requester_id, body FROM requests WHERE id <> 'r3'`, `SELECT * FROM decisions`, `SELECT * FROM audit WHERE request_id <> 'r3'`} {
			for _, row := range knows(t, s, query, "ada@acme.com") {
				t.Errorf("%s still holds %.300s", query, row)
			}
		}
		if r, err := bot.Request(ctx, "r2"); err != nil || r.Target.Name != "Kim Doe" || r.Decisions[0].By != (request.Identity{ID: "U2"}) || r.Decisions[0].Comment != "well done" {
			t.Errorf("somebody else's request: %+v, %v", r, err)
		}
		insert(t, bot, newRequest("goes on"))
		if found, err := bot.VerifyTrail(ctx, before.Head); err != nil || found.Erased == 0 {
			t.Errorf("VerifyTrail = %+v, %v", found, err)
		}
		if done, err := s.Forget(ctx, "nobody@acme.com", start); err != nil || done.Requests+done.Named+done.Entries+done.Interactions > 0 {
			t.Errorf("Forget of nobody = %+v, %v", done, err)
		}
	})
}

// Interactions go 30 days after they came, if they are dealt with.
func TestRemoveInteractions(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s, ctx := open(), t.Context()
		for i := range 4 {
			w := store.Interaction{ID: fmt.Sprint("w", i), Key: fmt.Sprint("k", i), ReceivedAt: start.Add(time.Duration(i) * time.Hour)}
			if _, err := s.Accept(ctx, w); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.DB().ExecContext(ctx, `UPDATE interactions SET due_at = NULL WHERE id <> 'w1'`); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int64{1, 1, 0} {
			if n, err := s.RemoveInteractions(ctx, start.Add(3*time.Hour), 1); n != want || err != nil {
				t.Errorf("%d were removed, %v, want %d", n, err, want)
			}
		}
		left, _, err := s.Interactions(ctx)
		if err != nil || len(left) != 2 || left[0].ID != "w1" || left[1].ID != "w3" {
			t.Errorf("left are %v, %v, want the one that is not dealt with and the latest", left, err)
		}
	})
}

// A word that names nobody, or none at all, erases nothing: entries of everybody hold
// such words, and empty ones.
func TestForgetNobody(t *testing.T) {
	onEachAddress(t, func(t *testing.T, address string) {
		s, ctx := mustOpen(t, address), t.Context()
		w := store.Interaction{ID: "w", Key: "k", Kind: store.Command, UserID: "U1", Text: "kim@acme.com left", ReceivedAt: start}
		if _, err := s.Accept(ctx, w); err != nil {
			t.Fatal(err)
		}
		if _, err := s.DB().ExecContext(ctx, `UPDATE interactions SET due_at = NULL`); err != nil {
			t.Fatal(err)
		}
		if err := s.Update(ctx, start, func(tx *store.Tx) error {
			tx.Record("", request.Event{At: start, Kind: "refused", Actor: "U1", Detail: map[string]string{"what": "approve", "attempt": "1", "word": ""}})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for _, nobody := range []string{"", " ", "approve", "1", "bot", "Kim Doe", "kim"} {
			if done, err := s.Forget(ctx, nobody, start); !errors.Is(err, store.ErrNamesNobody) || done.Entries+done.Interactions > 0 {
				t.Errorf("Forget(%q) = %+v, %v, want ErrNamesNobody", nobody, done, err)
			}
		}
	})
}

// A card that is hidden for good keeps nobody from being forgotten; one that has to tell
// something still does.
func TestEraseHidden(t *testing.T) {
	onEachAddress(t, func(t *testing.T, address string) {
		s, ctx := mustOpen(t, address), t.Context()
		told(t, s, "r1", "Jane", 0)
		change(t, s, "r1", start, func(r *request.Request) error { return r.Deny(ada, "well done", start) })
		step := func(now time.Time, do func(*request.Card)) {
			t.Helper()
			_, lease, err := s.ClaimCard(ctx, now, time.Hour)
			if err != nil || lease == (store.Lease{}) {
				t.Fatalf("the card is not due: %v", err)
			}
			if done, _, err := s.EraseEnded(ctx, now, now, 1); done.Requests > 0 || err != nil {
				t.Errorf("while somebody paints the card: %+v, %v", done, err)
			}
			if err := s.Update(ctx, now, func(tx *store.Tx) error {
				c, err := tx.ClaimedCard("r1", lease)
				if err != nil {
					return err
				}
				do(c)
				return tx.SaveCardAndRelease(c)
			}); err != nil {
				t.Fatal(err)
			}
		}
		now := start.Add(time.Minute)
		step(now, func(c *request.Card) {
			c.Posted(request.Place{Channel: "C1", TS: "1.1"}, []int64{1}, now)
			c.Hide(true, now)
			c.Paint(c.Look, now)
		})
		if done, _, err := s.EraseEnded(ctx, now, now, 1); done.Requests > 0 || err != nil {
			t.Errorf("before the requester is told: %+v, %v", done, err)
		}
		step(now, func(c *request.Card) { c.TellRequester([]int64{c.Requests[0].News}) })
		if done, _, err := s.EraseEnded(ctx, now, now, 1); done.Requests != 1 || err != nil {
			t.Errorf("EraseEnded = %+v, %v, want it erased", done, err)
		}
		now = now.Add(time.Hour)
		step(now, func(c *request.Card) { c.Paint(c.Look, now) }) // it is looked at as before
	})
}

// Whoever manages somebody is forgotten also where they could not decide.
func TestForgetManager(t *testing.T) {
	onEachAddress(t, func(t *testing.T, address string) {
		s, ctx := mustOpen(t, address), t.Context()
		r := newRequest("r1")
		insert(t, s, r)
		change(t, s, r.ID, start, func(r *request.Request) error {
			return r.Found(request.Finding{Needed: 1, Target: request.Target{
				ID: "wf-r1", Email: r.Email, Name: "Kim Doe", Active: true, Manager: "Bo Berg", ManagerEmail: "Bo@acme.com",
			}}, start)
		})
		change(t, s, r.ID, start, func(r *request.Request) error { return r.Counted(nil, start) })
		change(t, s, r.ID, start, func(r *request.Request) error { return r.Deny(ada, "", start) })
		rests(t, s, r.ID, start)
		if done, err := s.Forget(ctx, "bo@acme.com", start); err != nil || done.Named != 1 || len(done.Left) > 0 {
			t.Errorf("Forget = %+v, %v", done, err)
		}
		for _, query := range all {
			for _, row := range knows(t, s, query, "Bo Berg", "Bo@", "bo@") {
				t.Errorf("%s still holds %.300s", query, row)
			}
		}
	})
}

// Whoever is named by an id is also forgotten where somebody wrote their e-mail. A request
// about another user with that e-mail stays.
func TestForgetByID(t *testing.T) {
	for _, named := range []string{"wf-r1", "UJANE"} {
		onEachAddress(t, func(t *testing.T, address string) {
			s, ctx := mustOpen(t, address), t.Context()
			told(t, s, "r1", "Jane", 0)
			deactivated(t, s, "r1", start)
			rests(t, s, "r1", start)
			told(t, s, "r2", "Kim", 0)
			for i, text := range []string{"jane@acme.com left", "kim@acme.com left"} {
				w := store.Interaction{ID: fmt.Sprint("w", i), Key: fmt.Sprint("k", i), Kind: store.Command, UserID: "U1", Text: text, ReceivedAt: start}
				if _, err := s.Accept(ctx, w); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.DB().ExecContext(ctx, `UPDATE interactions SET due_at = NULL`); err != nil {
				t.Fatal(err)
			}
			if err := s.Update(ctx, start, func(tx *store.Tx) error {
				tx.Record("", request.Event{At: start, Kind: "refused", Actor: "U1", Detail: map[string]string{"word": "Jane <jane@acme.com>"}})
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if done, err := s.Forget(ctx, named, start); err != nil || done.Requests != 1 || done.Interactions != 1 || len(done.Left) > 0 {
				t.Errorf("Forget(%s) = %+v, %v", named, done, err)
			}
			for _, query := range all {
				for _, row := range knows(t, s, query, "jane@", "Jane") {
					t.Errorf("%s: %s still holds %.300s", named, query, row)
				}
			}
			if len(knows(t, s, `SELECT * FROM interactions`, "kim@acme.com left")) != 1 {
				t.Error("what was typed about somebody else is gone")
			}
		})
	}
}
