package request

import "time"

// Event is one entry for the audit trail.
type Event struct {
	At     time.Time
	Kind   string            // "approve", "write attempted", …
	Actor  string            // Slack user id, or Bot
	Detail map[string]string // never a secret
}

// Bot is the Actor of what the program does by itself.
const Bot = "wfbot"

// trail is what has happened to a row since it was saved last.
type trail struct{ events []Event }

// TakeEvents returns what happened since the last call and forgets it. The store
// calls it to write the entries in the transaction that saves the change.
func (t *trail) TakeEvents() []Event {
	events := t.events
	t.events = nil
	return events
}

func (t *trail) record(now time.Time, kind, actor string, detail map[string]string) {
	t.events = append(t.events, Event{At: now, Kind: kind, Actor: actor, Detail: detail})
}
