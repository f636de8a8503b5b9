package sandbox

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/sandbox/render"
	"wfbot/bot/slacksim"
)

// screen is the page as one person sees it; templates draw it.
type screen struct {
	Token       string
	Spot        spot
	Live        string // address of the page's events
	People      []link
	Places      []link
	Tabs        []link // of the app; none elsewhere
	Place       place
	Steps       []step
	Next        []try // what to try next; none: a step is left
	Suggestions []suggestion
	Completions []completion
	Shortcuts   []shortcut
	Draft       string // what the composer holds at first
	Messages    []message
	Home        *home // instead of the messages; nil: they are shown
	Notice      string
	Modal       *modal // nil: none is open
	Accounts    []account
	Trail       trail
	Faults      []fault
	Trouble     []string // names of the faults that are on
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

// try is something to try after the steps.
type try struct {
	Text, To string
	Fill     string // command for the composer that is in view; empty: To leads there
}

// avatar stands for a picture.
type avatar struct {
	Bot      bool // wfbot, which has a picture
	Initials string
	Tone     int // 0 to 7
}

// where is the address of the page as somebody, somewhere.
func where(as, in string) string { return "/?" + url.Values{"as": {as}, "in": {in}}.Encode() }

// screen collects what the page shows at a spot.
func (p *page) screen(ctx context.Context, at spot) (screen, error) {
	me := at.Me
	viewer := p.viewer(me, time.Now())
	desk := p.atDesk(me.ID, nil)
	var requests []*request.Request
	trail := trail{Elsewhere: true}
	if p.store != nil {
		var err error
		if requests, err = p.store.Requests(ctx); err != nil {
			return screen{}, err
		}
		if trail, err = p.trail(ctx, at, viewer, requests); err != nil {
			return screen{}, err
		}
	}
	s := screen{
		Token: p.token, Spot: at, Place: p.place(at.In), Notice: desk.notice, Live: "/live?" + at.query(),
		Suggestions: p.world.suggestions, Shortcuts: p.world.shortcuts, Completions: p.completions(me),
		Steps: p.steps(at, p.progress(requests)), Messages: p.messages(at, viewer), Home: p.home(at, viewer),
		Modal: p.modal(at, viewer, desk.draft), Accounts: p.accounts(viewer), Trail: trail, Faults: p.faults.list(),
	}
	for _, f := range s.Faults {
		if f.On {
			s.Trouble = append(s.Trouble, f.Name)
		}
	}
	if !slices.ContainsFunc(s.Steps, func(one step) bool { return !one.Done }) {
		s.Next = p.next(at)
	}
	if i, err := strconv.Atoi(at.Draft); err == nil && i >= 0 && i < len(p.world.suggestions) {
		s.Draft = p.world.suggestions[i].Command
	} else if len(requests) == 0 && me.ID == requester {
		s.Draft = p.world.suggestions[0].Command
	}
	for _, one := range p.world.people {
		s.People = append(s.People, link{
			To: p.as(at, one).address(), Text: one.Name, Note: one.Role, Avatar: p.avatar(one.ID, one.Name), Current: one.ID == me.ID,
		})
	}
	for _, c := range p.places(me) {
		to := spot{Me: me, In: c, Request: at.Request}
		s.Places = append(s.Places, link{To: to.address(), Text: p.place(c).Name, Current: c.ID == at.In.ID})
	}
	if at.In.IM {
		home, messages := at, at
		home.Home, messages.Home = true, false
		s.Tabs = []link{{To: home.address(), Text: "Home", Current: at.Home}, {To: messages.address(), Text: "Messages", Current: !at.Home}}
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
		List: func(element map[string]any) []render.Option { return p.listed(me, element) },
	}
}

// listed is what a menu of people or conversations offers.
func (p *page) listed(me person, element map[string]any) []render.Option {
	var options []render.Option
	if kind, _ := element["type"].(string); strings.HasSuffix(kind, "users_select") {
		for _, u := range p.slack.Users() {
			if u.Kind != slacksim.Deactivated {
				options = append(options, option(u.ID, u.RealName))
			}
		}
		return options
	}
	for _, c := range p.slack.Conversations(me.ID, element) {
		options = append(options, option(c.ID, p.place(c).Name))
	}
	return options
}

func option(value, label string) render.Option {
	return render.Option{Value: value, Label: label, Text: render.Plain(label, false)}
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
		to.Name, to.About = "wfbot", "app"
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

// progress is how far a visitor has come.
type progress struct{ asked, approved, done bool }

// progress reads it from the requests or, where those are in another process, from
// what can be seen of them in Slack and Workfront.
func (p *page) progress(requests []*request.Request) (so progress) {
	if p.store == nil {
		changed := len(p.tenant.Changes()) > 0
		return progress{asked: len(p.slack.Messages(p.world.home)) > 0, approved: changed, done: changed}
	}
	for _, r := range requests {
		so.asked = true
		so.approved = so.approved || r.IsApproved()
		so.done = so.done || r.State == request.Done
	}
	return so
}

// steps are the three hints, with how far the visitor has come.
func (p *page) steps(at spot, so progress) []step {
	home := func(id string) string { return where(id, p.world.home) + "#conversation" }
	steps := []step{
		{Title: "Ask", Text: "Rita from IT support asks for it with a command. Press Send.", Done: so.asked, Be: "Play Rita", To: home(requester)},
		{Title: "Approve", Text: "Ada may approve it. Play Ada, and press Approve on the card.", Done: so.approved, Be: "Play Ada", To: home(approver)},
		{Title: "See the proof", Text: "Jane is inactive in Workfront, the card confirms it, and the audit trail tells who did what.", Done: so.done},
	}
	for i, id := range []string{requester, approver} {
		if at.Me.ID == id && at.In.ID == p.world.home {
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

// next are the things to try when the steps are done. Rita asks, since nobody
// approves what they asked for themselves.
func (p *page) next(at spot) []try {
	var tries []try
	for i, one := range p.world.suggestions {
		if !one.Next {
			continue
		}
		to := try{Text: one.Label, To: where(requester, p.world.home) + "&draft=" + strconv.Itoa(i) + "#text"}
		if at.Me.ID == requester && at.In.ID == p.world.home {
			to.Fill = one.Command
		}
		tries = append(tries, to)
	}
	return append(tries, try{Text: "Make something fail", To: "#faults"})
}
