package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pressly/goose/v3"

	"wfbot/bot/request"
)

// cards makes a card for every command out of the requests and batches of before.
// What it replaces is renamed, so that an older program that still runs fails on it
// instead of writing. Rows are read in pages: a large database need not fit into
// memory.
var cards = goose.NewGoMigration(6, &goose.GoFunc{RunTx: makeCards}, nil)

// cardsSchema is what the migration does to the schema before it moves the rows.
var cardsSchema = []string{
	`ALTER TABLE wishes RENAME TO interactions`,
	`ALTER TABLE interactions RENAME COLUMN next_at TO due_at`,
	`DROP INDEX wishes_due`,
	`CREATE INDEX interactions_due ON interactions (due_at) WHERE due_at IS NOT NULL`,
	`ALTER TABLE homes RENAME COLUMN next_at TO due_at`,
	`ALTER TABLE requests RENAME COLUMN next_at TO due_at`,
	`ALTER TABLE requests RENAME COLUMN batch_id TO card_id`,
	`ALTER TABLE requests RENAME COLUMN batch_position TO position`,
	`DROP INDEX requests_batch`,
	`CREATE INDEX requests_card ON requests (card_id, position)`,
	`CREATE TABLE cards (
		id          TEXT   NOT NULL PRIMARY KEY, -- that of its request if it has one
		created_at  BIGINT NOT NULL,
		channel     TEXT   NOT NULL,             -- Slack conversation
		ts          TEXT   NOT NULL,             -- the message in it; '': not posted yet
		look        BIGINT NOT NULL,             -- raised by every change that the card shows
		body        TEXT   NOT NULL,             -- JSON of request.Card
		due_at      BIGINT,                      -- when it wants attention; NULL: not
		lease_token TEXT   NOT NULL DEFAULT '',
		lease_until BIGINT NOT NULL DEFAULT 0,
		set_aside_at  BIGINT NOT NULL DEFAULT 0, -- since then nobody works on it; 0: it is not set aside
		set_aside_why TEXT   NOT NULL DEFAULT ''
	)`,
	`CREATE INDEX cards_due ON cards (due_at) WHERE due_at IS NOT NULL`,
	`ALTER TABLE requests ADD COLUMN set_aside_at BIGINT NOT NULL DEFAULT 0`,
	`ALTER TABLE requests ADD COLUMN set_aside_why TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE interactions ADD COLUMN set_aside_at BIGINT NOT NULL DEFAULT 0`,
	`ALTER TABLE interactions ADD COLUMN set_aside_why TEXT NOT NULL DEFAULT ''`,
}

