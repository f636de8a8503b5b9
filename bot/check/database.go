package check

import (
	"context"
	"fmt"
	"os"

	"wfbot/bot/store"
)

const database = "WFBOT_DATABASE_URL"

// database looks at the database, and remembers what it says.
func (c *check) database(ctx context.Context) (found []Finding) {
	if c.Database == "" {
		return nil
	}
	at, err := store.Inspect(ctx, c.Database.Reveal())
	if at.Place.Trouble != "" {
		found = append(found, warning(database, fmt.Sprintf("%s is on %s", at.File, at.Place.FileSystem), at.Place.Trouble))
	}
	if err != nil {
		return append([]Finding{fault(database, "cannot be used: "+err.Error(), `do what it says; "wfbot run" would end with the same words`)}, found...)
	}
	c.stored, c.read = at, true
	where := "the PostgreSQL database"
	if at.File != "" {
		where = at.File
	}
	if at.Place.FileSystem != "" {
		where += " (on " + at.Place.FileSystem + ")"
	}
	switch {
	case at.Missing:
		return append(found, ok(database, where+` is not there yet; "wfbot run" makes it`))
	case at.Schema < at.Newest:
		found = append(found, warning(database, fmt.Sprintf("%s is that of an older wfbot (schema %d of %d)", where, at.Schema, at.Newest), `copy it first: the next "wfbot run" upgrades it, and then the older one cannot use it`))
	default:
		found = append(found, ok(database, fmt.Sprintf("%s has the newest form (schema %d)", where, at.Schema)))
	}
	if at.Processes > 0 {
		found = append(found, ok(database, count(at.Processes, "wfbot works", "wfbots work")+" on it now"))
	}
	return append(found, Exposed(at.Files()...)...)
}

// Exposed has a warning for each of the files that somebody besides their owner may
// read or change: they hold secrets or personal data. Those that do not exist are
// passed over.
func Exposed(files ...string) (found []Finding) {
	for _, name := range files {
		if at, err := os.Stat(name); err == nil && at.Mode().Perm()&0o066 != 0 {
			found = append(found, warning(name, fmt.Sprintf("people besides its owner may read or change this file (%v), which holds secrets or personal data", at.Mode()), "chmod 600 "+name))
		}
	}
	return found
}
