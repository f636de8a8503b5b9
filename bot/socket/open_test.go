package socket_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	"wfbot/bot/socket"
	"wfbot/workfront/secret"
)

func TestNewReportsEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := socket.New(socket.Config{
		APIURL:      "http://slack.example.com/api",
		Connections: 11,
		Timeout:     -1,
		Pace:        socket.Pace{Every: time.Second},
	})
	for _, want := range []string{"token", "handler", "https", "11 connections", "negative", "Burst"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New: %v, want it to name %q", err, want)
		}
	}
	if _, err := socket.New(socket.Config{AppToken: secret.Value(appToken), Handler: accept}); err != nil {
		t.Errorf("New with the two required fields: %v", err)
	}
}

// TestFatal: what no retry changes ends Run, with one call and one clear sentence.
// slack-go's own loop would call most of these for ever, and never learns of
// link_disabled at all.
func TestFatal(t *testing.T) {
	t.Parallel()
	refuse := func(status int, body string) func(*fake) {
		return func(f *fake) {
			f.open = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(status)
				fmt.Fprint(w, body)
				return true
			}
		}
	}
	for _, test := range []struct {
		code   string
		set    func(*fake) // what Slack does
		remedy string      // part of the sentence for the operator
	}{
		{"invalid_auth", nil, "new app-level token"},
		{"not_authed", nil, "new app-level token"},
		{"account_inactive", nil, "new app-level token"},
		{"token_revoked", nil, "new app-level token"},
		{"token_expired", nil, "new app-level token"},
		{"missing_scope", nil, "connections:write"},
		{"not_allowed_token_type", nil, "starts with xapp-"},
		{"no_permission", nil, "administrator"},
		{"access_denied", nil, "administrator"},
		{"accesslimited", nil, "network address"},
		{"forbidden_team", nil, "administrator"},
		{"team_access_not_granted", nil, "administrator"},
		{"unknown_method", nil, "address"},
		{"socket_mode_not_enabled", nil, "switch Socket Mode on"},
		{"http_404", refuse(http.StatusNotFound, "<html>"), "address"},
		{"link_disabled", func(f *fake) { // Socket Mode switched off while connected
			f.prepare = func(l *link) { go func() { l.hello(); l.disconnect("link_disabled") }() }
		}, "Socket Mode on"},
	} {
		t.Run(test.code, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, f *fake) {
				if test.set == nil {
					test.set = refuse(http.StatusOK, `{"ok":false,"error":"`+test.code+`","needed":"connections:write","provided":""}`)
				}
				test.set(f)
				r := run(t, f, socket.Config{Connections: 1})
				err := r.wait()
				fatal, ok := errors.AsType[*socket.FatalError](err)
				if !ok || fatal.Code != test.code || !strings.Contains(err.Error(), test.remedy) {
					t.Errorf("Run: %v, want a FatalError %s about %q", err, test.code, test.remedy)
				}
				if n := f.opens.Load(); n != 1 {
					t.Errorf("%d calls of apps.connections.open, want 1", n)
				}
				if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok && answer.Err != test.code {
					t.Errorf("the error wraps Slack's %q, want %q", answer.Err, test.code)
				}
			})
		})
	}
}

// TestFatalEndsTheOthers: when one connection learns that the token is gone, the
// others finish what they have in hand and Run ends.
func TestFatalEndsTheOthers(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		f.open = func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n > 2 {
				fmt.Fprint(w, `{"ok":false,"error":"token_revoked"}`)
			}
			return n > 2
		}
		h := newGate()
		r := run(t, f, socket.Config{Handler: h.handle})
		first, second := f.greeted(), f.greeted()
		first.command("e1")
		h.wantStarted(t, "e1")
		second.ws.Close()
		go func() {
			time.Sleep(time.Second) // virtual: long after the refusal
			close(h.open)
		}()
		first.wantAck("e1")
		if _, ok := errors.AsType[*socket.FatalError](r.wait()); !ok {
			t.Error("Run did not end with a FatalError")
		}
	})
}

// hangFirst leaves the first request without an answer.
func hangFirst(n int, _ http.ResponseWriter, r *http.Request) bool {
	if n == 1 {
		<-r.Context().Done()
	}
	return n == 1
}

