package slacksim

import (
	"maps"
	"slices"
	"time"
)

// Call is one Web API call, or one use of a response_url, as the journal holds
// it. Tokens are never part of it.
type Call struct {
	Seq       int // counted over calls and envelopes together
	Method    string
	Args      map[string]any // JSON arguments decoded
	Bot       bool           // made with the bot token; else with the app token or none
	ArrivedAt time.Time
	// Applied: the method ran. A call that a fault or a drop kept from running
	// changed nothing.
	Applied    bool
	AnsweredAt time.Time // zero: not answered
	Status     int       // HTTP status of the answer; 0: none, or the connection was reset
	OK         bool      // the method ran and was not refused
	Error      string    // Slack's error code, if it ran and was refused
	Answer     map[string]any
	Faulted    bool // an injected fault took the place of the answer
}

// Envelope is one payload sent, or lost, over Socket Mode.
type Envelope struct {
	Seq          int
	ID           string // envelope_id
	Type         string // slash_commands, interactive, events_api
	Payload      map[string]any
	Accepts      bool // accepts_response_payload
	RetryAttempt int  // events only
	SentAt       time.Time
	Connection   int       // that delivered it; 0: none was there, or it was lost on purpose
	AckedAt      time.Time // zero: not acknowledged
	AckedBy      int       // connection of the acknowledgement
	AckPayload   map[string]any
	Late         bool // acknowledged after the deadline
	ExtraAcks    int  // further acknowledgements, ignored
}

// IgnoredAck is a frame of the client that Slack would accept and ignore.
type IgnoredAck struct {
	At         time.Time
	Connection int
	EnvelopeID string // if it could be read
	Bytes      int
	Reason     string
}

// Journal is everything that crossed the wire so far, oldest first.
type Journal struct {
	Calls     []Call
	Envelopes []Envelope
	Ignored   []IgnoredAck
}

// Journal returns a copy of the journal.
func (s *Server) Journal() Journal {
	return Journal{Calls: s.Calls(), Envelopes: s.Envelopes(), Ignored: s.IgnoredAcks()}
}

// Calls returns the Web API calls of the given methods, or all, oldest first.
func (s *Server) Calls(methods ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []Call
	for _, c := range s.calls {
		if len(methods) == 0 || slices.Contains(methods, c.Method) {
			calls = append(calls, c.clone())
		}
	}
	return calls
}

// Envelopes returns all envelopes, oldest first.
func (s *Server) Envelopes() []Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	envelopes := make([]Envelope, len(s.envelopes))
	for i, d := range s.envelopes {
		envelopes[i] = d.clone()
	}
	return envelopes
}

// IgnoredAcks returns the client's frames that had no effect, oldest first.
func (s *Server) IgnoredAcks() []IgnoredAck {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ignored)
}

// PostTimes returns when messages were posted to the channel by the app, by any
// route. Slack allows one a second and channel, with short bursts.
func (s *Server) PostTimes(channel string) []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	var times []time.Time
	for _, m := range s.messages[channel] {
		if m.BotID != "" {
			times = append(times, m.PostedAt)
		}
	}
	return times
}

// seq returns the next number of the journal. The caller holds s.mu.
func (s *Server) seq() int {
	s.serial++
	return s.serial
}

func (c *Call) clone() Call {
	copied := *c
	copied.Args = cloneObject(c.Args)
	copied.Answer = cloneObject(c.Answer)
	return copied
}

func (e *Envelope) clone() Envelope {
	copied := *e
	copied.Payload = cloneObject(e.Payload)
	copied.AckPayload = cloneObject(e.AckPayload)
	return copied
}

// cloneObject returns a deep copy of a decoded JSON object; nil stays nil.
func cloneObject(o object) object {
	if o == nil {
		return nil
	}
	return clone(o).(object)
}

// clone returns a deep copy of decoded JSON.
func clone(v any) any {
	switch v := v.(type) {
	case object:
		copied := maps.Clone(v)
		for key, value := range copied {
			copied[key] = clone(value)
		}
		return copied
	case []any:
		copied := slices.Clone(v)
		for i, value := range copied {
			copied[i] = clone(value)
		}
		return copied
	default:
		return v
	}
}
