package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"

	"wfbot/bot/request"
)

// backfill fills the columns that migration 2 added from the documents of the
// rows that were there before.
var backfill = goose.NewGoMigration(3, &goose.GoFunc{RunTx: fillColumns}, nil)

func fillColumns(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT id, body FROM requests WHERE requester_id = ''`)
	if err != nil {
		return fmt.Errorf("reading old requests: %w", err)
	}
	bodies := map[string]string{}
	for rows.Next() {
		var id, body string
		if err := rows.Scan(&id, &body); err != nil {
			rows.Close()
			return fmt.Errorf("reading old requests: %w", err)
		}
		bodies[id] = body
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("reading old requests: %w", err)
	}
	for id, body := range bodies {
		var r request.Request
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			return fmt.Errorf("decoding request %s: %w", id, err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE requests SET email = $1, requester_id = $2 WHERE id = $3`, r.Email, r.Requester.ID, id); err != nil {
			return fmt.Errorf("filling the new columns of request %s: %w", id, err)
		}
	}
	return nil
}
