package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

const (
	// crowd is how many people ask, and in how many channels: Slack takes one message
	// a second in each conversation.
	crowd = 256
	// approvers is how many people approve.
	approvers = 64
	// patience is how long anything is waited for.
	patience = 60 * time.Second
)

// setting says what a world is like.
type setting struct {
	bare, old bool          // the bare program, or the older wfbot, instead of wfbot
	slack     time.Duration // that each call to Slack takes
	workfront time.Duration // that each call to Workfront takes
	tiers     bool          // Slack counts calls
	noBatch   bool          // Workfront takes no several reads in one call
}

// world is a Slack and a Workfront with people, and what they see happen.
type world struct {
	bench          *bench
	setting        setting
	dir            string // for the database
	postgres       string // the address of one in PostgreSQL instead; empty: SQLite
	slack          *slacksim.Server
	workfront      *workfrontsim.Server
	workfrontURL   string
	server         *http.Server
	requesterGroup string
	approverGroup  string
	requesters     []string // Slack ids
	approvers      []string
	channels       []string

	mu        sync.Mutex
	asked     int                      // conversations so far
	targets   int                      // people so far who can be asked for
	inChannel map[string]*conversation // that waits for its card, by channel
	byMessage map[string]*conversation // by channel and ts
	byTarget  map[string]*conversation // by Workfront id
	byAsker   map[string]*conversation // by requester, if somebody waits to be told
	counted   map[string]time.Time     // when the last count of a user was answered
	slackN    map[string]int           // calls by method
	workN     map[string]int           // calls by operation
	looked    *moment                  // Workfront has been asked for some people at once; nil: nobody waits for that
}

// newWorld makes a world.
func (b *bench) newWorld(set setting) (*world, error) {
	dir, err := os.MkdirTemp(b.dir, "world")
	if err != nil {
		return nil, err
	}
	tenant := workfrontsim.Config{Latency: set.workfront}
	if set.noBatch {
		tenant.Batch.Status = http.StatusNotFound
	}
	w := &world{
		bench: b, setting: set, dir: dir,
		slack:     slacksim.New(slacksim.Config{Latency: set.slack, RateLimits: set.tiers}),
		workfront: workfrontsim.New(tenant),
		inChannel: map[string]*conversation{}, byMessage: map[string]*conversation{}, byTarget: map[string]*conversation{},
		byAsker: map[string]*conversation{}, counted: map[string]time.Time{}, slackN: map[string]int{}, workN: map[string]int{},
	}
	if _, err := w.slack.Start("127.0.0.1:0"); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.workfrontURL = "http://" + listener.Addr().String()
	w.server = &http.Server{Handler: w.workfront, ReadHeaderTimeout: patience}
	go func() { _ = w.server.Serve(listener) }() // ends with close
	w.settle()
	w.slack.Observe(w.seeSlack)
	w.workfront.Observe(w.seeWorkfront)
	return w, nil
}

// settle adds the people and channels.
func (w *world) settle() {
	for i := range approvers {
		w.approvers = append(w.approvers, w.slack.AddUser(slacksim.User{Name: fmt.Sprintf("approver%d", i), Email: fmt.Sprintf("approver%d@acme.com", i)}).ID)
	}
	for i := range crowd {
		w.requesters = append(w.requesters, w.slack.AddUser(slacksim.User{Name: fmt.Sprintf("it%d", i), Email: fmt.Sprintf("it%d@acme.com", i)}).ID)
	}
	everybody := slices.Concat([]string{w.slack.BotUserID()}, w.approvers, w.requesters)
	for i := range crowd {
		w.channels = append(w.channels, w.slack.AddChannel(slacksim.Channel{Name: fmt.Sprintf("room%d", i), Members: everybody}).ID)
	}
	w.requesterGroup = w.slack.AddGroup(slacksim.Group{Handle: "it", Members: w.requesters}).ID
	w.approverGroup = w.slack.AddGroup(slacksim.Group{Handle: "managers", Members: w.approvers}).ID
}

// close ends the services.
func (w *world) close() error {
	w.slack.Close()
	w.workfront.Close()
	if w.server == nil {
		return nil
	}
	return w.server.Close()
}

// moment is something that happens once, or not.
type moment struct {
	once sync.Once
	done chan struct{}
	at   time.Time // to be read after done
}

