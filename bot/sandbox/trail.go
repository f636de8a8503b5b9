package sandbox

import (
	"cmp"
	"context"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/sandbox/render"
	"wfbot/bot/store"
)

// shownEntries is how many entries of the audit trail the page shows.
const shownEntries = 100

// shownRequests is how many links above the entries are unfolded: that to all
// requests, and to the one that is shown alone and the newest.
const shownRequests = 3

// trail is the end of the audit trail, newest entry first.
type trail struct {
	// Elsewhere: it is in the database of a bot that is another process.
	Elsewhere bool
	Count     int64
	Fault     string // empty: the chain of hashes is in order
	Requests  []link // to show all, or one request alone; none: nobody has asked for anything
	Older     []link // the same, to the requests that would crowd out the entries
	About     string // the request that is shown alone; empty: all are shown
	Entries   []entry
}

// entry is one entry of the audit trail.
type entry struct {
	ID, Time, Stamp string
	Seq             int64
	Actor, Kind     string
	Details         []detail
	Hash            string
}

type detail struct {
	Name  string
	Value template.HTML
}

// trail reads and checks the audit trail.
func (p *page) trail(ctx context.Context, at spot, viewer render.Viewer, requests []*request.Request) (trail, error) {
	found, fault := p.store.VerifyTrail(ctx)
	if ctx.Err() != nil {
		return trail{}, ctx.Err()
	}
	count := found.Entries
	t := trail{Count: count}
	if fault != nil {
		t.Fault = fault.Error()
	}
	t.Requests, t.About = p.choices(at, requests)
	if len(t.Requests) > shownRequests {
		t.Requests, t.Older = t.Requests[:shownRequests], t.Requests[shownRequests:]
	}
	from := max(0, count-shownEntries)
	if t.About != "" {
		from = 0 // one request has few entries, which may be old
	}
	entries, err := p.store.Trail(ctx, from, int(count-from))
	if err != nil {
		return trail{}, err
	}
	for _, e := range slices.Backward(entries) {
		if t.About == "" || e.RequestID == at.Request {
			t.Entries = append(t.Entries, p.entry(e, viewer))
		}
	}
	return t, nil
}

// choices are links to the audit trail of each request, the chosen one first and
// then the newest, and the name of the chosen one.
func (p *page) choices(at spot, requests []*request.Request) (links []link, chosen string) {
	for _, r := range slices.Backward(requests) {
		to := at
		to.Request = r.ID
		one := link{To: to.address(), Text: cmp.Or(r.Target.Name, r.Email), Note: string(r.State), Current: r.ID == at.Request}
		if one.Current {
			chosen = one.Text
			links = slices.Insert(links, 0, one)
			continue
		}
		links = append(links, one)
	}
	if links != nil {
		to := at
		to.Request = ""
		links = append([]link{{To: to.address(), Text: "All", Current: chosen == ""}}, links...)
	}
	return links, chosen
}

func (p *page) entry(e store.Entry, viewer render.Viewer) entry {
	at := e.At.In(viewer.Location)
	drawn := entry{
		ID: "e-" + e.Hash, Seq: e.Seq, Time: at.Format(time.TimeOnly), Stamp: at.Format(time.RFC3339), Kind: e.Kind, Actor: e.Actor, Hash: e.Hash,
	}
	if name, ok := p.userName(e.Actor); ok && e.Actor != request.Bot {
		drawn.Actor = name
	}
	for _, name := range slices.Sorted(maps.Keys(e.Detail)) {
		if value := e.Detail[name]; value != "" {
			drawn.Details = append(drawn.Details, detail{Name: strings.ReplaceAll(name, "_", " "), Value: p.value(value)})
		}
	}
	return drawn
}

// value draws a detail, with the name behind an id of Slack.
func (p *page) value(v string) template.HTML {
	if name, ok := p.userName(v); ok {
		v = name + " (" + v + ")"
	} else if name, ok := p.channelName(v); ok && name != "" {
		v = "#" + name + " (" + v + ")"
	}
	return render.Plain(v, false)
}
