package slacksim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// authTest implements auth.test.
func (s *Server) authTest(*request) (object, *refusal) {
	answer := object{
		"url": "https://" + s.cfg.TeamDomain + ".slack.com/", "team": s.cfg.TeamName, "team_id": s.cfg.TeamID,
		"user": s.cfg.BotName, "user_id": s.bot, "bot_id": s.botID, "is_enterprise_install": false,
		"app_id": s.cfg.AppID,
	}
	if s.cfg.EnterpriseID != "" {
		answer["enterprise_id"] = s.cfg.EnterpriseID
	}
	return answer, nil
}

// botsInfo implements bots.info for the app's own bot.
func (s *Server) botsInfo(q *request) (object, *refusal) {
	if id := q.text("bot"); id != "" && id != s.botID {
		return nil, refuse("bot_not_found")
	}
	return object{"bot": object{
		"id": s.botID, "deleted": false, "name": s.cfg.BotName, "updated": 1700000000,
		"app_id": s.cfg.AppID, "user_id": s.bot, "icons": object{},
	}}, nil
}

// conversationsOpen implements conversations.open for direct messages and, with
// several users, group ones.
func (s *Server) conversationsOpen(q *request) (object, *refusal) {
	if id := q.text("channel"); id != "" {
		c := s.visible(id)
		if c == nil || !c.IM {
			return nil, refuse("channel_not_found")
		}
		return s.opened(q, c, true), nil
	}
	ids := strings.FieldsFunc(q.text("users"), func(r rune) bool { return r == ',' || r == ' ' })
	if len(ids) == 0 {
		return nil, refuse("users_list_not_supplied")
	}
	if len(ids) > 8 {
		return nil, refuse("too_many_users")
	}
	for _, id := range ids {
		u := s.user(id)
		switch {
		case u == nil:
			return nil, refuse("user_not_found")
		case u.Kind == Deactivated:
			return nil, refuse("user_disabled")
		case u.ID == s.bot:
			return nil, refuse("invalid_user_combination")
		case u.Kind == External && !s.sharesChannelWithBot(id):
			return nil, refuse("user_not_visible")
		}
	}
	if len(ids) > 1 {
		return s.openGroup(q, ids)
	}
	existed := s.dm(ids[0]) != nil
	return s.opened(q, s.openDM(ids[0]), existed), nil
}

// opened is the answer of conversations.open: the whole conversation with return_im,
// else only its id. The caller holds s.mu.
func (s *Server) opened(q *request, c *Channel, existed bool) object {
	answer := object{"channel": object{"id": c.ID}}
	if q.flag("return_im") {
		answer["channel"] = s.wireChannel(c)
	}
	if existed {
		answer["no_op"], answer["already_open"] = true, true
	}
	return answer
}

// openGroup opens the group direct message of the app and several people. The
// caller holds s.mu.
func (s *Server) openGroup(q *request, ids []string) (object, *refusal) {
	if refused := s.need(q, "mpim:write"); refused != nil {
		return nil, refused
	}
	members := append([]string{s.bot}, ids...)
	for _, c := range s.channels {
		if c.MPIM && len(c.Members) == len(members) && !slices.ContainsFunc(members, func(u string) bool { return !c.has(u) }) {
			return object{"channel": object{"id": c.ID}}, nil
		}
	}
	c := s.addChannel(Channel{MPIM: true, Private: true, Members: members, Name: "mpdm-" + strings.ToLower(strings.Join(ids, "--"))})
	return object{"channel": object{"id": c.ID}}, nil
}

// readable returns the conversation of a call that reads about it. The call needs the
// scope of its type. The caller holds s.mu.
func (s *Server) readable(q *request) (*Channel, *refusal) {
	c := s.channel(q.text("channel"))
	seen := c != nil && s.visible(c.ID) != nil
	if c == nil || !seen && !s.cfg.Unknown.ScopeFirst {
		return nil, refuse("channel_not_found")
	}
	if refused := s.need(q, c.readScope()); refused != nil {
		return nil, refused
	}
	if !seen {
		return nil, refuse("channel_not_found")
	}
	return c, nil
}

// conversationsInfo implements conversations.info.
func (s *Server) conversationsInfo(q *request) (object, *refusal) {
	c, refused := s.readable(q)
	if refused != nil {
		return nil, refused
	}
	wire := s.wireChannel(c)
	if q.flag("include_num_members") && !c.IM {
		wire["num_members"] = len(c.Members)
	}
	return object{"channel": wire}, nil
}

