package store

import (
	"context"
	"fmt"
)

// Binding is what the database works for: what was asked for and approved holds
// there and nowhere else.
type Binding struct {
	Workfront string // host of the tenant; empty: not known yet
	Slack     string // id of the workspace; empty: not known yet
}

const readBinding = `SELECT workfront, slack FROM binding WHERE id = 1`

// Binding returns what the database works for.
func (s *Store) Binding(ctx context.Context) (b Binding, err error) {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	if err := s.db.QueryRowContext(ctx, readBinding).Scan(&b.Workfront, &b.Slack); err != nil {
		return Binding{}, fmt.Errorf("reading what the database works for: %w", err)
	}
	return b, nil
}

// Binding returns what the database works for. Until the transaction ends no other
// one changes it.
func (t *Tx) Binding() (b Binding, err error) {
	if err := t.tx.QueryRowContext(t.ctx, readBinding+t.store.forUpd).Scan(&b.Workfront, &b.Slack); err != nil {
		return Binding{}, fmt.Errorf("reading what the database works for: %w", err)
	}
	return b, nil
}

// Bind stores what the database works for.
func (t *Tx) Bind(b Binding) error {
	if _, err := t.exec(`UPDATE binding SET workfront = $1, slack = $2 WHERE id = 1`, b.Workfront, b.Slack); err != nil {
		return fmt.Errorf("storing what the database works for: %w", err)
	}
	return nil
}
