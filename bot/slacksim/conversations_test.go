package slacksim_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"wfbot/bot/slacksim"
)

func TestConversationsList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.AddChannel(slacksim.Channel{ID: "C0OPEN", Name: "open"})
	w.AddChannel(slacksim.Channel{ID: "C0OLD", Name: "old", Archived: true})
	w.AddChannel(slacksim.Channel{ID: "C0CLOSED", Name: "closed", Private: true, Members: []string{w.jane}})
	w.AddChannel(slacksim.Channel{ID: "C0MINE", Name: "mine", Private: true, Members: []string{w.BotUserID()}})
	list := func(of slack.GetConversationsParameters) (ids []string, err error) {
		for {
			page, next, err := w.api.GetConversationsContext(t.Context(), &of)
			for _, c := range page {
				ids = append(ids, c.ID)
			}
			if err != nil || next == "" {
				return ids, err
			}
			of.Cursor = next
		}
	}
	both := []string{"public_channel", "private_channel"}
	for _, tc := range []struct {
		why  string
		of   slack.GetConversationsParameters
		want []string
	}{
		{"public ones by default, old ones too", slack.GetConversationsParameters{}, []string{"C0IT", "C0OTHER", "C0OPEN", "C0OLD"}},
		{"of the private ones those that the app is in, page by page", slack.GetConversationsParameters{Types: both, ExcludeArchived: true, Limit: 1}, []string{"C0IT", "C0PRIV", "C0OTHER", "C0OPEN", "C0MINE"}},
	} {
		if got, err := list(tc.of); err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, %v, want %q", tc.why, got, err, tc.want)
		}
	}
	if _, err := list(slack.GetConversationsParameters{Types: []string{"im"}}); errorOf(err) != "missing_scope" {
		t.Errorf("direct messages without im:read: %v", err)
	}
	if _, err := list(slack.GetConversationsParameters{Types: []string{"secret"}}); errorOf(err) != "invalid_types" {
		t.Errorf("unknown types: %v", err)
	}
}

func TestSocketModeOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.SetSocketMode(func(m *slacksim.SocketMode) { m.Off = true })
	api := slack.New("", slack.OptionAppLevelToken(w.AppToken()), slack.OptionAPIURL(w.APIURL()))
	if _, _, err := api.StartSocketModeContext(t.Context()); errorOf(err) != "socket_mode_not_enabled" {
		t.Errorf("opening: %v", err)
	}
}

// Answers say what time it is in Slack.
func TestDate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
	w := newWorld(t, slacksim.Config{Now: func() time.Time { return now }})
	answer, err := w.api.AuthTestContext(t.Context())
	if at, wrong := http.ParseTime(answer.Header.Get("Date")); err != nil || wrong != nil || !at.Equal(now) {
		t.Errorf("date %v, %v, %v, want %v", at, wrong, err, now)
	}
}