func makeCards(ctx context.Context, tx *sql.Tx) error {
	for _, statement := range cardsSchema {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.60s: %w", statement, err)
		}
	}
	if err := eachRow(ctx, tx, "batches", moveBatch); err != nil {
		return err
	}
	if err := eachRow(ctx, tx, "requests", moveLone); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DROP TABLE batches`)
	return err
}

// row is one of before: its id, and its document.
type row struct{ id, body string }

// eachRow moves all rows of a table, a page at a time.
func eachRow(ctx context.Context, tx *sql.Tx, table string, move func(context.Context, *sql.Tx, row) error) error {
	const page = 200
	for last := ""; ; {
		rows, err := readRows(ctx, tx, `SELECT id, body FROM `+table+` WHERE id > $1 ORDER BY id LIMIT $2`, last, page)
		if err != nil {
			return fmt.Errorf("reading %s: %w", table, err)
		}
		for _, r := range rows {
			if err := move(ctx, tx, r); err != nil {
				return fmt.Errorf("moving a row of %s, %s: %w", table, r.id, err)
			}
			last = r.id
		}
		if len(rows) < page {
			return nil
		}
	}
}

func readRows(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]row, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.body); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// display is what requests and batches said of their cards before.
type display struct {
	Look int64 `json:"look"`
	Card struct {
		Channel string `json:"channel"`
		TS      string `json:"ts"`
		Painted int64  `json:"painted"`
	} `json:"card"`
	News        int64         `json:"news"`
	Told        int64         `json:"told"`
	PaintRetry  request.Retry `json:"paint_retry"`
	TellRetry   request.Retry `json:"tell_retry"`
	RemindEvery time.Duration `json:"remind_every"`
	RemindAt    time.Time     `json:"remind_at"`
	RemindRetry request.Retry `json:"remind_retry"`

	Channel   string    `json:"channel"`    // where the card goes
	PaintedAt time.Time `json:"painted_at"` // of a batch
	// RemindedAt is when people were last reminded of a batch.
	RemindedAt time.Time `json:"reminded_at"`
	BatchID    string    `json:"batch_id"` // of a request
	CardID     string    `json:"card_id"`  // of a request that has been moved
}

// moveTo gives a card what was displayed of it.
func (d display) moveTo(c *request.Card) {
	c.Place = request.Place{Channel: d.Channel, TS: d.Card.TS}
	if d.Card.Channel != "" {
		c.Channel = d.Card.Channel
	}
	c.Look, c.Seen, c.Painted, c.PaintedAt = d.Look, d.Look, d.Card.Painted, d.PaintedAt
	c.PaintRetry, c.TellRetry = d.PaintRetry, d.TellRetry
	c.RemindEvery, c.RemindAt, c.RemindRetry = d.RemindEvery, d.RemindAt, d.RemindRetry
}

// decode reads a request of before, and what was displayed of it.
func (r row) decode() (*request.Request, display, error) {
	var was display
	now := new(request.Request)
	err := errors.Join(json.Unmarshal([]byte(r.body), &was), json.Unmarshal([]byte(r.body), now))
	if now.State != request.Received {
		now.Ask = 1
	}
	return now, was, err
}

// moveLone makes the card of a request that is in no batch.
func moveLone(ctx context.Context, tx *sql.Tx, old row) error {
	r, was, err := old.decode()
	switch {
	case err != nil:
		return setAsideUnread(ctx, tx, "requests", old.id, err)
	case was.CardID != "": // moved with its batch
		return nil
	case was.BatchID != "": // whose row cannot be decoded
		r.CardID = was.BatchID
		return saveMoved(ctx, tx, r)
	}
	r.CardID = old.id
	if was.Card.TS != "" {
		r.Asked = r.Ask
	}
	if r.NewManager != "" {
		r.Ask++
	}
	c := request.NewCard(request.Card{
		ID: old.id, Action: r.Action, Reason: r.Reason, NotBefore: r.NotBefore, NotBeforeWords: r.NotBeforeWords, Requester: r.Requester, DryRun: r.DryRun,
	}, nil, r.CreatedAt)
	was.moveTo(c)
	c.Attach([]*request.Request{r})
	if err := saveMoved(ctx, tx, r); err != nil {
		return err
	}
	return insertMoved(ctx, tx, c)
}

// moveBatch makes the card of a batch.
func moveBatch(ctx context.Context, tx *sql.Tx, old row) error {
	var was display
	c := new(request.Card)
	batch := struct {
		*request.Card
		Told  int64  `json:"told"`  // was a number
		Asked string `json:"asked"` // who people were asked about; empty: not known
	}{Card: c}
	if err := errors.Join(json.Unmarshal([]byte(old.body), &was), json.Unmarshal([]byte(old.body), &batch)); err != nil {
		if _, err := tx.ExecContext(ctx, `INSERT INTO cards (id, created_at, channel, ts, look, body) VALUES ($1, 0, '', '', 0, $2)`, old.id, old.body); err != nil {
			return err
		}
		return setAsideUnread(ctx, tx, "cards", old.id, err)
	}
	was.moveTo(c)
	c.Told = was.Told >= was.News
	members, err := readRows(ctx, tx, `SELECT id, body FROM requests WHERE card_id = $1 ORDER BY position`, old.id)
	if err != nil {
		return err
	}
	var all []*request.Request
	var unread error
	reminds := map[string]time.Time{} // when people were to be asked about one alone
	for _, member := range members {
		r, its, err := member.decode()
		if err != nil {
			unread = &UnreadableError{"request " + member.id, err}
			if err := setAsideUnread(ctx, tx, "requests", member.id, err); err != nil {
				return err
			}
			continue
		}
		r.CardID, reminds[r.ID] = old.id, its.RemindAt
		all = append(all, r)
	}
	c.Attach(all)
	asked, err := c.Selected(batch.Asked)
	for _, r := range all {
		// Whoever is not known to have been asked about was before that was noted.
		// So is everybody beside somebody who cannot be decoded: it goes by places.
		if c.TS != "" && (err != nil || unread != nil || slices.Contains(asked, r)) {
			r.Asked = r.Ask
		}
		if (r.Void > 0 || r.NewManager != "") && reminds[r.ID].After(was.RemindedAt) {
			r.Ask++
		}
		if err := saveMoved(ctx, tx, r); err != nil {
			return err
		}
	}
	if err := insertMoved(ctx, tx, c); err != nil || unread == nil {
		return err
	}
	return setAsideUnread(ctx, tx, "cards", c.ID, unread)
}

func saveMoved(ctx context.Context, tx *sql.Tx, r *request.Request) error {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	step, due := dueOf(r, time.Now())
	_, err = tx.ExecContext(ctx, `UPDATE requests SET body = $1, step = $2, due_at = $3, card_id = $4 WHERE id = $5`,
		string(body), step, due, r.CardID, r.ID)
	return err
}

func insertMoved(ctx context.Context, tx *sql.Tx, c *request.Card) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, due := dueOf(c, time.Now())
	_, err = tx.ExecContext(ctx, `INSERT INTO cards (id, created_at, channel, ts, look, body, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, millis(c.CreatedAt), c.Channel, c.TS, c.Look, string(body), due)
	return err
}

// setAsideUnread sets a row aside that cannot be decoded: an upgrade must not fail
// because of it.
func setAsideUnread(ctx context.Context, tx *sql.Tx, table, id string, why error) error {
	_, err := tx.ExecContext(ctx, `UPDATE `+table+` SET set_aside_at = $1, set_aside_why = $2 WHERE id = $3`,
		time.Now().UnixMilli(), why.Error(), id)
	return err
}