func newMoment() *moment { return &moment{done: make(chan struct{})} }

func (m *moment) come() {
	m.once.Do(func() {
		m.at = time.Now()
		close(m.done)
	})
}

// errNot is a moment that did not come within patience.
var errNot = errors.New("it did not come in time")

func (m *moment) wait(ctx context.Context) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-m.done:
		return nil
	case <-timer.C:
		return errNot
	case <-ctx.Done():
		return ctx.Err()
	}
}

// since is the time from another moment; ok only if both have come.
func (m *moment) since(other *moment) (d time.Duration, ok bool) {
	for _, one := range []*moment{m, other} {
		select {
		case <-one.done:
		default:
			return 0, false
		}
	}
	return m.at.Sub(other.at), true
}

// conversation is one command and what comes of it.
type conversation struct {
	requester, approver, channel string
	targets                      []workfrontsim.User

	typed    *moment
	posted   *moment // the card is on the screen
	buttons  *moment // and has buttons
	complete *moment // and all that is counted; wfbot only
	clicked  *moment
	put      *moment // the first write has arrived
	changed  *moment // the last write was applied
	told     *moment // the requester was told, after that
	acked    time.Duration

	mu    sync.Mutex
	ts    string
	to    map[string]bool // targets that are not changed yet
	world *world
}

// plan chooses who asks where, for how many people.
func (w *world) plan(people int) *conversation {
	w.mu.Lock()
	i := w.asked
	w.asked++
	w.mu.Unlock()
	c := &conversation{
		requester: w.requesters[i%crowd], channel: w.channels[i%crowd], approver: w.approvers[i%approvers], world: w, to: map[string]bool{},
		typed: newMoment(), posted: newMoment(), buttons: newMoment(), complete: newMoment(), clicked: newMoment(), put: newMoment(),
		changed: newMoment(), told: newMoment(),
	}
	for range people {
		w.mu.Lock()
		n := w.targets
		w.targets++
		w.mu.Unlock()
		u := w.workfront.AddUser(workfrontsim.User{Name: fmt.Sprintf("Leaver %d", n), Email: fmt.Sprintf("leaver%d@acme.com", n), Active: true})
		w.workfront.AddWork(u.ID, workfrontsim.Work{Tasks: 2, Issues: 1, Projects: 1})
		c.targets, c.to[u.ID] = append(c.targets, u), true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inChannel[c.channel], w.byAsker[c.requester] = c, c
	for _, u := range c.targets {
		w.byTarget[u.ID] = c
	}
	return c
}

// command types the command, and returns when it is acknowledged or Slack gives up.
func (c *conversation) command() error {
	words := []string{"/wf-deactivate"}
	for _, u := range c.targets {
		words = append(words, u.Email)
	}
	c.typed.come()
	reply, err := c.world.slack.Command(c.requester, c.channel, strings.Join(append(words, "left the company"), " "))
	if err == nil && !reply.Acked {
		err = fmt.Errorf("a command was not acknowledged: %s", reply.Failure)
	}
	c.acked = reply.After
	return err
}

// approve presses the button.
func (c *conversation) approve() error {
	c.mu.Lock()
	ts := c.ts
	c.mu.Unlock()
	message, _ := c.world.slack.Message(c.channel, ts)
	button := slacksim.Button{ActionID: "approve"}
	for _, b := range message.Buttons() {
		if b.ActionID == button.ActionID && b.Confirm != nil {
			button.Answer = b.Confirm.Confirm
		}
	}
	c.clicked.come()
	reply, err := c.world.slack.Click(c.approver, c.channel, ts, button)
	if err == nil && !reply.Acked {
		err = fmt.Errorf("a click was not acknowledged: %s", reply.Failure)
	}
	return err
}

// whole does a request from the command to the word that it is done.
func (c *conversation) whole(ctx context.Context) error {
	if err := c.command(); err != nil {
		return err
	}
	if err := c.buttons.wait(ctx); err != nil {
		return fmt.Errorf("waiting for buttons: %w", err)
	}
	if err := c.approve(); err != nil {
		return err
	}
	if err := c.told.wait(ctx); err != nil {
		return fmt.Errorf("waiting for the word that it is done: %w", err)
	}
	return nil
}

// seeSlack is told of all calls to Slack.
func (w *world) seeSlack(call slacksim.Call, phase slacksim.Phase) {
	if phase == slacksim.Arrived {
		w.mu.Lock()
		w.slackN[call.Method]++
		w.mu.Unlock()
	}
	if phase != slacksim.Answered || !call.OK {
		return
	}
	channel, _ := call.Args["channel"].(string)
	switch call.Method {
	case "chat.postMessage":
		ts, _ := call.Answer["ts"].(string)
		w.mu.Lock()
		c, asker := w.inChannel[channel], w.byAsker[channel]
		if c != nil {
			delete(w.inChannel, channel)
			w.byMessage[channel+" "+ts] = c
		}
		w.mu.Unlock()
		if c != nil {
			c.mu.Lock()
			c.ts = ts
			c.mu.Unlock()
			c.posted.come()
			w.shows(c, call)
		}
		if asker != nil {
			if after, ok := asker.toldAt(call.ArrivedAt); ok && after {
				asker.told.come()
			}
		}
	case "chat.update":
		ts, _ := call.Args["ts"].(string)
		w.mu.Lock()
		c := w.byMessage[channel+" "+ts]
		w.mu.Unlock()
		if c != nil {
			w.shows(c, call)
		}
	}
}

// toldAt reports whether a message that arrived then can be about the outcome.
func (c *conversation) toldAt(arrived time.Time) (after, ok bool) {
	select {
	case <-c.changed.done:
		return arrived.After(c.changed.at), true
	default:
		return false, false
	}
}

// shows notes what the card of c shows since a call was answered.
func (w *world) shows(c *conversation, call slacksim.Call) {
	if !hasButton(call.Args["blocks"]) {
		return
	}
	c.buttons.come()
	w.mu.Lock()
	var last time.Time
	all := true
	for _, u := range c.targets {
		at, ok := w.counted[u.ID]
		all = all && ok
		if at.After(last) {
			last = at
		}
	}
	w.mu.Unlock()
	if all && call.ArrivedAt.After(last) {
		c.complete.come()
	}
}

// hasButton reports whether blocks hold the button that approves.
func hasButton(value any) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, hasButton)
	case map[string]any:
		if value["action_id"] == "approve" {
			return true
		}
		return hasButton(value["elements"]) || hasButton(value["accessory"])
	}
	return false
}

