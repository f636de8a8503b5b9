package bot_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"wfbot/bot/slacksim"
	"wfbot/bot/store"
)

var headPattern = regexp.MustCompile(`-head .?(\d+:[0-9a-f]{64})`)

// The head of the audit trail goes into the log each day and to the operations channel
// each week, where nobody who can write to the database can change it: also over
// restarts, and later when the channel cannot be told.
func TestHeadIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.OpsChannel = w.AddChannel(slacksim.Channel{Name: "wfbot-ops", Members: []string{w.BotUserID()}}).ID
	logged := func() int { return strings.Count(w.log.String(), `msg="the head of the audit trail"`) }
	w.start()
	w.waitFor("the bot is known", func() bool { return len(w.trail()) >= 2 })
	w.clock.Skip(25 * time.Hour)
	w.waitFor("a head in the log", func() bool { return logged() > 0 })
	w.stop()
	if n := len(w.Messages(w.config.OpsChannel)); n != 0 {
		t.Errorf("the channel was told %d times in the first days", n)
	}
	before := logged()
	w.Inject(slacksim.Fault{Method: "chat.postMessage", Answer: slacksim.ErrorCode("is_archived")})
	w.clock.Skip(7 * 24 * time.Hour)
	w.start()
	w.waitFor("another head in the log", func() bool { return logged() > before })
	w.waitFor("the channel cannot be told", func() bool { return strings.Contains(w.log.String(), "the operator's channel could not be told") })
	w.clock.Skip(61 * time.Minute)
	said := headPattern.FindStringSubmatch(w.Channel(w.config.OpsChannel).ExpectMessage("The audit trail has").Now().Text)
	if said == nil {
		t.Fatal("no head was said")
	}
	trail := w.trail()
	found := false
	for _, e := range trail {
		found = found || store.Head{Seq: e.Seq, Hash: e.Hash}.String() == said[1]
	}
	if !found {
		t.Errorf("the head that was said, %s, is that of no entry", said[1])
	}
}
