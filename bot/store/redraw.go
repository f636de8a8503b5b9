package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"
)

// redraw is the migration that renames what it replaces, so that an older program
// that still runs fails on it instead of writing.
var redraw = goose.NewGoMigration(6, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
	for _, statement := range []string{
		`ALTER TABLE wishes RENAME TO interactions`,
		`DROP INDEX wishes_due`,
		`CREATE INDEX interactions_due ON interactions (next_at) WHERE next_at IS NOT NULL`,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}}, nil)