// lastCounted is the operation of the kind that wfbot asks for last where it asks for
// one after the other.
const lastCounted = "user/count"

// seeWorkfront is told of all calls to Workfront.
func (w *world) seeWorkfront(call workfrontsim.Call, phase workfrontsim.Phase) {
	operation := call.Operation
	if phase == workfrontsim.Received {
		w.mu.Lock()
		w.workN[operation]++
		if w.looked != nil && w.workN["user/search"] == 4 { // places for three at once has each process at first
			w.looked.come()
		}
		w.mu.Unlock()
	}
	switch {
	case operation == "user/put":
		w.seeWrite(call, phase)
	case phase == workfrontsim.Applied && (operation == "batch" || strings.HasSuffix(operation, "/count")):
		w.seeCount(call)
	}
}

func (w *world) seeWrite(call workfrontsim.Call, phase workfrontsim.Phase) {
	for _, id := range call.Targets {
		w.mu.Lock()
		c := w.byTarget[id]
		w.mu.Unlock()
		switch {
		case c == nil:
		case phase == workfrontsim.Received:
			c.put.come()
		case phase == workfrontsim.Applied && call.Applied: // before the program can know
			c.mu.Lock()
			delete(c.to, id)
			last := len(c.to) == 0
			c.mu.Unlock()
			if last {
				c.changed.come()
			}
		}
	}
}

var idPattern = regexp.MustCompile(`[0-9a-f]{32}`)

// seeCount notes when the last of the counts of a user is answered, which is as late as
// the setting says; it is told before, so that no program can have been quicker.
func (w *world) seeCount(call workfrontsim.Call) {
	now := time.Now().Add(w.setting.workfront)
	ids := idPattern.FindAllString(call.Query+call.Body, -1)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		if w.byTarget[id] == nil {
			continue
		}
		if _, ok := w.counted[id]; ok || call.Operation == lastCounted || call.Operation == "batch" {
			w.counted[id] = now
		}
	}
}

// forget begins to count calls again.
func (w *world) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.slackN)
	clear(w.workN)
}
