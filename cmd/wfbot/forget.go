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
still verifies. The Workfront ID stays, so that wfbot knows who it may reactivate.
Nothing is erased of a request that has not ended; then the exit status is 1. What is
erased cannot be brought back.

Slack, the log, copies of the database and exports keep what they hold.

`

// forget is "wfbot forget".
func forget(ctx context.Context, p process, args []string) error {
	flags := flag.NewFlagSet("forget", flag.ContinueOnError)
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
	if err == nil && len(erased.Left) > 0 {
		err = fmt.Errorf("not erased, since it has not ended or cannot be read: %s. Do this again when it has ended", strings.Join(erased.Left, ", "))
	}
	return err
}
