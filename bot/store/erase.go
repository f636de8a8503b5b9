package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"wfbot/bot/request"
)

// unbound are the kinds of audit entry that concern no request and may hold what is
// known of people: what they typed, and what cannot be decoded.
var unbound = []string{"refused", "set aside"}

// Erased is how much was erased.
type Erased struct {
	Requests     int // about somebody
	Named        int // other requests that held a name
	Entries      int // of the audit trail, the details
	Interactions int
	// Left are the requests that hold something still, since they are not at rest or
	// cannot be decoded.
	Left []string
	// Waiting is how many interactions hold something still, since they are not dealt
	// with or set aside.
	Waiting int
	// Log is the file, beside the database, that may still hold what was erased, since
	// somebody reads there; empty: none does.
	Log string
}

// EraseEnded erases what is known of people from up to limit requests that are at rest
// and that nothing has happened to since before. It does the same for as many audit
// entries that concern no request. more says that there may be others.
func (s *Store) EraseEnded(ctx context.Context, before, now time.Time, limit int) (done Erased, more bool, err error) {
	for last := ""; done.Requests < limit; {
		page, err := ids(ctx, s.db, `SELECT id FROM requests WHERE erased_at = 0 AND due_at IS NULL AND created_at < $1 AND id > $2
			AND state IN ('rejected', 'denied', 'cancelled', 'expired', 'done', 'failed')
			AND COALESCE((SELECT at FROM audit WHERE seq = news), 0) < $1 ORDER BY id LIMIT $3`, millis(before), last, pageOfEntries)
		if err != nil {
			return done, false, fmt.Errorf("looking for what to erase: %w", err)
		}
		for _, id := range page {
			if done.Requests >= limit {
				return done, true, nil
			}
			if err := s.eraseOne(ctx, now, id, nil, "kept for long enough", &done); err != nil {
				return done, false, err
			}
			last = id
		}
		if len(page) == 0 {
			break
		}
	}
	n, err := s.eraseUnbound(ctx, before, now, limit)
	done.Entries += n
	return done, n >= limit, err
}

// eraseUnbound erases the details of entries from before that concern no request.
func (s *Store) eraseUnbound(ctx context.Context, before, now time.Time, limit int) (entries int, err error) {
	err = s.Update(ctx, now, func(t *Tx) error {
		all, err := t.numbers(`SELECT seq FROM audit WHERE request_id = '' AND kind IN ($1, $2) AND detail <> '' AND at < $3 ORDER BY seq LIMIT $4`,
			unbound[0], unbound[1], millis(before), limit)
		if err != nil {
			return err
		}
		entries = len(all)
		return t.eraseDetails("", all, "kept for long enough")
	})
	return entries, err
}

// Forget erases at once what is known of a person, as far as it is at rest: all that the
// requests about them hold, their name in others, what they typed, and the details of the
// audit entries that name them. named is as for [Reader.Person].
func (s *Store) Forget(ctx context.Context, named string, now time.Time) (done Erased, err error) {
	r := &Reader{db: s.db, file: s.file, schema: rehash.Version}
	who, err := r.Person(ctx, named)
	if err != nil {
		return done, err
	}
	who.byAny = true
	var concerned []string
	if err := r.eachRequest(ctx, func(one *request.Request) {
		if one.ErasedAt.IsZero() && who.isTarget(one) || one.Forget(who.is) {
			concerned = append(concerned, one.ID)
		}
	}); err != nil {
		return done, err
	}
	for _, id := range concerned {
		if err := s.eraseOne(ctx, now, id, who, "asked for", &done); err != nil {
			return done, err
		}
	}
	if err := s.forgetEntries(ctx, who, now, &done); err != nil {
		return done, err
	}
	if err := s.forgetInteractions(ctx, who, &done); err != nil {
		return done, err
	}
	done.Log, err = s.emptyLog(ctx)
	return done, err
}

