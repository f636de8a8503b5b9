package slacksim_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"wfbot/bot/slacksim"
)

func TestPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	ctx := t.Context()
	gone := w.AddUser(slacksim.User{Name: "gone", Email: "gone@acme.com", Kind: slacksim.Deactivated}).ID
	stranger := w.AddUser(slacksim.User{Name: "stranger", Kind: slacksim.External}).ID
	type facts struct{ Deleted, Bot, Restricted, UltraRestricted, Stranger, OtherTeam bool }
	for id, want := range map[string]facts{
		w.jane:        {},
		gone:          {Deleted: true},
		w.BotUserID(): {Bot: true},
		w.guest:       {Restricted: true, UltraRestricted: true},
		w.partner:     {OtherTeam: true},
		stranger:      {OtherTeam: true, Stranger: true},
	} {
		u, err := w.api.GetUserInfoContext(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		got := facts{u.Deleted, u.IsBot, u.IsRestricted, u.IsUltraRestricted, u.IsStranger, u.TeamID != w.TeamID()}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	if _, err := w.api.GetUserInfoContext(ctx, "U0NONE"); errorOf(err) != "user_not_found" {
		t.Errorf("unknown user: %v", err)
	}
	if u, err := w.api.GetUserByEmailContext(ctx, "JANE@acme.com"); err != nil || u.ID != w.jane {
		t.Errorf("by e-mail: %v", err)
	}
	for _, email := range []string{"nobody@acme.com", "gone@acme.com"} {
		if _, err := w.api.GetUserByEmailContext(ctx, email); errorOf(err) != "users_not_found" {
			t.Errorf("%s: %v", email, err)
		}
	}
	if _, _, _, err := w.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{gone}}); errorOf(err) != "user_disabled" {
		t.Errorf("direct message to a deactivated person: %v", err)
	}
	dm, _, _, err := w.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{w.jane}})
	if err != nil || dm.ID != w.DM(w.jane) {
		t.Errorf("direct message: %+v, %v", dm, err)
	}
}

func TestGroupsAndChannels(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	ctx := t.Context()
	group := w.AddGroup(slacksim.Group{Handle: "it-managers", Members: []string{w.mary}}).ID
	members, err := w.api.GetUserGroupMembersContext(ctx, group)
	if err != nil || !slices.Equal(members, []string{w.mary}) {
		t.Errorf("members = %v, %v", members, err)
	}
	w.SetGroupMembers(group, w.jane, w.mary)
	groups, err := w.api.GetUserGroupsContext(ctx, slack.GetUserGroupsOptionIncludeUsers(true))
	if err != nil || len(groups) != 1 || groups[0].Handle != "it-managers" || len(groups[0].Users) != 2 {
		t.Errorf("groups = %+v, %v", groups, err)
	}
	if _, err := w.api.GetUserGroupMembersContext(ctx, "S0NONE"); errorOf(err) != "no_such_subteam" {
		t.Errorf("unknown group: %v", err)
	}
	w.UpdateChannel(w.it, func(c *slacksim.Channel) { c.SharePending = true })
	invited, err := w.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: w.it})
	if err != nil || !invited.IsPendingExtShared || invited.IsExtShared || invited.IsShared || len(invited.PendingShared) != 1 || len(invited.SharedTeamIDs) != 1 {
		t.Errorf("channel to which others are invited = %+v, %v", invited, err)
	}
	w.UpdateChannel(w.it, func(c *slacksim.Channel) { c.SharePending, c.ExternallyShared = false, true })
	c, err := w.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: w.it})
	if err != nil || !c.IsExtShared || c.IsPendingExtShared || len(c.SharedTeamIDs) != 2 || !c.IsMember || c.Name != "it" {
		t.Errorf("channel = %+v, %v", c, err)
	}
	dm, _, _, err := w.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{w.jane}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: dm.ID}); errorOf(err) != "missing_scope" {
		t.Errorf("direct message without im:read: %v", err)
	}
	all, _, err := w.api.GetUsersInConversationContext(ctx, &slack.GetUsersInConversationParameters{ChannelID: w.it, Limit: 2})
	if err != nil || len(all) != 2 {
		t.Errorf("page of members = %v, %v", all, err)
	}
	_, ts, err := w.api.PostMessageContext(ctx, w.it, slack.MsgOptionText("x", false))
	if err != nil {
		t.Fatal(err)
	}
	link, err := w.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: w.it, Ts: ts})
	if err != nil || link != "https://acme.slack.com/archives/C0IT/p"+strings.ReplaceAll(ts, ".", "") {
		t.Errorf("permalink = %s, %v", link, err)
	}
	if bot, err := w.api.GetBotInfoContext(ctx, slack.GetBotInfoParameters{}); err != nil || bot.UserID != w.BotUserID() {
		t.Errorf("bot = %+v, %v", bot, err)
	}
}

func TestOpenedConversationInFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	short := call(t, w, "conversations.open", map[string]any{"users": w.jane})
	id := short["channel"].(map[string]any)["id"].(string)
	for _, args := range []map[string]any{{"users": w.jane, "return_im": true}, {"channel": id, "return_im": true}} {
		full := call(t, w, "conversations.open", args)
		same(t, "person", at(t, full, "channel", "user"), `"U0JANE"`)
		same(t, "id", at(t, full, "channel", "id"), `"`+id+`"`)
		same(t, "already_open", at(t, full, "already_open"), "true")
	}
	if got := at(t, short, "channel", "user"); got != "absent" {
		t.Errorf("without return_im the answer has the user %s", got)
	}
}

func TestMembersThatMustBeAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	w.AddGroup(slacksim.Group{Handle: "it", Members: []string{w.mary}})
	for _, row := range []struct {
		method, argument, value, include string
		path                             []any
		want                             string
	}{
		{"users.info", "user", w.jane, "include_locale", []any{"user", "locale"}, `"en-GB"`},
		{"users.lookupByEmail", "email", "jane@acme.com", "", []any{"user", "locale"}, "absent"},
		{"conversations.info", "channel", w.it, "include_num_members", []any{"channel", "num_members"}, "5"},
		{"usergroups.list", "", "", "include_count", []any{"usergroups", 0, "user_count"}, "1"},
		{"usergroups.list", "", "", "include_users", []any{"usergroups", 0, "users"}, `["U0MARY"]`},
	} {
		args := map[string]any{row.argument: row.value}
		if got := at(t, call(t, w, row.method, args), row.path...); got != "absent" {
			t.Errorf("%s: %v = %s without %s", row.method, row.path, got, row.include)
		}
		args[row.include] = true
		if got := at(t, call(t, w, row.method, args), row.path...); got != row.want {
			t.Errorf("%s with %s: %v = %s, want %s", row.method, row.include, row.path, got, row.want)
		}
	}
}

// What users.info says of a person on Enterprise Grid, under either of their ids, and
// of one who has authorised the app.
func TestPeopleOnGrid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{EnterpriseID: "E0ACME"})
	w.UpdateUser(w.jane, func(u *slacksim.User) { u.OrgID, u.Teams, u.AppUser = "W0JANE", []string{"T1", "T2"}, true })
	for _, id := range []string{w.jane, "W0JANE"} {
		u, err := w.api.GetUserInfoContext(t.Context(), id)
		if err != nil || u.ID != w.jane || u.Enterprise.ID != "W0JANE" || !slices.Equal(u.Enterprise.Teams, []string{"T1", "T2"}) || !u.IsAppUser || u.IsBot {
			t.Errorf("%s: %+v, %v", id, u, err)
		}
	}
	if u, err := w.api.GetUserInfoContext(t.Context(), w.mary); err != nil || u.Enterprise.ID != w.mary || u.IsAppUser {
		t.Errorf("without an id of the organisation: %+v, %v", u, err)
	}
}

// The scope that conversations.info takes depends on the type of the conversation,
// and may be taken away.
func TestScopesByTypeOfConversation(t *testing.T) {
	t.Parallel()
	for _, first := range []bool{false, true} {
		w := newWorld(t, slacksim.Config{Unknown: slacksim.Unknown{ScopeFirst: first}})
		group := w.AddChannel(slacksim.Channel{MPIM: true, Members: []string{w.BotUserID(), w.jane, w.mary}}).ID
		others := w.AddChannel(slacksim.Channel{MPIM: true, Members: []string{w.jane, w.mary}}).ID
		ask := func(id string) string {
			_, err := w.api.GetConversationInfoContext(t.Context(), &slack.GetConversationInfoInput{ChannelID: id})
			if err == nil {
				return ""
			}
			return errorOf(err)
		}
		want := map[string]string{w.it: "", group: "missing_scope", others: "channel_not_found"}
		if first {
			want[others] = "missing_scope"
		}
		for id, code := range want {
			if got := ask(id); got != code {
				t.Errorf("%s: %q, want %q", id, got, code)
			}
		}
		now := w.ConvertGroup(group, "was-a-group")
		if got := ask(group); got != "channel_not_found" {
			t.Errorf("the id of before: %q", got)
		}
		if got := ask(now); got != "" {
			t.Errorf("the id of now: %q", got)
		}
		w.MakePrivate(w.it)
		w.SetBotScopes("channels:read")
		if got := ask(w.it); got != "missing_scope" {
			t.Errorf("a private channel without its scope: %q", got)
		}
	}
}
