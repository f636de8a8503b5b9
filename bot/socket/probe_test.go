package socket_test

import (
	"errors"
	"strings"
	"testing"

	"wfbot/bot/slacksim"
	"wfbot/bot/socket"
	"wfbot/workfront/secret"
)

// unconnected starts a simulated Slack with nothing connected to it.
func unconnected(t *testing.T, cfg slacksim.Config) *slacksim.Server {
	t.Helper()
	s := slacksim.New(cfg)
	t.Cleanup(s.Close)
	if _, err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestProbe(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why     string
		cfg     slacksim.Config
		mode    slacksim.SocketMode
		token   string // empty: the right one
		connect bool
		want    socket.Greeting
		remedy  string // of a FatalError; empty: none
		tooMany bool
	}{
		{why: "without a connection nothing is said"},
		{why: "the first connection", connect: true, want: socket.Greeting{Connections: 1, AppID: "A0WFBOT"}},
		{why: "others are there", mode: slacksim.SocketMode{Lingering: 4}, connect: true, want: socket.Greeting{Connections: 5, AppID: "A0WFBOT"}},
		{why: "a token that Slack does not know", token: "xapp-1-A0WFBOT-other", remedy: "SLACK_APP_TOKEN"},
		{why: "a bot token", token: slacksim.DefaultBotToken, remedy: "not to the bot token"},
		{why: "a token without its scope", cfg: slacksim.Config{AppScopes: []string{"authorizations:read"}}, remedy: "connections:write"},
		{why: "Socket Mode is off", mode: slacksim.SocketMode{Off: true}, remedy: "switch Socket Mode on"},
		{why: "Socket Mode is switched off meanwhile", mode: slacksim.SocketMode{NoHello: true, DisconnectAtOnce: "link_disabled"}, connect: true, remedy: "switch Socket Mode on"},
		{why: "one too many", mode: slacksim.SocketMode{NoHello: true, DisconnectAtOnce: "too_many_websockets"}, connect: true, tooMany: true},
	} {
		s := unconnected(t, tc.cfg)
		s.SetSocketMode(func(m *slacksim.SocketMode) { *m = tc.mode })
		token := tc.token
		if token == "" {
			token = s.AppToken()
		}
		got, err := socket.Probe(t.Context(), secret.Value(token), s.APIURL(), tc.connect)
		fatal, isFatal := errors.AsType[*socket.FatalError](err)
		switch {
		case tc.remedy != "" && (!isFatal || !strings.Contains(fatal.Remedy, tc.remedy)):
			t.Errorf("%s: %v, want a remedy with %q", tc.why, err, tc.remedy)
		case tc.tooMany != socket.TooMany(err), tc.remedy == "" && !tc.tooMany && err != nil:
			t.Errorf("%s: %v", tc.why, err)
		case got != tc.want:
			t.Errorf("%s: %+v, want %+v", tc.why, got, tc.want)
		}
		// What only looks leaves nothing behind.
		if err := s.WaitFor(t.Context(), func() bool { return len(s.Connections()) == 0 }); err != nil {
			t.Errorf("%s: %v", tc.why, err)
		}
	}
}