// emptyLog brings the WAL of SQLite, which holds rows as they were before, into the
// database and makes it empty. It waits for those who read there, as long as for a lock:
// inTheWay is the file if that was not enough.
// Source: https://www.sqlite.org/pragma.html#pragma_wal_checkpoint
func (s *Store) emptyLog(ctx context.Context) (inTheWay string, err error) {
	if s.file == "" {
		return "", nil
	}
	var busy, frames, moved int
	if err := s.db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved); err != nil {
		return "", fmt.Errorf("emptying %s-wal, which may still hold what was erased: %w", s.file, err)
	}
	if busy != 0 {
		return s.file + "-wal", nil
	}
	return "", nil
}

// is reports whether an identity is the person's.
func (p *Person) is(who request.Identity) bool {
	return p.slack[who.ID] && who.ID != "" || p.slack[who.OtherID] && who.OtherID != "" || p.hasEmail(who.Email)
}

// eraseOne erases a request, or, if it is about somebody else than who, their name in
// it. who may be nil: everybody.
func (s *Store) eraseOne(ctx context.Context, now time.Time, id string, who *Person, because string, done *Erased) error {
	var one Erased
	err := s.Update(ctx, now, func(t *Tx) error {
		one = Erased{}
		c, r, err := t.atRest(id)
		switch {
		case Unreadable(err) || err == nil && r == nil:
			one.Left = []string{id}
			return nil
		case err != nil:
			return err
		case who == nil || who.isTarget(r):
			return t.eraseRequest(c, r, because, &one)
		}
		return t.forgetIn(c, r, who, because, &one)
	})
	if err != nil {
		return fmt.Errorf("erasing request %s: %w", id, err)
	}
	done.Requests, done.Named, done.Entries = done.Requests+one.Requests, done.Named+one.Named, done.Entries+one.Entries
	done.Left = append(done.Left, one.Left...)
	return nil
}

// atRest reads a request and its card to erase them; r is nil if one of them is not at
// rest.
func (t *Tx) atRest(id string) (c *request.Card, r *request.Request, err error) {
	var cardID string
	if err := t.tx.QueryRowContext(t.ctx, `SELECT card_id FROM requests WHERE id = $1`, id).Scan(&cardID); err != nil {
		return nil, nil, err
	}
	all, err := t.CardRequests(cardID)
	if err != nil {
		return nil, nil, err
	}
	if c, _, err = scanCard(t.tx.QueryRowContext(t.ctx, `SELECT `+cardColumns+` FROM cards WHERE id = $1`+t.store.forUpd, cardID)); err != nil {
		return nil, nil, err
	}
	c.Attach(all)
	busy, err := ids(t.ctx, t.tx, `SELECT id FROM requests WHERE id = $1 AND (due_at IS NOT NULL OR set_aside_at > 0)
		UNION ALL SELECT id FROM cards WHERE id = $2 AND (lease_until > 0 OR set_aside_at > 0)`, id, cardID)
	if err != nil {
		return nil, nil, err
	}
	r = all[slices.IndexFunc(all, func(one *request.Request) bool { return one.ID == id })]
	if len(busy) > 0 || !r.AtRest(t.now) || !c.AtRest(t.now) {
		return nil, nil, nil
	}
	return c, r, nil
}

// eraseRequest erases a request, and its card with the last of its requests.
func (t *Tx) eraseRequest(c *request.Card, r *request.Request, because string, done *Erased) error {
	r.Erase(t.now)
	if err := t.saveErased(r); err != nil {
		return err
	}
	erased, err := t.numbers(`SELECT seq FROM audit WHERE request_id = $1 AND detail <> '' AND kind <> $2 ORDER BY seq`, r.ID, erasing)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(c.Requests, func(one *request.Request) bool { return one.ErasedAt.IsZero() }) {
		c.Erase()
		if err := t.saveErasedCard(c); err != nil {
			return err
		}
		if c.ID != r.ID {
			more, err := t.numbers(`SELECT seq FROM audit WHERE request_id = $1 AND detail <> '' AND kind <> $2 ORDER BY seq`, c.ID, erasing)
			if err != nil {
				return err
			}
			erased = append(erased, more...)
		}
	}
	done.Requests, done.Entries = 1, len(erased)
	return t.eraseDetails(r.ID, erased, because)
}

