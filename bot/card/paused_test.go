package card_test

import (
	"slices"
	"testing"

	"wfbot/bot/request"
)

// A paused request that is tried again is shown as paused: if Workfront still turns
// wfbot away, the card is not painted once more.
func TestPausedWhileTriedAgain(t *testing.T) {
	t.Parallel()
	s := begun(t)
	s.do(s.r.Pause("Workfront refuses the credential.", false, after(8), after(6)))
	waiting := pressable(t, s.r, painted())
	look := s.r.Look
	s.do(s.r.Begin(after(9)))
	tried := pressable(t, s.r, painted())
	if s.r.State != request.Executing || s.r.Look != look {
		t.Fatalf("it is %s with look %d, want executing with %d", s.r.State, s.r.Look, look)
	}
	if !slices.Equal(tried, waiting) || len(waiting) < 2 {
		t.Errorf("buttons while it is tried %q, while it waits %q", tried, waiting)
	}
}
