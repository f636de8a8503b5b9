package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"wfbot/bot/store"
)

const forgetHelp = `Usage: wfbot forget WHO

Erases at once what the database holds of a person, also while wfbot runs:
- in all requests about them that have ended: name, e-mail, reason, comments and what
  they held;
- in requests that they made or decided, or about people they manage: their name and
  e-mail;
- what they typed, and the details of the audit entries that name them.
WHO is an e-mail, a Slack user id or a Workfront ID.

The audit trail keeps that something happened, when, and by which Slack user id, and
still verifies. The Workfront ID stays, so that wfbot knows who it may reactivate. A
reason for several people stays until all of them are erased. What is erased cannot
be brought back.

Nothing is erased of a request that has not ended, or of what wfbot has not dealt with
yet. While another program reads a SQLite database, its -wal file keeps what was erased.
Then the exit status is 1: do it again later.

Slack, the log, copies of the database and exports keep what they hold.

`

// forget is "wfbot forget".
func forget(ctx context.Context, p process, flags *flag.FlagSet, args []string) error {
	who, done, err := p.parseWith(flags, args, forgetHelp, "an e-mail, a Slack user id or a Workfront ID")
	if done {
		return err
	}
	address, err := loadDatabaseAddress(p.environ, dotenv)
	if err != nil {
		return err
	}
	db, err := store.OpenBeside(ctx, address.DatabaseURL.Reveal())
	if err != nil {
		return err
	}
	erased, err := db.Forget(ctx, who, time.Now())
	if errors.Is(err, store.ErrNamesNobody) {
		return errors.Join(&misuse{err.Error()}, db.Close())
	}
	err = errors.Join(err, db.Close())
	if _, e := fmt.Fprintf(p.stdout, "Erased: %s about them, their name in %s, the details of %s, the text of %s.\n",
		counted(erased.Requests, "request", "requests"), counted(erased.Named, "other request", "other requests"),
		counted(erased.Entries, "audit entry", "audit entries"), counted(erased.Interactions, "interaction", "interactions")); e != nil {
		err = errors.Join(err, e)
	}
	return errors.Join(err, notErased(erased))
}

// notErased says what is left, and what to do; nil: nothing is.
func notErased(erased store.Erased) error {
	var left []error
	if len(erased.Left) > 0 {
		left = append(left, fmt.Errorf("not erased, since it has not ended or cannot be read: %s. Do this again when it has ended", strings.Join(erased.Left, ", ")))
	}
	if erased.Waiting > 0 {
		left = append(left, fmt.Errorf("not erased, since wfbot has still to deal with it: the text of %s. Do this again in a minute; docs/troubleshooting.md says what to do if one is set aside",
			counted(int64(erased.Waiting), "interaction", "interactions")))
	}
	if erased.Log != "" {
		left = append(left, fmt.Errorf("the file %s may still hold what was erased, since another program reads the database: end that (an export, a copy, a query), and do this again", erased.Log))
	}
	return errors.Join(left...)
}
