package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wfbot/bot/request"
)

// InteractionKind is how a person said what they want.
type InteractionKind string

// The kinds of interaction.
const (
	Command InteractionKind = "command" // a slash command
	Click   InteractionKind = "click"   // a button
	Form    InteractionKind = "form"    // a submitted form
	Opening InteractionKind = "opening" // of a form that could not be opened at once
)

// Interaction is what a person did in Slack, stored before it was acknowledged. It
// holds no response_url, trigger id or token: those are capabilities and stay in
// the memory of the process that received them.
type Interaction struct {
	ID         string          `json:"id"`
	Key        string          `json:"key"` // identity of what the person did; the same key is the same interaction
	Kind       InteractionKind `json:"kind"`
	ReceivedAt time.Time       `json:"received_at"`

	UserID       string `json:"user_id"`
	TeamID       string `json:"team_id,omitempty"` // of the person; may be empty
	EnterpriseID string `json:"enterprise_id,omitempty"`
	ChannelID    string `json:"channel_id,omitempty"`

	Command string `json:"command,omitempty"` // command: its name, "/wf-deactivate"
	Text    string `json:"text,omitempty"`    // command: what follows, as delivered

	ActionID  string `json:"action_id,omitempty"`  // click: which button
	Value     string `json:"value,omitempty"`      // click: the button's value
	MessageTS string `json:"message_ts,omitempty"` // click: the message it is on

	Callback string `json:"callback,omitempty"` // form: which form
	Metadata string `json:"metadata,omitempty"` // form: what it was opened with
	Comment  string `json:"comment,omitempty"`  // form: what was typed
	// Fields are what was entered in a form that has several inputs, by their names.
	Fields map[string]string `json:"fields,omitempty"`

	// Handled says that the interaction has been dealt with; what is left is Answer, if
	// any, to be told to the person. Its first line alone is kept after that.
	Handled bool          `json:"decided,omitempty"`
	Answer  string        `json:"answer,omitempty"` // Slack mrkdwn
	Retry   request.Retry `json:"retry,omitzero"`
}

// holdFor is how long an interaction is left to the process that accepted or judged it,
// which may hold what Slack lent for an answer. Should it die, another process
// goes on after that time.
const holdFor = 10 * time.Second

// Accept stores an interaction, unless one with the same key is stored already: fresh is
// false then. When it returns without error the interaction survives a crash. It returns
// in time for an answer within Slack's 3 seconds, whatever the database does;
// ErrUnsure says that it did not get to know whether the interaction is stored.
func (s *Store) Accept(ctx context.Context, w Interaction) (fresh bool, err error) {
	if err := s.inPlace(); err != nil {
		return false, fmt.Errorf("storing an interaction: %w", err)
	}
	body, err := json.Marshal(w)
	if err != nil {
		return false, fmt.Errorf("encoding an interaction: %w", err)
	}
	inserting, cancel := context.WithTimeout(ctx, insertFor)
	defer cancel()
	result, err := s.intake.ExecContext(inserting, `INSERT INTO interactions (id, dedupe_key, received_at, body, due_at, lease_token, lease_until)
		VALUES ($1, $2, $3, $4, $3, $5, `+s.now+` + $6) ON CONFLICT (dedupe_key) DO NOTHING`,
		w.ID, w.Key, millis(w.ReceivedAt), string(body), s.holder.Load().id, holdFor.Milliseconds())
	if err != nil {
		return s.storedAfterAll(ctx, w, err, inserting.Err() != nil)
	}
	n, err := result.RowsAffected()
	s.due(dueRow{Interactions, w.ReceivedAt})
	return n == 1, err
}

// storedAfterAll finds out what became of an interaction whose insertion ended with
// cause: it may have been committed all the same, and the person must not be told
// that it was not. An insertion that was given up may even arrive later.
func (s *Store) storedAfterAll(ctx context.Context, w Interaction, cause error, gaveUp bool) (fresh bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), findFor)
	defer cancel()
	var id string
	err = s.intake.QueryRowContext(ctx, `SELECT id FROM interactions WHERE dedupe_key = $1`, w.Key).Scan(&id)
	switch {
	case err == nil:
		s.due(dueRow{Interactions, w.ReceivedAt})
		return id == w.ID, nil
	case gaveUp || !errors.Is(err, sql.ErrNoRows):
		return false, fmt.Errorf("storing an interaction: %w: %w", ErrUnsure, cause)
	}
	return false, fmt.Errorf("storing an interaction: %w", cause)
}

// SaveInteraction stores what became of a claimed interaction and ends the claim. done says
// that there is nothing left to do or to say; otherwise it is due again at
// w.Retry.At. ErrLeaseLost if somebody else has claimed it.
func (t *Tx) SaveInteraction(w *Interaction, lease Lease, done bool) error {
	body, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("encoding interaction %s: %w", w.ID, err)
	}
	var next any
	if !done {
		next = max(millis(w.Retry.At), millis(w.ReceivedAt))
		t.due(Interactions, next)
	}
	changed, err := t.exec(`UPDATE interactions SET body = $1, due_at = $2, lease_token = $3, lease_until = `+t.store.now+` + $4
		WHERE id = $5 AND lease_token = $6`,
		string(body), next, t.store.holder.Load().id, holdFor.Milliseconds(), w.ID, lease.Token)
	if err != nil {
		return fmt.Errorf("saving interaction %s: %w", w.ID, err)
	}
	if changed != 1 {
		return fmt.Errorf("interaction %s: %w", w.ID, ErrLeaseLost)
	}
	return nil
}

// Interactions returns all interactions in the order they came in, and how many of them
// are not finished.
func (s *Store) Interactions(ctx context.Context) (all []Interaction, unfinished int, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, body, due_at IS NULL FROM interactions ORDER BY received_at, id`)
	if err != nil {
		return nil, 0, fmt.Errorf("reading interactions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			id, body string
			done     bool
		)
		if err := rows.Scan(&id, &body, &done); err != nil {
			return nil, 0, fmt.Errorf("reading interactions: %w", err)
		}
		w, err := decodeInteraction(id, body)
		if err != nil {
			return nil, 0, err
		}
		if !done {
			unfinished++
		}
		all = append(all, *w)
	}
	return all, unfinished, rows.Err()
}

// decodeInteraction returns what can be decoded also with an *UnreadableError.
func decodeInteraction(id, body string) (*Interaction, error) {
	w := new(Interaction)
	err := json.Unmarshal([]byte(body), w)
	if err == nil && w.ID != id {
		err = errNotItself
	}
	if err != nil {
		w.ID = id
		return w, &UnreadableError{"interaction " + id, err}
	}
	return w, nil
}