// forgetIn erases a person's name in a request about somebody else.
func (t *Tx) forgetIn(c *request.Card, r *request.Request, who *Person, because string, done *Erased) error {
	if !r.Forget(who.is) {
		return nil
	}
	if err := t.saveErased(r); err != nil {
		return err
	}
	if c.Forget(who.is) {
		if err := t.saveErasedCard(c); err != nil {
			return err
		}
	}
	erased, err := t.naming(who, `request_id IN ($1, $2)`, r.ID, c.ID)
	done.Named, done.Entries = 1, len(erased)
	if err != nil {
		return err
	}
	return t.eraseDetails(r.ID, erased, because)
}

// naming are the numbers of the entries, of those that which selects, that name a
// person.
func (t *Tx) naming(who *Person, which string, args ...any) (numbers []int64, err error) {
	rows, err := t.tx.QueryContext(t.ctx, `SELECT seq, kind, detail FROM audit WHERE detail <> '' AND `+which+` ORDER BY seq`, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the audit trail: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var e Entry
		var detail string
		if err := rows.Scan(&e.Seq, &e.Kind, &detail); err != nil {
			return nil, fmt.Errorf("reading the audit trail: %w", err)
		}
		if e.Kind != erasing && json.Unmarshal([]byte(detail), &e.Detail) == nil && who.In(e) {
			numbers = append(numbers, e.Seq)
		}
	}
	return numbers, rows.Err()
}

func (t *Tx) saveErased(r *request.Request) error {
	before := r.Version
	r.Version++
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding request %s: %w", r.ID, err)
	}
	changed, err := t.exec(`UPDATE requests SET version = $1, body = $2, email = $3, erased_at = $4 WHERE id = $5 AND version = $6`,
		r.Version, string(body), r.Email, millis(r.ErasedAt), r.ID, before)
	if err == nil && changed != 1 {
		err = ErrConflict
	}
	if err != nil {
		return fmt.Errorf("saving request %s: %w", r.ID, conflict(err))
	}
	for i, d := range r.Decisions {
		if _, err := t.exec(`UPDATE decisions SET name = $1, email = $2, comment = $3 WHERE request_id = $4 AND seq = $5`,
			d.By.Name, d.By.Email, d.Comment, r.ID, i+1); err != nil {
			return fmt.Errorf("saving the decisions of %s: %w", r.ID, conflict(err))
		}
	}
	return nil
}

func (t *Tx) saveErasedCard(c *request.Card) error {
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encoding card %s: %w", c.ID, err)
	}
	if _, err := t.exec(`UPDATE cards SET body = $1 WHERE id = $2`, string(body), c.ID); err != nil {
		return fmt.Errorf("saving card %s: %w", c.ID, conflict(err))
	}
	return nil
}

// eraseDetails erases the details of audit entries, with their salts, and records that.
// The chain holds the hashes of both, and still verifies.
func (t *Tx) eraseDetails(requestID string, numbers []int64, because string) error {
	if len(numbers) == 0 {
		return nil
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		if _, err := t.exec(`UPDATE audit SET detail = '', salt = '' WHERE seq = $1`, n); err != nil {
			return fmt.Errorf("erasing the detail of audit entry %d: %w", n, err)
		}
	}
	t.Record(requestID, request.Event{At: t.now, Kind: erasing, Actor: request.Bot, Detail: map[string]string{
		"entries": spans(numbers), "because": because,
	}})
	return nil
}

