package sandbox

import (
	"net/http"
	"net/url"
	"slices"

	"wfbot/bot/slacksim"
)

// spot is who looks at the page, and at what.
type spot struct {
	Me      person
	In      slacksim.Channel
	Home    bool   // the app's Home tab instead of its messages, which In is
	Request string // whose audit trail is shown; empty: all of it
	Draft   string // number of the suggestion that the composer holds at first; empty: none. Links do not keep it
}

// query is the spot as the address of the page has it.
func (s spot) query() string {
	values := url.Values{"as": {s.Me.ID}, "in": {s.In.ID}}
	if s.Home {
		values.Set("tab", "home")
	}
	if s.Request != "" {
		values.Set("request", s.Request)
	}
	return values.Encode()
}

// address is that of the page for the spot.
func (s spot) address() string { return "/?" + s.query() }

// at returns the spot that a request names: people and conversations that are not
// there become the first ones.
func (p *page) at(r *http.Request) spot {
	me, ok := p.world.person(r.FormValue("as"))
	if !ok {
		me = p.world.people[0]
	}
	s := p.spot(me, r.FormValue("in"))
	s.Home = r.FormValue("tab") == "home" && s.In.IM
	s.Request, s.Draft = r.FormValue("request"), r.FormValue("draft")
	return s
}

// spot is somebody in that conversation or, where they are not in it, in the one
// that is shown first or the first one that they are in.
func (p *page) spot(me person, in string) spot {
	places := p.places(me)
	for _, id := range []string{in, p.world.home} {
		if i := slices.IndexFunc(places, func(c slacksim.Channel) bool { return c.ID == id }); i >= 0 {
			return spot{Me: me, In: places[i]}
		}
	}
	return spot{Me: me, In: places[0]}
}

// as is the same spot for somebody else: everybody has an app of their own.
func (p *page) as(s spot, them person) spot {
	in := s.In.ID
	if s.In.IM {
		in = p.slack.DM(them.ID)
	}
	to := p.spot(them, in)
	to.Home, to.Request = s.Home && to.In.IM, s.Request
	return to
}

// places returns the conversations that somebody is in. Everybody is in one.
func (p *page) places(me person) []slacksim.Channel {
	var in []slacksim.Channel
	for _, c := range p.slack.Channels() {
		if slices.Contains(c.Members, me.ID) {
			in = append(in, c)
		}
	}
	return in
}