// TestTransient: everything else is tried again and ends in a working connection.
func TestTransient(t *testing.T) {
	t.Parallel()
	open := func(status int, header, body string) func(*fake) {
		return func(f *fake) {
			f.open = func(n int, w http.ResponseWriter, _ *http.Request) bool {
				if n > 1 {
					return false
				}
				if header != "" {
					w.Header().Set("Retry-After", header)
				}
				w.WriteHeader(status)
				fmt.Fprint(w, body)
				return true
			}
		}
	}
	handshake := func(status int) func(*fake) {
		return func(f *fake) {
			f.upgrade = func(n int, w http.ResponseWriter, _ *http.Request) bool {
				if n == 1 {
					w.WriteHeader(status)
				}
				return n == 1
			}
		}
	}
	greeting := func(greet func(*link)) func(*fake) {
		return func(f *fake) {
			f.prepare = func(l *link) {
				if l.n == 1 {
					go greet(l)
				}
			}
		}
	}
	const within = 30 * time.Second // a time-out of 10 s, the pace, and some

	for _, test := range []struct {
		name   string // what Slack does the first time
		set    func(*fake)
		at     int // the attempt that works
		atMost time.Duration
	}{
		{"503 HTML", open(503, "", "<html>no</html>"), 2, within},
		{"500", open(500, "", ""), 2, within},
		{"internal_error", open(200, "", `{"ok":false,"error":"internal_error"}`), 2, within},
		{"fatal_error is Slack's own trouble, not ours", open(200, "", `{"ok":false,"error":"fatal_error"}`), 2, within},
		{"team_added_to_org passes", open(200, "", `{"ok":false,"error":"team_added_to_org"}`), 2, within},
		{"org_login_required passes", open(200, "", `{"ok":false,"error":"org_login_required"}`), 2, within},
		{"an unknown error", open(200, "", `{"ok":false,"error":"brand_new"}`), 2, within},
		{"ok:false without an error is nil to slack-go", open(200, "", `{"ok":false}`), 2, within},
		{"no address", open(200, "", `{"ok":true}`), 2, within},
		{"not JSON", open(200, "", `oops`), 2, within},
		{"the address would send the ticket in clear", open(200, "", `{"ok":true,"url":"ws://slack.example.com/?ticket=`+ticket+`"}`), 2, within},
		{"an address that cannot be parsed is not quoted", open(200, "", `{"ok":true,"url":"wss://h:`+ticket+`/?ticket=`+ticket+`"}`), 2, within},
		{"429 with Retry-After", open(429, "45", ""), 2, 45*time.Second + within},
		{"429 for two days", open(429, "172800", ""), 2, 10*time.Minute + within},
		{"429 for longer than there are times", open(429, "99999999999999", ""), 2, 10*time.Minute + within},
		{"429 with a time gone by", open(429, "-5", ""), 2, within},
		{"429 with words", open(429, "soon", ""), 2, within},
		{"429 without", open(429, "", ""), 2, 30*time.Second + within},
		{"ratelimited", open(200, "", `{"ok":false,"error":"ratelimited"}`), 2, 30*time.Second + within},
		{"409: another process connects", handshake(409), 2, within},
		{"handshake refused", handshake(403), 2, within},
		{"open call hangs", func(f *fake) { f.open = hangFirst }, 2, within},
		{"handshake hangs", func(f *fake) { f.upgrade = hangFirst }, 2, within},
		{"no hello", greeting(func(*link) {}), 2, within},
		{"pings but no hello", greeting(func(l *link) {
			for {
				l.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
				select {
				case <-time.After(time.Second):
				case <-l.closed:
					return
				}
			}
		}), 2, within},
		{"disconnect instead of hello", greeting(func(l *link) { l.disconnect("too_many_websockets") }), 2, within},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, f *fake) {
				test.set(f)
				start := time.Now()
				r := run(t, f, socket.Config{Connections: 1})
				l := f.next()
				for f.opens.Load() < int64(test.at) {
					l = f.next()
				}
				l.hello()
				l.command("e1")
				l.wantAck("e1")
				if took := time.Since(start); took > test.atMost {
					t.Errorf("connected after %v, want %v at most", took, test.atMost)
				}
				if r.Connected() != 1 || f.opens.Load() != int64(test.at) {
					t.Errorf("Connected() = %d after %d calls, want 1 after %d", r.Connected(), f.opens.Load(), test.at)
				}
			})
		})
	}
}

