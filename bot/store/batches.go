package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"wfbot/bot/request"
)

// InsertBatch stores a new batch with its members.
func (t *Tx) InsertBatch(b *request.Batch) error {
	for i, r := range b.Members {
		if err := t.insert(r, i); err != nil {
			return err
		}
	}
	delete(t.batches, b.ID) // its Look is new already
	b.Version = 1
	body, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encoding batch %s: %w", b.ID, err)
	}
	_, next := nextOf(b, t.now)
	if _, err := t.exec(`INSERT INTO batches (id, version, created_at, body, next_at) VALUES ($1, $2, $3, $4, $5)`,
		b.ID, b.Version, millis(b.CreatedAt), string(body), next); err != nil {
		return fmt.Errorf("inserting batch %s: %w", b.ID, conflict(err))
	}
	t.recordBatch(b)
	return nil
}

// Batch reads a batch with its members as they stand. ErrNotFound if there is
// none. Members that are changed meanwhile may be newer than the rest.
func (s *Store) Batch(ctx context.Context, id string) (*request.Batch, error) {
	b, _, err := scanBatch(s.db.QueryRowContext(ctx, `SELECT body, lease_token FROM batches WHERE id = $1`, id))
	if err != nil {
		return nil, fmt.Errorf("reading batch %s: %w", id, err)
	}
	b.Members, err = members(ctx, s.db, id)
	return b, err
}

// Batches returns all batches with their members, oldest first.
func (s *Store) Batches(ctx context.Context) ([]*request.Batch, error) {
	ids, err := ids(ctx, s.db, `SELECT id FROM batches ORDER BY created_at, id`)
	if err != nil {
		return nil, fmt.Errorf("reading batches: %w", err)
	}
	var all []*request.Batch
	for _, id := range ids {
		b, err := s.Batch(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

// ClaimedBatch reads a claimed batch to write its result. ErrLeaseLost if
// somebody else has claimed it since. The members are as they stand; to change
// some, read them with Members or Request first, since members are locked before
// their batch, and save them before it.
func (t *Tx) ClaimedBatch(id string, lease Lease) (*request.Batch, error) {
	b, token, err := scanBatch(t.tx.QueryRowContext(t.ctx,
		`SELECT body, lease_token FROM batches WHERE id = $1`+t.store.forUpd, id))
	if err != nil {
		return nil, fmt.Errorf("reading batch %s: %w", id, err)
	}
	if token != lease.Token {
		return nil, fmt.Errorf("batch %s: %w", id, ErrLeaseLost)
	}
	b.Members, err = members(t.ctx, t.tx, id)
	return b, err
}

// Members reads all members of a batch to change them in this transaction, in the
// order of the command. It comes before ClaimedBatch.
func (t *Tx) Members(batchID string) ([]*request.Request, error) {
	// Every transaction locks members in the order of their IDs.
	if t.store.forUpd != "" {
		if _, err := ids(t.ctx, t.tx, `SELECT id FROM requests WHERE batch_id = $1 ORDER BY id`+t.store.forUpd, batchID); err != nil {
			return nil, fmt.Errorf("locking the members of batch %s: %w", batchID, conflict(err))
		}
	}
	all, err := members(t.ctx, t.tx, batchID)
	for _, r := range all {
		t.looks[r.ID] = r.Look
	}
	return all, err
}

// SaveBatchAndRelease stores what became of a claimed batch, with its events, and
// ends the claim.
func (t *Tx) SaveBatchAndRelease(b *request.Batch) error {
	return t.saveBatch(b, `, lease_token = '', lease_until = 0`)
}

func (t *Tx) saveBatch(b *request.Batch, leases string) error {
	before := b.Version
	b.Version++
	body, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encoding batch %s: %w", b.ID, err)
	}
	_, next := nextOf(b, t.now)
	changed, err := t.exec(`UPDATE batches SET version = $1, body = $2, next_at = $3`+leases+` WHERE id = $4 AND version = $5`,
		b.Version, string(body), next, b.ID, before)
	if err != nil {
		return fmt.Errorf("saving batch %s: %w", b.ID, conflict(err))
	}
	if changed != 1 {
		return fmt.Errorf("saving batch %s: %w", b.ID, ErrConflict)
	}
	t.recordBatch(b)
	return nil
}

func (t *Tx) recordBatch(b *request.Batch) {
	for _, e := range b.TakeEvents() {
		t.record(b.ID, e, true)
	}
}

// touchBatches lets the batches know that members of theirs have something new to
// show. It comes after the members and before the audit trail, so that all
// transactions take their locks in the same order.
func (t *Tx) touchBatches() error {
	var touched []string
	for id := range t.batches {
		touched = append(touched, id)
	}
	slices.Sort(touched)
	for _, id := range touched {
		b, _, err := scanBatch(t.tx.QueryRowContext(t.ctx, `SELECT body, lease_token FROM batches WHERE id = $1`+t.store.forUpd, id))
		if err != nil {
			return fmt.Errorf("reading batch %s: %w", id, err)
		}
		if b.Members, err = members(t.ctx, t.tx, id); err != nil {
			return err
		}
		b.Changed()
		if err := t.saveBatch(b, ""); err != nil {
			return err
		}
	}
	return nil
}

// members reads the members of a batch in their order, with their decisions.
func members(ctx context.Context, q queryer, id string) ([]*request.Request, error) {
	all, err := requests(ctx, q, `WHERE batch_id = $1 ORDER BY batch_position`, id)
	if err != nil {
		return nil, fmt.Errorf("reading the members of batch %s: %w", id, err)
	}
	return all, nil
}

func scanBatch(row scanner) (b *request.Batch, leaseToken string, err error) {
	var body string
	if err := row.Scan(&body, &leaseToken); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil, "", ErrNotFound
		}
		return nil, "", err
	}
	b = new(request.Batch)
	if err := json.Unmarshal([]byte(body), b); err != nil {
		return nil, "", fmt.Errorf("decoding: %w", err)
	}
	return b, leaseToken, nil
}

func ids(ctx context.Context, q queryer, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		all = append(all, id)
	}
	return all, rows.Err()
}
