package slackapi_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/slackapi"
	"wfbot/bot/slacksim"
	"wfbot/workfront/secret"
)

// simulated is a client of a simulated Slack with a group, g, and a channel, c.
func simulated(t *testing.T, cfg slacksim.Config) (*slacksim.Server, *slackapi.Client) {
	t.Helper()
	s := slacksim.New(cfg)
	t.Cleanup(s.Close)
	if _, err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.AddUser(slacksim.User{ID: "U0ADA", Name: "ada", Email: "ada@acme.com"})
	s.AddGroup(slacksim.Group{ID: "S0IT", Handle: "it-managers", Members: []string{"U0ADA"}})
	s.AddGroup(slacksim.Group{ID: "S0NONE", Handle: "none"})
	s.AddChannel(slacksim.Channel{ID: "C0IT", Name: "it", Private: true, Members: []string{"U0ADA", s.BotUserID()}})
	return s, slackapi.New(slackapi.Config{Token: secret.Value(s.BotToken()), URL: s.APIURL(), Groups: []string{"S0IT"}})
}

func TestExamine(t *testing.T) {
	t.Parallel()
	_, client := simulated(t, slacksim.Config{Now: func() time.Time { return time.Now().Add(time.Hour) }})
	token, err := client.Examine(t.Context())
	if err != nil || token.TeamID != "T0ACME" || token.Team != "Acme" || token.Name != "wfbot" || token.AppID != "A0WFBOT" || token.Lacking(slacksim.DefaultBotScopes()) != nil {
		t.Errorf("%+v, %v", token, err)
	}
	if !token.ClockKnown || token.ClockOff > -59*time.Minute || token.ClockOff < -61*time.Minute {
		t.Errorf("the clock is off by %v, %t", token.ClockOff, token.ClockKnown)
	}
	if lacking := token.Lacking([]string{"commands", "files:read"}); !slices.Equal(lacking, []string{"files:read"}) {
		t.Errorf("lacking %q", lacking)
	}
	if lacking := (slackapi.Token{}).Lacking([]string{"commands"}); lacking != nil {
		t.Errorf("where Slack says nothing, %q is lacking", lacking)
	}

	// Without a scope it is known who the bot is; without a token that works it is not.
	few, client := simulated(t, slacksim.Config{BotScopes: []string{"chat:write"}})
	if token, err = client.Examine(t.Context()); !slackapi.Unusable(err) || !strings.Contains(err.Error(), "usergroups:read") || token.TeamID != "T0ACME" || token.AppID != "" {
		t.Errorf("without scopes: %+v, %v", token, err)
	}
	few.RevokeTokens()
	if token, err = client.Examine(t.Context()); !slackapi.Unusable(err) || token.UserID != "" {
		t.Errorf("without a token: %+v, %v", token, err)
	}
	few.Close()
	if _, err = client.Examine(t.Context()); err == nil || slackapi.Unusable(err) {
		t.Errorf("without Slack: %v", err)
	}
}

func TestNamesAndMembers(t *testing.T) {
	t.Parallel()
	_, client := simulated(t, slacksim.Config{})
	ctx := t.Context()
	same := func(what string, got []string, err error, want ...string) {
		t.Helper()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", what, got, err, want)
		}
	}
	got, err := client.GroupMembers(ctx, "S0IT")
	same("members", got, err, "U0ADA")
	got, err = client.GroupMembers(ctx, "S0NONE")
	same("an empty group", got, err)
	if _, err := client.GroupMembers(ctx, "S0NOWHERE"); !errors.Is(err, slackapi.ErrNoGroup) {
		t.Errorf("no group: %v", err)
	}
	got, err = client.GroupsNamed(ctx, "IT-Managers")
	same("a group by its handle", got, err, "S0IT")
	got, err = client.ChannelsNamed(ctx, "it")
	same("a channel by its name", got, err, "C0IT")
	got, err = client.ChannelsNamed(ctx, "nowhere")
	same("no channel", got, err)
	got, err = client.ChannelMembers(ctx, "C0IT")
	same("who is in a channel", got, err, "U0ADA", "U0WFBOT")
	if _, err := client.ChannelMembers(ctx, "C0NOWHERE"); slackapi.Code(err) != "channel_not_found" {
		t.Errorf("who is in no channel: %v", err)
	}
}
