package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"wfbot/bot/request"
)

// cardColumns are what scanCard reads.
const cardColumns = `id, body, channel, ts, look, lease_token`

// InsertCard stores a new card with its requests.
func (t *Tx) InsertCard(c *request.Card) error {
	for i, r := range c.Requests {
		if err := t.insert(r, i); err != nil {
			return err
		}
	}
	delete(t.raised, c.ID) // its Look is new already
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encoding card %s: %w", c.ID, err)
	}
	_, due := dueOf(c, t.now)
	t.due(Cards, due)
	if _, err := t.exec(`INSERT INTO cards (id, created_at, channel, ts, look, body, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, millis(c.CreatedAt), c.Channel, c.TS, c.Look, string(body), due); err != nil {
		return fmt.Errorf("inserting card %s: %w", c.ID, conflict(err))
	}
	t.recordCard(c)
	return nil
}

// Card reads a card with its requests as they stand. ErrNotFound if there is none;
// *UnreadableError also if one of its requests cannot be decoded: a button names
// people by their place on the card. Requests that are changed meanwhile may be newer
// than the rest.
func (s *Store) Card(ctx context.Context, id string) (*request.Card, error) {
	c, _, err := scanCard(s.db.QueryRowContext(ctx, `SELECT `+cardColumns+` FROM cards WHERE id = $1`, id))
	if err != nil {
		return nil, fmt.Errorf("reading card %s: %w", id, err)
	}
	if err := s.attach(ctx, c); err != nil {
		return nil, err
	}
	return c, nil
}

// attach gives a card that was read its requests.
func (s *Store) attach(ctx context.Context, c *request.Card) error {
	all, err := s.requestsOf(ctx, s.db, c.ID)
	if err == nil {
		c.Attach(all)
	}
	return err
}

// Cards returns all cards with their requests, oldest first.
func (s *Store) Cards(ctx context.Context) ([]*request.Card, error) {
	ids, err := ids(ctx, s.db, `SELECT id FROM cards ORDER BY created_at, id`)
	if err != nil {
		return nil, fmt.Errorf("reading cards: %w", err)
	}
	var all []*request.Card
	for _, id := range ids {
		c, err := s.Card(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// ClaimedCard reads a claimed card to write its result, with its requests, which may
// be changed as well. ErrLeaseLost if somebody else has claimed it since.
func (t *Tx) ClaimedCard(id string, lease Lease) (*request.Card, error) {
	all, err := t.CardRequests(id)
	if err != nil {
		return nil, err
	}
	c, token, err := scanCard(t.tx.QueryRowContext(t.ctx, `SELECT `+cardColumns+` FROM cards WHERE id = $1`+t.store.forUpd, id))
	if err != nil {
		return nil, fmt.Errorf("reading card %s: %w", id, err)
	}
	if token != lease.Token {
		return nil, fmt.Errorf("card %s: %w", id, ErrLeaseLost)
	}
	c.Attach(all)
	return c, nil
}

// CardRequests reads all requests of a card to change them in this transaction, in
// the order of the command.
func (t *Tx) CardRequests(cardID string) ([]*request.Request, error) {
	// Every transaction locks requests in the order of their IDs, and before cards.
	if t.store.forUpd != "" {
		if _, err := ids(t.ctx, t.tx, `SELECT id FROM requests WHERE card_id = $1 ORDER BY id`+t.store.forUpd, cardID); err != nil {
			return nil, fmt.Errorf("locking the requests of card %s: %w", cardID, conflict(err))
		}
	}
	all, err := t.store.requestsOf(t.ctx, t.tx, cardID)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		t.read[r.ID] = stored{shown: shownOf(r), decisions: len(r.Decisions)}
		if t.documents[r.ID], err = json.Marshal(r); err != nil {
			return nil, fmt.Errorf("encoding request %s: %w", r.ID, err)
		}
	}
	return all, nil
}

// SaveCardAndRelease stores what became of a claimed card and of its requests, with
// their events, and ends the claim.
func (t *Tx) SaveCardAndRelease(c *request.Card) error {
	for _, r := range c.Requests {
		body, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("encoding request %s: %w", r.ID, err)
		}
		if bytes.Equal(body, t.documents[r.ID]) { // nothing has happened to it either
			continue
		}
		if err := t.Save(r); err != nil {
			return err
		}
	}
	if t.raised[c.ID] {
		c.Look++
	}
	delete(t.raised, c.ID) // what it needs next is known here
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encoding card %s: %w", c.ID, err)
	}
	_, due := dueOf(c, t.now)
	t.due(Cards, due)
	if _, err := t.exec(`UPDATE cards SET body = $1, channel = $2, ts = $3, look = $4, due_at = $5, lease_token = '', lease_until = 0 WHERE id = $6`,
		string(body), c.Channel, c.TS, c.Look, due, c.ID); err != nil {
		return fmt.Errorf("saving card %s: %w", c.ID, conflict(err))
	}
	t.recordCard(c)
	return nil
}

// OpenChannels returns the ids of the conversations with cards where something may still
// happen: cards of requests that are open or can be tried again.
func (s *Store) OpenChannels(ctx context.Context) ([]string, error) {
	channels, err := ids(ctx, s.db, `SELECT DISTINCT channel FROM cards WHERE ts <> '' AND id IN
		(SELECT card_id FROM requests WHERE state IN ('received', 'pending', 'approved', 'executing', 'failed'))`)
	if err != nil {
		return nil, fmt.Errorf("reading the channels of cards: %w", err)
	}
	return channels, nil
}

// ShownCards returns the ids of those cards of such requests in a conversation that are
// not hidden, as far as they can be decoded.
func (s *Store) ShownCards(ctx context.Context, channel string) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+cardColumns+` FROM cards WHERE channel = $1 AND ts <> '' AND id IN
		(SELECT card_id FROM requests WHERE state IN ('received', 'pending', 'approved', 'executing', 'failed'))`, channel)
	if err != nil {
		return nil, fmt.Errorf("reading the cards of a channel: %w", err)
	}
	defer rows.Close()
	var shown []string
	for rows.Next() {
		switch c, _, err := scanCard(rows); {
		case Unreadable(err): // is set aside when it is claimed
		case err != nil:
			return nil, fmt.Errorf("reading the cards of a channel: %w", err)
		case !c.Hidden:
			shown = append(shown, c.ID)
		}
	}
	return shown, rows.Err()
}

// RaiseChannel makes those cards of a conversation due where something may still happen.
// What could not be shown or told on them is tried again.
func (t *Tx) RaiseChannel(id string) error {
	raised, err := t.exec(`UPDATE cards SET look = look + 1, due_at = $1 WHERE channel = $2 AND EXISTS (SELECT 1 FROM requests
		WHERE card_id = cards.id AND state IN ('received', 'pending', 'approved', 'executing', 'failed'))`, millis(t.now), id)
	if err != nil {
		return fmt.Errorf("raising the cards of a channel: %w", conflict(err))
	}
	for range raised {
		t.due(Cards, millis(t.now))
	}
	return nil
}

// RaiseCard makes cards due, to be painted again.
func (t *Tx) RaiseCard(ids ...string) {
	for _, id := range ids {
		t.raised[id] = true
	}
}

// MoveChannel gives the cards of a conversation its new id, and returns how many there
// are; see RaiseChannel.
func (t *Tx) MoveChannel(from, to string) (cards int64, err error) {
	if err := t.RaiseChannel(from); err != nil {
		return 0, err
	}
	cards, err = t.exec(`UPDATE cards SET channel = $1 WHERE channel = $2`, to, from)
	if err != nil {
		return 0, fmt.Errorf("moving the cards of a channel: %w", conflict(err))
	}
	if cards > 0 {
		t.Record("", request.Event{At: t.now, Kind: "channel id changed", Actor: request.Bot, Detail: map[string]string{"from": from, "to": to}})
	}
	return cards, nil
}

func (t *Tx) recordCard(c *request.Card) {
	for _, e := range c.TakeEvents() {
		t.record(c.ID, e, newsOfCard)
	}
}

// raiseCards lets the cards know that requests of theirs have something new to show
// or to say. It comes after the requests and before the audit trail, so that all
// transactions take their locks in the same order.
func (t *Tx) raiseCards() error {
	for _, id := range slices.Sorted(maps.Keys(t.raised)) {
		rise := 0
		if t.raised[id] {
			rise = 1
		}
		if _, err := t.exec(`UPDATE cards SET look = look + $1, due_at = CASE WHEN due_at < $2 THEN due_at ELSE $2 END WHERE id = $3`,
			rise, millis(t.now), id); err != nil {
			return fmt.Errorf("raising card %s: %w", id, conflict(err))
		}
		t.due(Cards, millis(t.now))
	}
	return nil
}

// requestsOf reads all requests of a card in their order, with their decisions.
func (s *Store) requestsOf(ctx context.Context, q queryer, cardID string) ([]*request.Request, error) {
	all, err := readable(requests(ctx, q, s.onPostgres(), `WHERE card_id = $1 ORDER BY position`, cardID))
	if err != nil {
		return nil, fmt.Errorf("reading the requests of card %s: %w", cardID, err)
	}
	return all, nil
}

// scanCard reads a card without its requests; what cannot be decoded has its ID alone.
func scanCard(row scanner) (c *request.Card, leaseToken string, err error) {
	c = new(request.Card)
	var id, body string
	if err := row.Scan(&id, &body, &c.Channel, &c.TS, &c.Look, &leaseToken); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil, "", ErrNotFound
		}
		return nil, "", err
	}
	if err := json.Unmarshal([]byte(body), c); err != nil {
		return &request.Card{ID: id}, "", &UnreadableError{"card " + id, err}
	}
	if c.ID != id {
		return &request.Card{ID: id}, "", &UnreadableError{"card " + id, errNotItself}
	}
	if !c.Action.Known() {
		return &request.Card{ID: id}, "", &UnreadableError{"card " + id, errNewer}
	}
	return c, leaseToken, nil
}

func ids(ctx context.Context, q queryer, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		all = append(all, id)
	}
	return all, rows.Err()
}
