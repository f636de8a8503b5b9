// Package secret holds the one type that tokens, keys and passwords have in the program.
package secret

import "log/slog"

// redacted is what a Value shows to anything that prints it.
const redacted = "REDACTED"

// Value is a secret. It prints, logs and marshals as REDACTED; only Reveal
// gives the text itself. The zero value is "no secret" and prints as the empty
// string, so that a log can still tell a missing secret from a present one.
//
// Package fmt calls no methods of fields that are not exported: a struct that
// keeps a Value in one must not be printed, or needs a String method of its own.
type Value string

// Reveal returns the secret's text. Call it where the secret leaves the process
// (a header, a request body) and nowhere else.
func (v Value) Reveal() string { return string(v) }

// String implements fmt.Stringer.
func (v Value) String() string {
	if v == "" {
		return ""
	}
	return redacted
}

// GoString implements fmt.GoStringer, which %#v uses.
func (v Value) GoString() string { return `"` + v.String() + `"` }

// LogValue implements slog.LogValuer.
func (v Value) LogValue() slog.Value { return slog.StringValue(v.String()) }

// MarshalText implements encoding.TextMarshaler, which JSON encoders use.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }
