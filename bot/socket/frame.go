package socket

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Envelope is one thing Slack delivers: a command, a click, a form, an event.
// https://docs.slack.dev/apis/events-api/using-socket-mode
type Envelope struct {
	// ID identifies this delivery. Slack may deliver the same thing again under
	// another one.
	ID string
	// Type is slash_commands, interactive or events_api; a type Slack adds later
	// arrives as it is.
	Type string
	// Payload is the JSON Slack sent, byte for byte, whatever is in it.
	Payload json.RawMessage
	// AcceptsResponse says that the acknowledgement may carry a response.
	AcceptsResponse bool
}

// frame is one message from Slack, split into its fields and no further. Each is
// decoded on its own, so that one of an unexpected shape cannot hide the others.
type frame map[string]json.RawMessage

// errNotAFrame says that a message is nothing Socket Mode knows. It does not
// quote the message.
var errNotAFrame = errors.New("message is not a Socket Mode frame")

// decodeFrame splits raw. A frame it returns is a hello, a disconnect, or has an
// envelope id and can therefore be acknowledged.
func decodeFrame(raw []byte) (frame, error) {
	var f frame
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, errNotAFrame
	}
	switch f.kind() {
	case "hello", "disconnect":
		return f, nil
	}
	if field[string](f, "envelope_id") == "" {
		return nil, errNotAFrame
	}
	return f, nil
}

// field returns one field, or the zero value if it is absent or of another shape.
func field[T any](f frame, name string) T {
	var v T
	if err := json.Unmarshal(f[name], &v); err != nil {
		var zero T
		return zero
	}
	return v
}

func (f frame) kind() string { return field[string](f, "type") }

func (f frame) envelope() Envelope {
	e := Envelope{
		ID:              field[string](f, "envelope_id"),
		Type:            f.kind(),
		AcceptsResponse: field[bool](f, "accepts_response_payload"),
	}
	if raw := f["payload"]; string(raw) != "null" {
		e.Payload = raw
	}
	return e
}

// maxAcknowledgement is the size, in bytes, of the smallest acknowledgement that Slack
// accepts and then ignores (measured by slack-go's maintainers, see socketmode/client.go
// there).
const maxAcknowledgement = 20 << 10

// encodeAcknowledgement returns the frame that acknowledges envelope id. If
// response cannot travel, the frame acknowledges without it and err says why.
func encodeAcknowledgement(id string, response any) (raw []byte, err error) {
	type acknowledgement struct {
		EnvelopeID string `json:"envelope_id"`
		Payload    any    `json:"payload,omitempty"`
	}
	raw, err = json.Marshal(acknowledgement{id, response})
	if err == nil && len(raw) >= maxAcknowledgement {
		err = fmt.Errorf("%d bytes are more than Slack reads", len(raw))
	}
	if err != nil {
		// A string always marshals.
		raw, _ = json.Marshal(acknowledgement{EnvelopeID: id})
	}
	return raw, err
}
