package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// regions are the parts of the page that change by themselves: each is a template
// and the id of an HTML element.
var regions = []string{"trouble", "steps", "places", "messages", "notice", "modal", "accounts", "trail", "faults"}

const (
	// settle is how long changes are collected before they are drawn.
	settle = 30 * time.Millisecond
	// lookAgain is how long a change can go unseen that neither simulator nor page
	// announces: an entry of the audit trail that nothing else follows.
	lookAgain = time.Second
)

// live sends the page's regions as server-sent events: all at first, then each
// whose HTML has changed. An event's data is a JSON object from region to HTML.
//
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
func (p *page) live(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	inTenant, unsubscribe := p.tenant.Subscribe()
	defer unsubscribe()
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	at, seen := p.at(r), map[string]string{}
	for {
		inSlack, atDesk := p.slack.Changed(), p.deskChanged() // before looking, so that nothing is missed
		data, err := p.changes(r.Context(), at, seen)
		if err != nil {
			if r.Context().Err() == nil {
				p.log.Error("the page could not be drawn", "error", err)
			}
			return
		}
		if data != nil && !sendEvent(w, data) {
			return
		}
		select {
		case <-inSlack:
		case <-inTenant:
		case <-atDesk:
		case <-again.C:
		case <-r.Context().Done():
			return
		}
		pause := time.NewTimer(settle)
		select {
		case <-pause.C:
		case <-r.Context().Done():
			pause.Stop()
			return
		}
	}
}

// changes draws the page for a spot and returns the regions that are not as in
// seen, which it updates, as JSON; nil if all are.
func (p *page) changes(ctx context.Context, at spot, seen map[string]string) ([]byte, error) {
	s, err := p.screen(ctx, at)
	if err != nil {
		return nil, err
	}
	changed := map[string]string{}
	for _, name := range regions {
		var html bytes.Buffer
		if err := p.templates.ExecuteTemplate(&html, name, s); err != nil {
			return nil, fmt.Errorf("drawing %s: %w", name, err)
		}
		if last, ok := seen[name]; !ok || last != html.String() {
			changed[name], seen[name] = html.String(), html.String()
		}
	}
	if len(changed) == 0 {
		return nil, nil
	}
	return json.Marshal(changed)
}

// sendEvent reports whether the visitor is still there.
func sendEvent(w http.ResponseWriter, data []byte) bool {
	_, err := fmt.Fprintf(w, "data: %s\n\n", data)
	return err == nil && http.NewResponseController(w).Flush() == nil
}