// numbers are those that a query finds.
func (t *Tx) numbers(query string, args ...any) (all []int64, err error) {
	rows, err := t.tx.QueryContext(t.ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the audit trail: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("reading the audit trail: %w", err)
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// forgetEntries erases the details of the entries that concern no request and are by a
// person or name them.
func (s *Store) forgetEntries(ctx context.Context, who *Person, now time.Time, done *Erased) error {
	var all []int64
	if err := eachEntry(ctx, s.db, 0, func(n int64, e entry, prev, hash string) error {
		if shown, err := e.shown(n, prev, hash); err == nil && !shown.Erased && e.requestID == "" && slices.Contains(unbound, e.kind) && who.In(shown) {
			all = append(all, n)
		}
		return nil
	}); err != nil {
		return err
	}
	for page := range slices.Chunk(all, pageOfEntries) {
		if err := s.Update(ctx, now, func(t *Tx) error { return t.eraseDetails("", page, "asked for") }); err != nil {
			return fmt.Errorf("erasing audit entries: %w", err)
		}
		done.Entries += len(page)
	}
	return nil
}

// forgetInteractions empties the stored interactions that are dealt with and are by a
// person or name them. That they were there stays until they are removed, so that
// Slack cannot deliver one again. The others of theirs are counted.
func (s *Store) forgetInteractions(ctx context.Context, who *Person, done *Erased) error {
	for last := ""; ; {
		page, err := interactionsAfter(ctx, s.db, last)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return nil
		}
		for _, w := range page {
			if last = w.ID; w.Text+w.Comment+w.Answer == "" && w.Fields == nil || !who.did(w.Interaction) {
				continue
			}
			if w.waits {
				done.Waiting++
				continue
			}
			w.Text, w.Comment, w.Answer, w.Fields = "", "", "", nil
			text, err := json.Marshal(w.Interaction)
			if err != nil {
				return fmt.Errorf("encoding interaction %s: %w", w.ID, err)
			}
			if err := s.Update(ctx, time.Time{}, func(t *Tx) error { // nobody changes what is dealt with
				_, err := t.exec(`UPDATE interactions SET body = $1 WHERE id = $2 AND due_at IS NULL`, string(text), w.ID)
				return err
			}); err != nil {
				return fmt.Errorf("emptying interaction %s: %w", w.ID, err)
			}
			done.Interactions++
		}
	}
}

// storedInteraction is an interaction, and whether it is still to be dealt with, by the
// bot or, where it is set aside, by the operator.
type storedInteraction struct {
	*Interaction
	waits bool
}

// interactionsAfter are some hundred interactions after one in the order of ids. One
// that cannot be decoded has only its id, and goes in its time.
func interactionsAfter(ctx context.Context, q queryer, last string) (page []storedInteraction, err error) {
	rows, err := q.QueryContext(ctx, `SELECT id, body, due_at IS NOT NULL OR set_aside_at > 0 FROM interactions WHERE id > $1
		ORDER BY id LIMIT $2`, last, pageOfEntries)
	if err != nil {
		return nil, fmt.Errorf("reading interactions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, body string
		var waits bool
		if err := rows.Scan(&id, &body, &waits); err != nil {
			return nil, fmt.Errorf("reading interactions: %w", err)
		}
		w, err := decodeInteraction(id, body)
		if err != nil {
			w = &Interaction{ID: id}
		}
		page = append(page, storedInteraction{w, waits})
	}
	return page, rows.Err()
}

// did reports whether a stored interaction is the person's, or names them.
func (p *Person) did(w *Interaction) bool {
	typed := map[string]string{"text": w.Text, "comment": w.Comment, "answer": w.Answer}
	for name, value := range w.Fields {
		typed["field "+name] = value
	}
	return p.In(Entry{Actor: w.UserID, Detail: typed})
}

// RemoveInteractions removes up to limit interactions that are dealt with and came
// before, and returns how many: Slack delivers none of them again.
func (s *Store) RemoveInteractions(ctx context.Context, before time.Time, limit int) (removed int64, err error) {
	err = s.Update(ctx, time.Time{}, func(t *Tx) error {
		removed, err = t.exec(`DELETE FROM interactions WHERE id IN (SELECT id FROM interactions
			WHERE due_at IS NULL AND set_aside_at = 0 AND received_at < $1 ORDER BY received_at LIMIT $2)`, millis(before), limit)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("removing interactions: %w", err)
	}
	return removed, nil
}
