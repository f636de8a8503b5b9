package sandbox

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// fault is something that goes wrong while it is switched on.
type fault struct {
	ID, Name, Text string
	Once           bool // happens at once and is over; it cannot be switched off
	On             bool

	begin func() (end func())
}

// faults are the switches. Its methods may be called by several goroutines.
type faults struct {
	mu  sync.Mutex
	all []fault
	end map[string]func() // of those that are on, by ID
}

func newFaults(slack *slacksim.Server, tenant *workfrontsim.Server) *faults {
	inTenant := func(faults ...workfrontsim.Fault) func() func() {
		return func() func() {
			var ids []int
			for _, f := range faults {
				ids = append(ids, tenant.Inject(f))
			}
			return func() {
				for _, id := range ids {
					tenant.RemoveFault(id)
				}
			}
		}
	}
	return &faults{end: map[string]func(){}, all: []fault{
		{ID: "workfront-slow", Name: "Workfront is slow", Text: "Every answer takes two seconds.",
			begin: inTenant(workfrontsim.Fault{Apply: true, Answer: workfrontsim.Answer{Delay: 2 * time.Second}})},
		{ID: "workfront-down", Name: "Workfront is down", Text: "Every call gets a maintenance page (503).",
			begin: inTenant(workfrontsim.Fault{Answer: workfrontsim.Answer{Kind: workfrontsim.HTMLPage, Status: http.StatusServiceUnavailable}})},
		{ID: "workfront-loses", Name: "Workfront loses answers", Text: "A change is made, but the connection breaks before the answer.",
			begin: inTenant(workfrontsim.Fault{Operation: "user/put", Apply: true, Answer: workfrontsim.Answer{Kind: workfrontsim.Reset}})},
		{ID: "workfront-lies", Name: "Workfront does nothing", Text: "A change is answered with 200 OK, but not made.",
			begin: inTenant(workfrontsim.Fault{Operation: "user/put", Answer: workfrontsim.Answer{Kind: workfrontsim.Normal}})},
		{ID: "slack-late", Name: "Slack delivers late", Text: "What people do reaches the bot only when this is switched off; they see a time-out.",
			begin: slack.HoldDeliveries},
		{ID: "slack-down", Name: "Slack’s Web API is down", Text: "Every call of the bot gets 503; what people do still reaches it.",
			begin: func() func() {
				return slack.Inject(slacksim.Fault{Count: -1, Answer: slacksim.Status(http.StatusServiceUnavailable)})
			}},
		{ID: "slack-recycles", Name: "Slack recycles the connection", Text: "Slack asks the bot to connect anew, as it does every few hours.", Once: true,
			begin: func() func() { slack.Disconnect(slacksim.RefreshRequested); return nil }},
		{ID: "slack-drops", Name: "The connection breaks", Text: "Without a word, as when a cable is pulled.", Once: true,
			begin: func() func() { slack.DropConnections(); return nil }},
	}}
}

// list returns the switches as they are.
func (f *faults) list() []fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := slices.Clone(f.all)
	for i := range list {
		_, list[i].On = f.end[list[i].ID]
	}
	return list
}

// turn switches a fault on or off and reports whether there is one of that ID.
func (f *faults) turn(id string, on bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.all, func(one fault) bool { return one.ID == id })
	if i < 0 {
		return false
	}
	end, isOn := f.end[id]
	switch {
	case on && f.all[i].Once:
		f.all[i].begin()
	case on && !isOn:
		f.end[id] = f.all[i].begin()
	case !on && isOn:
		end()
		delete(f.end, id)
	}
	return true
}

// turn switches a fault on or off.
func (p *page) turn(w http.ResponseWriter, r *http.Request) {
	if !p.faults.turn(r.PostFormValue("fault"), r.PostFormValue("on") == "true") {
		http.Error(w, "there is no such fault", http.StatusNotFound)
		return
	}
	p.atDesk(p.at(r).Me.ID, func(*desk) {}) // so that it is drawn
	finish(w, slacksim.Reply{}, nil)
}
