package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"

	"wfbot/bot/store"
)

const backupHelp = `Usage: wfbot backup FILE

Copies the SQLite database to a new file, also while wfbot runs, and opens the copy to
make sure that it is whole. It overwrites nothing. The copy holds names and e-mails:
only its owner may read it. For PostgreSQL use pg_dump.

Which database comes from WFBOT_DATABASE_URL, in the environment or in ` + dotenv + `.
docs/operations.md says how to go back to a copy.

`

// backUp is "wfbot backup".
func backUp(ctx context.Context, p process, flags *flag.FlagSet, args []string) error {
	db, file, err := p.openReader(ctx, flags, args, backupHelp, "the file to make")
	if db == nil {
		return err
	}
	defer db.Close()
	made, err := db.Backup(ctx, file)
	switch {
	case errors.Is(err, store.ErrNotSQLite):
		return &misuse{"the database is PostgreSQL: copy it with pg_dump, as docs/operations.md says"}
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%w: name a new file, since no copy is overwritten", err)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s is a whole copy: %s, %s.\n%s", made.File,
		counted(made.Requests, "request", "requests"), counted(made.Head.Seq, "audit entry", "audit entries"), headLine(made.Head))
	return err
}