// conversationsMembers implements conversations.members, with cursors.
func (s *Server) conversationsMembers(q *request) (object, *refusal) {
	c, refused := s.readable(q)
	if refused != nil {
		return nil, refused
	}
	start, end, next, refused := q.page(len(c.Members))
	if refused != nil {
		return nil, refused
	}
	return object{
		"members":           strings2any(c.Members[start:end]),
		"response_metadata": object{"next_cursor": next},
	}, nil
}

// page cuts what limit and cursor ask for out of a list of that length; next is the
// cursor of the next page, empty on the last.
func (q *request) page(length int) (start, end int, next string, refused *refusal) {
	limit, _ := strconv.Atoi(q.text("limit"))
	if limit <= 0 {
		limit = 100
	}
	if cursor := q.text("cursor"); cursor != "" {
		var err error
		if start, err = strconv.Atoi(cursor); err != nil || start < 0 || start > length {
			return 0, 0, "", refuse("invalid_cursor")
		}
	}
	if end = min(start+limit, length); end < length {
		next = strconv.Itoa(end)
	}
	return start, end, next, nil
}

// conversationsList implements conversations.list: public channels, unless types says
// otherwise, and of the private ones those that the app is in.
// Source: https://docs.slack.dev/reference/methods/conversations.list
func (s *Server) conversationsList(q *request) (object, *refusal) {
	kinds := map[string]string{"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
	asked := map[string]bool{}
	for _, name := range strings.Split(cmp.Or(q.text("types"), "public_channel"), ",") {
		kind, ok := kinds[strings.TrimSpace(name)]
		if !ok {
			return nil, refuse("invalid_types")
		}
		asked[kind] = true
	}
	var listed []any
	for _, kind := range []string{"public", "private", "im", "mpim"} {
		if asked[kind] {
			if refused := s.need(q, readScopes[kind]); refused != nil {
				return nil, refused
			}
		}
	}
	for _, c := range s.channels {
		if asked[c.kind()] && s.visible(c.ID) != nil && !(c.Archived && q.flag("exclude_archived")) {
			listed = append(listed, s.wireChannel(c))
		}
	}
	start, end, next, refused := q.page(len(listed))
	if refused != nil {
		return nil, refused
	}
	return object{
		"channels":          append([]any{}, listed[start:end]...),
		"response_metadata": object{"next_cursor": next},
	}, nil
}

// usersInfo implements users.info.
func (s *Server) usersInfo(q *request) (object, *refusal) {
	u := s.user(q.text("user"))
	if u == nil {
		return nil, refuse("user_not_found")
	}
	wire := s.wireUser(u, s.need(q, "users:read.email") == nil)
	if q.flag("include_locale") && u.Kind != Deactivated {
		wire["locale"] = "en-GB"
	}
	return object{"user": wire}, nil
}

// usersLookupByEmail implements users.lookupByEmail, which finds active members
// only.
func (s *Server) usersLookupByEmail(q *request) (object, *refusal) {
	email := q.text("email")
	for _, u := range s.users {
		if email != "" && strings.EqualFold(u.Email, email) && u.Kind != Deactivated && u.Kind != External {
			return object{"user": s.wireUser(u, true)}, nil
		}
	}
	return nil, refuse("users_not_found")
}

// usergroupsList implements usergroups.list.
func (s *Server) usergroupsList(q *request) (object, *refusal) {
	list := []any{}
	for _, g := range s.groups {
		if g.Disabled && !q.flag("include_disabled") {
			continue
		}
		wire := object{
			"id": g.ID, "team_id": s.cfg.TeamID, "is_usergroup": true, "name": g.Name, "handle": g.Handle,
			"description": "", "is_external": false, "date_create": 1700000000, "date_update": 1700000000,
			"date_delete": 0, "prefs": object{"channels": []any{}, "groups": []any{}},
		}
		if g.Disabled {
			wire["date_delete"] = 1700000001
		}
		if q.flag("include_count") {
			wire["user_count"] = len(g.Members)
		}
		if q.flag("include_users") {
			wire["users"] = strings2any(g.Members)
		}
		list = append(list, wire)
	}
	return object{"usergroups": list}, nil
}

// usergroupsUsersList implements usergroups.users.list.
func (s *Server) usergroupsUsersList(q *request) (object, *refusal) {
	g := s.group(q.text("usergroup"))
	if g == nil || (g.Disabled && !q.flag("include_disabled")) {
		return nil, refuse("no_such_subteam")
	}
	return object{"users": strings2any(g.Members)}, nil
}

// strings2any returns strings as encoding/json decodes a list of them.
func strings2any(list []string) []any {
	anys := make([]any, len(list))
	for i, s := range list {
		anys[i] = s
	}
	return anys
}
