package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/sandbox/render"
	"wfbot/bot/slacksim"
)

// screen is the page as one person sees it; templates draw it.
type screen struct {
	Token       string
	Me          person
	Live        string // address of the page's events
	People      []link
	Places      []link
	Place       place
	Steps       []step
	Suggestions []suggestion
	Draft       string // what the composer holds at first
	Messages    []message
	Notice      string
	Modal       *modal // nil: none is open
	Accounts    []account
	Trail       trail
}

// link leads to the page as somebody, somewhere.
type link struct {
	To, Text, Note string
	Avatar         avatar
	Current        bool
}

// place is the conversation in view.
type place struct {
	ID, Name, About string
}

// step is one of the three hints for a newcomer.
type step struct {
	Title, Text   string
	To, Be        string // link to the person who can do it; empty: already them
	Done, Current bool
}

// avatar stands for a picture.
type avatar struct {
	Bot      bool // wfbot, which has a picture
	Initials string
	Tone     int // 0 to 7
}

// where is the address of the page as somebody, somewhere.
func where(as, in string) string { return "/?" + url.Values{"as": {as}, "in": {in}}.Encode() }

// screen collects what the page shows for a request.
func (p *page) screen(r *http.Request) (screen, error) {
	me, in := p.who(r)
	now := time.Now()
	viewer := p.viewer(me, now)
	at := p.atDesk(me.ID, nil)
	requests, err := p.store.Requests(r.Context())
	if err != nil {
		return screen{}, err
	}
	trail, err := p.trail(r.Context(), viewer)
	if err != nil {
		return screen{}, err
	}
	s := screen{
		Token: p.token, Me: me, Place: p.place(in), Notice: at.notice, Suggestions: p.world.suggestions,
		Live:  "/live?" + url.Values{"as": {me.ID}, "in": {in.ID}}.Encode(),
		Steps: p.steps(me, requests), Messages: p.messages(me, in, viewer),
		Modal: p.modal(me, in, viewer, at.draft), Accounts: p.accounts(viewer), Trail: trail,
	}
	if len(requests) == 0 && me.ID == requester {
		s.Draft = p.world.suggestions[0].Command
	}
	for _, one := range p.world.people {
		s.People = append(s.People, link{
			To: where(one.ID, in.ID), Text: one.Name, Note: one.Role, Avatar: p.avatar(one.ID, one.Name), Current: one.ID == me.ID,
		})
	}
	for _, c := range p.places(me) {
		to := p.place(c)
		s.Places = append(s.Places, link{To: where(me.ID, c.ID), Text: to.Name, Current: c.ID == in.ID})
	}
	return s, nil
}

// viewer is me for the renderer.
func (p *page) viewer(me person, now time.Time) render.Viewer {
	user, _ := p.slack.User(me.ID)
	location, err := time.LoadLocation(user.TZ)
	if err != nil {
		location = time.UTC
	}
	return render.Viewer{
		ID: me.ID, Location: location, Now: now, User: p.userName, Channel: p.channelName,
		Group: func(id string) (string, bool) {
			groups := p.slack.Groups()
			i := slices.IndexFunc(groups, func(g slacksim.Group) bool { return g.ID == id })
			if i < 0 {
				return "", false
			}
			return groups[i].Handle, true
		},
		Link: func(address string) (string, bool) { return messageLink(me, address) },
	}
}

func (p *page) userName(id string) (string, bool) {
	switch id {
	case slacksim.FromSlack:
		return "Slackbot", true
	case p.slack.BotUserID():
		return "wfbot", true
	}
	u, ok := p.slack.User(id)
	return u.RealName, ok
}

func (p *page) channelName(id string) (string, bool) {
	for _, c := range p.slack.Channels() {
		if c.ID == id {
			return c.Name, true
		}
	}
	return "", false
}

// messageLink turns the address of a message in the workspace into its place on
// the page.
func messageLink(me person, address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || !strings.HasSuffix(u.Host, ".slack.com") {
		return "", false
	}
	channel, ts, ok := strings.Cut(strings.TrimPrefix(u.Path, "/archives/"), "/p")
	if !ok || len(ts) < 7 {
		return "", false
	}
	micros := len(ts) - 6
	return where(me.ID, channel) + "#" + messageID(ts[:micros]+"."+ts[micros:]), true
}

// avatar gives everybody a colour of their own.
func (p *page) avatar(id, name string) avatar {
	a := avatar{Bot: id == p.slack.BotUserID()}
	for _, word := range strings.Fields(name) {
		a.Initials += string([]rune(word)[:1])
	}
	for i, one := range p.world.people {
		if one.ID == id {
			a.Tone = i % 8
		}
	}
	return a
}

// place says what a conversation is.
func (p *page) place(c slacksim.Channel) place {
	to := place{ID: c.ID, Name: "# " + c.Name}
	botIn := slices.Contains(c.Members, p.slack.BotUserID())
	people := len(c.Members)
	if botIn {
		people--
	}
	switch {
	case c.IM:
		to.Name, to.About = "wfbot", "direct messages of the app"
		return to
	case c.ExternallyShared:
		to.About = fmt.Sprintf("shared with another company · %d people", people)
	case c.Private:
		to.About = fmt.Sprintf("private · %d people", people)
	default:
		to.About = fmt.Sprintf("public · %d people", people)
	}
	if botIn {
		to.About += " and wfbot"
	}
	return to
}

// steps are the three hints, with how far the visitor has come.
func (p *page) steps(me person, requests []*request.Request) []step {
	var approved, done bool
	for _, r := range requests {
		approved = approved || r.IsApproved()
		done = done || r.State == request.Done
	}
	home := func(id string) string { return where(id, p.world.home) }
	steps := []step{
		{Title: "Ask", Text: "Rita from IT support types the command. Press Send.", Done: len(requests) > 0, Be: "Be Rita", To: home(requester)},
		{Title: "Approve", Text: "Ada may approve. Become her and press Approve on the card.", Done: approved, Be: "Be Ada", To: home(approver)},
		{Title: "See the proof", Text: "Jane is inactive in Workfront, the card says so, and the audit trail says who did what.", Done: done},
	}
	for i, id := range []string{requester, approver} {
		if me.ID == id {
			steps[i].Be, steps[i].To = "", ""
		}
	}
	for i := range steps {
		if !steps[i].Done {
			steps[i].Current = true
			break
		}
	}
	return steps
}
