package workfrontapi

import (
	"time"

	"wfbot/bot/loop"
)

// WriteFor is the deadline of the write. It is shorter than the lease that is
// renewed just before: while the write is under way nobody else has the request.
const WriteFor = 20 * time.Second

// ClearAfter is when a write that was sent then can arrive no more: its process
// may have been frozen until the end of its lease, and send it late.
func ClearAfter(sent time.Time) time.Time {
	if sent.IsZero() {
		return time.Time{}
	}
	return sent.Add(loop.LeaseFor + WriteFor)
}
