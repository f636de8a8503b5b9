package card_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"pgregory.net/rapid"

	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
)

// vast is a batch of as many people as there may be, each standing as one in
// everything does, with everything as long as it gets.
func vast(t *testing.T, text func() string, change ...func(*request.Request)) crew {
	t.Helper()
	c := everything(t, change...)
	some := c.b.Requests
	c.b.Requests = nil
	for i := range request.MaxPeople {
		r := *some[(i+2)%len(some)]
		r.Decisions = slices.Clone(r.Decisions)
		r.ID = fmt.Sprintf("%s-%d", strings.Repeat("b", 26), i+1)
		if r.State != request.Received && r.State != request.Rejected {
			r.Target.ID, r.Target.Admin, r.Manager.ID = "5f1c", true, fmt.Sprintf("M%031d", i)
			r.Holdings = []request.Holding{{Kind: "tasks", Count: 123456}, {Kind: "reports", Trouble: "no"}}
		}
		deface(&r, text)
		c.b.Requests = append(c.b.Requests, &r)
	}
	c.b.ID, c.b.Reason, c.b.Requester.Name = strings.Repeat("b", 26), text(), text()
	for i := range 60 {
		c.v.Approvers.Users = append(slices.Clip(c.v.Approvers.Users), fmt.Sprintf("U%031d", i))
		c.v.Approvers.Groups = append(slices.Clip(c.v.Approvers.Groups), fmt.Sprintf("S%031d", i))
	}
	c.v.StopWindow = 100*time.Hour + time.Second
	return c
}

// sayings are the private words about a batch.
func sayings(c crew) map[string]string {
	var left []card.Left
	for _, r := range c.b.Requests {
		for _, why := range []request.Refusal{request.RefusedNotOpen, request.RefusedNotApprover, request.RefusedOwnAccount} {
			left = append(left, card.Left{Request: r, Why: why})
		}
	}
	return map[string]string{
		"notice":   card.BatchNotice(c.b, permalink),
		"reminder": card.BatchReminder(c.b, c.v),
		"answer":   card.BatchAnswer(request.Approve, c.b.Requests, left),
	}
}

// ended makes everybody's request end, so that the notice is about the outcome.
func (c crew) ended() crew {
	for _, r := range c.b.Requests {
		if !r.State.Ended() {
			r.State = request.Failed
		}
	}
	return c
}

func checkSayings(t rapid.TB, c crew) {
	t.Helper()
	for what, words := range sayings(c) {
		if n := units(words); n == 0 || n > 4000 {
			t.Errorf("%s has %d characters", what, n)
		}
	}
}

// TestBatchLimits: fifty people with the longest names fit into one card, whatever
// happened to them, and into what is said about them.
func TestBatchLimits(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		strings.Repeat("n", 500), strings.Repeat("&", 500), strings.Repeat("😀", 500), strings.Repeat("م", 500), strings.Repeat("a.b ", 125),
	} {
		for _, ended := range []bool{false, true} {
			c := vast(t, func() string { return mark + text })
			if ended {
				c = c.ended()
			}
			words, blocks := card.BatchMessage(c.b, c.v)
			checkMessage(t, words, blocks)
			checkSayings(t, c)
			for _, kind := range []request.DecisionKind{request.Deny, request.Cancel} {
				checkForm(t, card.BatchForm(kind, c.b, "3ffffffffffff", c.b.Requests, "UANNA"))
			}
			if n := strings.Count(words, "\n"); n < 5 {
				t.Errorf("the text names %d people: %s", n, words)
			}
		}
	}
}

// TestBatchOutsideTextChangesNothingButItself is as for one person.
func TestBatchOutsideTextChangesNothingButItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		texts, n := rapid.SliceOfN(outsideText(), 1, 8).Draw(rt, "texts"), 0
		hostile := vast(t, func() string { n++; return texts[n%len(texts)] })
		ordinary := vast(t, func() string { return "plain" })
		if rapid.Bool().Draw(rt, "ended") {
			hostile, ordinary = hostile.ended(), ordinary.ended()
		}
		_, wantBlocks := card.BatchMessage(ordinary.b, ordinary.v)
		text, blocks := card.BatchMessage(hostile.b, hostile.v)
		checkMessage(rt, text, blocks)
		checkSayings(rt, hostile)
		if diff := cmp.Diff(ownWords(rt, wantBlocks), ownWords(rt, blocks)); diff != "" {
			rt.Errorf("our own words (-plain +hostile):\n%s", diff)
		}
		// How many lines fit depends on their length; what each does must not.
		for what, words := range sayings(hostile) {
			if strings.Contains(codeSpan.ReplaceAllString(words, ""), "<!channel>") {
				rt.Errorf("%s notifies a channel: %s", what, words)
			}
			for _, found := range control.FindAllString(words, -1) {
				if !strings.HasPrefix(found, "<@") && !strings.HasPrefix(found, "<!subteam^") && !strings.HasPrefix(found, "<!date^17") &&
					!strings.HasPrefix(found, "<#C1>") && !strings.HasPrefix(found, "<"+strings.ReplaceAll(permalink, "&", "&amp;")) || strings.Contains(found, "EVIL") {
					rt.Errorf("%s has %s", what, found)
				}
			}
		}
	})
}

// TestSlackTakesEveryBatch posts and updates the cards through the real client.
func TestSlackTakesEveryBatch(t *testing.T) {
	t.Parallel()
	sim := slacksim.New(slacksim.Config{})
	if _, err := sim.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	channel := sim.AddChannel(slacksim.Channel{ID: "C1", Name: "it", Members: []string{sim.BotUserID()}}).ID
	api := slack.New(sim.BotToken(), slack.OptionAPIURL(sim.APIURL()))
	all := crews(t)
	for i, text := range []string{strings.Repeat("n", 500), strings.Repeat("<&>", 170), nasty[0]} {
		all[fmt.Sprintf("vast %d", i)] = vast(t, func() string { return text })
		all[fmt.Sprintf("vast ended %d", i)] = vast(t, func() string { return text }).ended()
	}
	for name := range maps.Keys(all) {
		c := all[name]
		text, blocks := card.BatchMessage(c.b, c.v)
		options := []slack.MsgOption{slack.MsgOptionText(text, false), slack.MsgOptionBlocks(blocks...)}
		_, ts, err := api.PostMessageContext(t.Context(), channel, options...)
		if err != nil {
			t.Errorf("posting %s: %v", name, err)
			continue
		}
		if _, _, _, err := api.UpdateMessageContext(t.Context(), channel, ts, options...); err != nil {
			t.Errorf("updating %s: %v", name, err)
		}
		for what, words := range sayings(c) {
			if _, _, err := api.PostMessageContext(t.Context(), channel, slack.MsgOptionText(words, false)); err != nil {
				t.Errorf("%s of %s: %v", what, name, err)
			}
		}
	}
}
