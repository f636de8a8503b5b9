package card_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"wfbot/bot/card"
	"wfbot/bot/slacksim"
)

// TestSlackTakesEveryCard posts and updates every card, in ordinary and in
// extreme words, through the real client at the simulator, which refuses what
// Block Kit does not allow.
func TestSlackTakesEveryCard(t *testing.T) {
	t.Parallel()
	sim := slacksim.New(slacksim.Config{})
	if _, err := sim.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	channel := sim.AddChannel(slacksim.Channel{ID: "C1", Name: "it", Members: []string{sim.BotUserID()}}).ID
	api := slack.New(sim.BotToken(), slack.OptionAPIURL(sim.APIURL()))

	take := func(s scene) {
		t.Helper()
		text, blocks := card.Message(alone(s.r), s.v)
		options := []slack.MsgOption{slack.MsgOptionText(text, false), slack.MsgOptionBlocks(blocks...)}
		_, ts, err := api.PostMessageContext(t.Context(), channel, options...)
		if err != nil {
			t.Errorf("posting %s: %v", s.name, err)
			return
		}
		if _, _, _, err := api.UpdateMessageContext(t.Context(), channel, ts, options...); err != nil {
			t.Errorf("updating %s: %v", s.name, err)
		}
		if notice := card.Notice(alone(s.r), permalink); notice != "" {
			if _, _, err := api.PostMessageContext(t.Context(), channel, slack.MsgOptionText(notice, false)); err != nil {
				t.Errorf("telling of %s: %v", s.name, err)
			}
		}
	}
	for _, s := range scenes(t) {
		take(s)
	}
	for i, s := range scenes(t) {
		deface(s.r, func() string { return mark + nasty[i%len(nasty)] + nasty[len(nasty)-4] })
		s.r.Target.Admin = true
		take(crowd(s))
	}
}

// TestSlackTakesEveryCardOfSeveral posts and updates the cards through the real client.
func TestSlackTakesEveryCardOfSeveral(t *testing.T) {
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
		text, blocks := card.Message(c.Card, c.v)
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
