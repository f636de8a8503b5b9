package card_test

import (
	"strings"
	"testing"

	"wfbot/bot/card"
)

// A hidden card is one line about nobody, whoever it is about and however it stands.
func TestHiddenSaysNothing(t *testing.T) {
	t.Parallel()
	var line string
	for _, s := range scenes(t) {
		c := alone(s.r)
		c.Hidden = true
		text, blocks := card.Message(c, s.v)
		if line == "" {
			line = text
			golden(t, "hidden", map[string]any{"text": text, "blocks": blocks})
		}
		if text != line || len(blocks) != 1 {
			t.Errorf("%s: hidden, it says %s, with %d blocks", s.name, text, len(blocks))
		}
	}
	for name, c := range crews(t) {
		c.Hidden = true
		if text, blocks := card.Message(c.Card, c.v); text != line || len(blocks) != 1 {
			t.Errorf("%s: hidden, it says %s, with %d blocks", name, text, len(blocks))
		}
	}
}

// The requester is told that a card is hidden below what else there is to say, and which
// request it is about, once.
func TestHiddenNotice(t *testing.T) {
	t.Parallel()
	c := alone(found(t, 1).r)
	plain := card.Notice(c, permalink)
	c.Hidden = true
	notice := card.Notice(c, permalink)
	if !strings.HasPrefix(notice, plain+"\n") || !strings.Contains(notice, "shared with another organisation") {
		t.Errorf("the requester is told %q", notice)
	}
	c.TellRequester(c.News())
	if again := card.Notice(c, permalink); again != plain {
		t.Errorf("told, the requester is told %q", again)
	}
}
