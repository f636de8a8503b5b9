package slackapi

import (
	"sync"
	"time"

	"github.com/slack-go/slack"

	"wfbot/workfront/secret"
)

// ReplyRoute is what Slack lends with a payload for answering the sender: capabilities
// that never leave the memory of this process. The zero value is that Slack lent nothing.
type ReplyRoute struct {
	ResponseURL secret.Value // takes messages for ResponseURLFor; empty: none
	Trigger     secret.Value // trigger id, opens a form for TriggerFor; empty: none
	At          time.Time    // when the payload came in
	Modal       *Modal       // that was opened to be answered in; nil: none
	Drawn       *Message     // the answer with blocks, once its text is stored; nil: none
}

// Modal is an open modal, and what it is to show as soon as that answer is stored: not
// before, since what it shows may have to be recorded first.
type Modal struct {
	ID     string
	Answer string // empty: there is none yet
	Shows  slack.ModalViewRequest
}

const (
	// ResponseURLFor is how long a response_url works; how often it was used does
	// not matter here, since one interaction gets fewer answers than the five it allows.
	// Source: https://docs.slack.dev/interactivity/handling-user-interaction
	ResponseURLFor = 30 * time.Minute
	// TriggerFor is how long a form can be opened after the click.
	// Source: https://docs.slack.dev/interactivity/handling-user-interaction
	TriggerFor = 3 * time.Second
)

// replyRoutes keeps routes by the id of the interaction, which is also the id of the
// request it made.
type replyRoutes struct {
	mu     sync.Mutex
	routes map[string]ReplyRoute
}

func newReplyRoutes() *replyRoutes { return &replyRoutes{routes: map[string]ReplyRoute{}} }

// KeepReplyRoute keeps the route that the interaction with that id is answered by, for
// ResponseURLFor.
func (c *Client) KeepReplyRoute(id string, route ReplyRoute) {
	c.routes.mu.Lock()
	defer c.routes.mu.Unlock()
	for id, old := range c.routes.routes {
		if route.At.Sub(old.At) > ResponseURLFor {
			delete(c.routes.routes, id)
		}
	}
	c.routes.routes[id] = route
}

// ReplyRoute is the route that is kept for the interaction with that id; the zero value
// if there is none, since another process took it in, or if it is gone.
func (c *Client) ReplyRoute(id string) ReplyRoute {
	c.routes.mu.Lock()
	defer c.routes.mu.Unlock()
	route := c.routes.routes[id]
	if c.now().Sub(route.At) > ResponseURLFor {
		return ReplyRoute{}
	}
	return route
}

// DropReplyRoute forgets the route of the interaction with that id, if there is one.
func (c *Client) DropReplyRoute(id string) {
	c.routes.mu.Lock()
	defer c.routes.mu.Unlock()
	delete(c.routes.routes, id)
}

// Awaited reports whether somebody who did something then may still be waiting for a
// word about it where they did it: later a message that Slack shows only to people who
// are there, and does not keep, might never be seen.
func (c *Client) Awaited(done time.Time) bool { return c.now().Sub(done) < ResponseURLFor }