// TestAddressThatWorked: an address that is not Slack's ends Run, but not once it has
// led to a connection: then something in between is out of order.
func TestAddressThatWorked(t *testing.T) {
	t.Parallel()
	for _, answer := range []struct {
		status int
		body   string
	}{{http.StatusNotFound, "<html>"}, {http.StatusOK, `{"ok":false,"error":"unknown_method"}`}} {
		inBubble(t, func(t *testing.T, f *fake) {
			f.open = func(n int, w http.ResponseWriter, _ *http.Request) bool {
				if n == 2 {
					w.WriteHeader(answer.status)
					fmt.Fprint(w, answer.body)
				}
				return n == 2
			}
			run(t, f, socket.Config{Connections: 1})
			f.greeted().ws.Close()
			l := f.greeted()
			l.command("e1")
			l.wantAck("e1")
		})
	}
}

// TestRetryAfterHoldsAll: a Retry-After given to one connection holds for all.
func TestRetryAfterHoldsAll(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, f *fake) {
		f.open = func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n == 1 {
				w.Header().Set("Retry-After", "120")
				w.WriteHeader(429)
			}
			return n == 1
		}
		run(t, f, socket.Config{Connections: 3})
		for range 3 {
			f.greeted()
		}
		if wait := f.openedAt[1].Sub(f.openedAt[0]); wait < 2*time.Minute {
			t.Errorf("called again after %v, want 2 minutes", wait)
		}
	})
}

// TestInstantDisconnects: Slack breaks every connection at once for 60 s. The
// default pace keeps the calls below 10 in all, and work resumes within 15 s of
// the end. slack-go's own loop calls thousands of times.
func TestInstantDisconnects(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		spoil func(*link)
	}{
		{"refresh after hello, then closed", func(l *link) { l.hello(); l.disconnect("refresh_requested"); l.ws.Close() }},
		{"refresh after hello, left open", func(l *link) { l.hello(); l.disconnect("refresh_requested") }},
		{"too many connections", func(l *link) { l.disconnect("too_many_websockets") }},
		{"closed without a word", func(l *link) { l.ws.Close() }},
		{"an unknown reason", func(l *link) { l.disconnect("brand_new") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, f *fake) {
				start := time.Now()
				run(t, f, socket.Config{})
				var l *link
				for {
					l = f.next()
					if time.Since(start) >= time.Minute {
						break
					}
					if n := f.opens.Load(); n > 100 {
						t.Fatalf("%d calls of apps.connections.open in %v", n, time.Since(start))
					}
					test.spoil(l)
				}
				l.hello()
				l.command("e1")
				l.wantAck("e1")
				if after := time.Since(start) - time.Minute; after > 15*time.Second {
					t.Errorf("work resumed %v after the loop, want 15 s at most", after)
				}
				calls := 0
				for _, at := range f.openedAt {
					if at.Sub(start) < time.Minute {
						calls++
					}
				}
				if calls >= 10 || calls < 4 {
					t.Errorf("%d calls of apps.connections.open in 60 s, want 4 to 9", calls)
				}
			})
		})
	}
}

// TestRedirectsAreNotFollowed: the app-level token does not travel to wherever an
// answer points, not even on the same host, where net/http would send it along, to
// http: too.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		inBubble(t, func(t *testing.T, f *fake) {
			f.open = func(n int, w http.ResponseWriter, r *http.Request) bool {
				if n == 1 {
					w.Header().Set("Location", "/elsewhere") // the fake fails the test if it is asked for it
					w.WriteHeader(status)
				}
				return n == 1
			}
			run(t, f, socket.Config{Connections: 1})
			l := f.greeted()
			l.command("e1")
			l.wantAck("e1")
		})
	}
}
