package main

import (
	"database/sql"
	"encoding/json"
	"time"

	"wfbot/bot/request"
)

// timePasses lets the time that open rows wait for pass at once: what they wait
// for is brought forward in their rows, which is the same to a program that
// compares stored times with its clock. Besides what is tried again later and what
// is due at a time, such as a reminder, the deadlines of undecided requests pass if
// expire is set. The program may be running: like every change of a row this one
// makes a new version, so that a step under way is done again.
func (d *crashDatabase) timePasses(expire bool) {
	d.t.Helper()
	now := time.Now().UTC().Truncate(time.Millisecond)
	d.changeRequests(func(r *request.Request) bool { return bringForward(r, expire, now) })
	d.changeCards(func(c *request.Card) bool {
		looked := c.Hidden && earlier(now.Add(-24*time.Hour), &c.PaintedAt)
		return earlier(now, &c.RemindAt, &c.RemindRetry.At, &c.PaintRetry.At, &c.TellRetry.At, &c.NotBefore) || looked
	})
	for _, table := range []string{"interactions", "homes"} {
		d.exec(`UPDATE `+table+` SET due_at = $1 WHERE due_at > $1`, now.UnixMilli())
	}
}

// daysPass lets so much time pass while the program does not run that what was
// approved for a time is long overdue.
func (d *crashDatabase) daysPass() {
	d.t.Helper()
	ago := time.Now().UTC().Truncate(time.Millisecond).Add(-request.OverdueAfter - time.Hour)
	moved := map[string]bool{}
	d.changeRequests(func(r *request.Request) bool {
		moved[r.CardID] = r.State == request.Approved && earlier(ago, &r.DueAt, &r.NotBefore, &r.ExecuteRetry.At)
		return moved[r.CardID]
	})
	d.changeCards(func(c *request.Card) bool { return moved[c.ID] && earlier(ago, &c.NotBefore) })
}

// bringForward lets time pass for one request, and reports whether that changed
// it.
func bringForward(r *request.Request, expire bool, now time.Time) bool {
	moved := earlier(now, &r.DueAt, &r.LookUpRetry.At, &r.ExecuteRetry.At, &r.CountRetry.At, &r.VerifyRetry.At)
	if expire && r.State == request.Pending {
		moved = earlier(now, &r.ExpiresAt) || moved
	}
	if earlier(now, &r.NotBefore) { // also where nobody waits for it: a card and its requests agree
		moved = true
	}
	if earlier(now, &r.VerifyAt) {
		r.VerifyAfter = now.Sub(r.Outcome.ReadAt) // so that the request says when it was to be
		moved = true
	}
	return moved
}

// earlier moves those of the moments that come after now to now, and reports
// whether there was one.
func earlier(now time.Time, moments ...*time.Time) (moved bool) {
	for _, at := range moments {
		if at.After(now) {
			*at, moved = now, true
		}
	}
	return moved
}

func (d *crashDatabase) changeRequests(change func(*request.Request) bool) {
	d.t.Helper()
	changeRows(d, `requests`, `, step = '', version = version + 1`, func(r *request.Request) bool {
		r.Version++
		return change(r)
	})
}

func (d *crashDatabase) changeCards(change func(*request.Card) bool) {
	d.t.Helper()
	changeRows(d, `cards`, `, look = look + 1`, change)
}

// changeRows changes the rows of a table as the program would, and makes those due
// now: the program finds out what they want. A row that it changes meanwhile is
// looked at again.
func changeRows[T any](d *crashDatabase, table, also string, change func(*T) bool) {
	d.t.Helper()
	db := d.open()
	defer db.Close()
	for again := true; again; {
		again = false
		for _, body := range d.bodies(db, table) {
			row := new(T)
			if err := json.Unmarshal([]byte(body), row); err != nil {
				d.t.Fatal(err)
			}
			if !change(row) {
				continue
			}
			encoded, err := json.Marshal(row)
			if err != nil {
				d.t.Fatal(err)
			}
			result, err := db.ExecContext(d.t.Context(), `UPDATE `+table+` SET body = $1, due_at = $2`+also+` WHERE body = $3`,
				string(encoded), time.Now().UnixMilli(), body)
			if err != nil {
				d.t.Fatal(err)
			}
			if n, err := result.RowsAffected(); err != nil || n == 0 {
				again = true
			}
		}
	}
}

// bodies reads all rows of a table.
func (d *crashDatabase) bodies(db *sql.DB, table string) (bodies []string) {
	d.t.Helper()
	rows, err := db.QueryContext(d.t.Context(), `SELECT body FROM `+table)
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			d.t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return bodies
}
