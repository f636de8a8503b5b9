package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
)

// history stores so many requests that are done, and so many that wait for approval, by
// 50 people, each with its card and the interaction that asked for it; copies of one of
// each, since making them one by one would take long. What waits does so for an hour.
func history(t testing.TB, s *store.Store, done, open int) {
	t.Helper()
	for id, state := range map[string]request.State{"copied-done": request.Done, "copied-open": request.Pending} {
		r := newRequest(id)
		r.State, r.ExpiresAt, r.Target.ID, r.Counts = state, start.Add(time.Hour), "wf"+id, 1
		r.Reason = strings.Repeat("and what a count has found ", 100) // as long as a real one in all
		c := newCard(r)
		c.TS = "1." + id
		if err := s.Update(t.Context(), start, func(tx *store.Tx) error {
			if err := tx.InsertCard(c); err != nil {
				return err
			}
			tx.Record(id, request.Event{At: start, Kind: "copied", Actor: request.Bot})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Accept(t.Context(), store.Interaction{ID: id, Key: id, Kind: store.Command, ReceivedAt: start}); err != nil {
			t.Fatal(err)
		}
	}
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := s.DB().ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	exec(`UPDATE interactions SET due_at = NULL`)
	exec(`UPDATE cards SET due_at = NULL WHERE id = 'copied-done'`)
	exec(`UPDATE cards SET due_at = $1 WHERE id = 'copied-open'`, time.Now().Add(24*time.Hour).UnixMilli())
	exec(`UPDATE requests SET due_at = NULL WHERE id = 'copied-done'`)
	exec(`UPDATE requests SET due_at = $1, step = 'expire' WHERE id = 'copied-open'`, time.Now().Add(24*time.Hour).UnixMilli())
	for id, n := range map[string]int{"copied-done": done, "copied-open": open} {
		numbers := fmt.Sprintf(`(WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d) SELECT n FROM numbers) AS numbers`, n-1)
		is := func(column string) string { return fmt.Sprintf(`replace(%s, '%s', '%s-' || n)`, column, id, id) }
		exec(`INSERT INTO interactions (id, dedupe_key, received_at, body, due_at, lease_token, lease_until)
			SELECT ` + is("id") + `, ` + is("dedupe_key") + `, received_at + n, ` + is("body") + `, due_at, lease_token, lease_until FROM interactions, ` + numbers + ` WHERE id = '` + id + `'`)
		exec(`INSERT INTO cards (id, created_at, channel, ts, look, body, due_at)
			SELECT ` + is("id") + `, created_at + n, channel, ` + is("ts") + `, look, ` + is("body") + `, due_at FROM cards, ` + numbers + ` WHERE id = '` + id + `'`)
		exec(`INSERT INTO requests (id, version, state, workfront_id, created_at, body, due_at, email, requester_id, card_id, position, step, news)
			SELECT ` + is("id") + `, version, state, ` + is("workfront_id") + `, created_at + n, ` + is("body") + `, due_at + n, ` + is("email") + `, 'U' || (n % 50), ` + is("card_id") + `, position, step, news
			FROM requests, ` + numbers + ` WHERE id = '` + id + `'`)
		exec(`INSERT INTO decisions (request_id, seq, kind, slack_id, name, email, at, comment)
			SELECT '` + id + `-' || n, 1, 'approve', 'U2', '', '', 0, '' FROM ` + numbers + ` WHERE n % 2 = 0`)
	}
	exec(`INSERT INTO homes (user_id, opened_at, shown, due_at) SELECT 'H' || n, 0, 0, 0
		FROM (WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000) SELECT n FROM numbers) AS numbers`)
	if len(s.Files()) == 0 {
		exec(`ANALYZE`) // as PostgreSQL does by itself, and SQLite does not
	}
}

// However many requests have ended or wait, nothing that runs all the time reads them
// all, nor sorts them.
func TestHistoryCostsNothing(t *testing.T) {
	onEach(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		const tables = `(requests|cards|interactions|homes|audit|decisions)`
		explain, plan := `EXPLAIN QUERY PLAN `, func(rows *sql.Rows) (text string) {
			var id, parent, unused int
			if err := rows.Scan(&id, &parent, &unused, &text); err != nil {
				t.Fatal(err)
			}
			return text
		}
		bad := regexp.MustCompile(`SCAN ` + tables + `( |$)|USE TEMP B-TREE FOR ORDER BY`)
		// What is sorted: the rows that are due now, or those of one person.
		few := regexp.MustCompile(`^(claim of requests|decisions of)`)
		// SQLite says SCAN also of an index that holds only what is looked for.
		partial := regexp.MustCompile(`SCAN \w+ USING (COVERING )?INDEX \w+_(unended|failed|ended|aside|claimed)`)
		if strings.HasSuffix(t.Name(), "postgres") {
			explain, plan = `EXPLAIN `, func(rows *sql.Rows) (text string) {
				if err := rows.Scan(&text); err != nil {
					t.Fatal(err)
				}
				return text
			}
			bad = regexp.MustCompile(`Seq Scan on ` + tables + ` |\bSort\b  `)
			few = regexp.MustCompile(`^(claim of requests|decisions of|requests WHERE (email|workfront_id|card_id) = )`)
		}
		history(t, s, 20_000, 2_000)
		for what, statement := range s.Frequent(start) {
			rows, err := s.DB().QueryContext(t.Context(), explain+statement.Text, statement.Args...)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			var text string
			for rows.Next() {
				text += plan(rows) + "\n"
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				t.Fatal(err)
			}
			found := partial.ReplaceAllString(text, "in order")
			if few.MatchString(what) {
				found = strings.NewReplacer("USE TEMP B-TREE FOR ORDER BY", "", "Sort  ", "").Replace(found)
			}
			// Of what waits for long, what is claimed is a small part.
			all := strings.HasPrefix(what, "next") && strings.Count(text, "_claimed") < 3
			if text == "" || all || bad.MatchString(found) {
				t.Errorf("%s:\n%s", what, text)
			}
		}
	})
}
