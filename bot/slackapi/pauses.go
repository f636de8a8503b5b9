package slackapi

import (
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How long a method is left alone after a 429. Slack counts calls by the minute. A demand
// for much more is a mistake, perhaps of somebody in between, and must not silence the
// bot for a day. A 429 without a number, or with none that is ahead, still says to stop
// for now.
// Source: https://docs.slack.dev/apis/web-api/rate-limits
const (
	shortestPause = time.Second
	longestPause  = 10 * time.Minute
)

// pauses is the transport of the calls to Slack's Web API. When Slack answers one
// with 429, no call of that method is sent before the time it names: those made
// meanwhile are answered here, as Slack would, with what is left of it. It may be
// used by several goroutines.
type pauses struct {
	next http.RoundTripper
	now  func() time.Time

	mu    sync.Mutex
	until map[string]pause // by method
}

// pause is from when to when a method is left alone.
type pause struct{ since, until time.Time }

func newPauses(next http.RoundTripper, now func() time.Time) *pauses {
	return &pauses{next: next, now: now, until: map[string]pause{}}
}

// RoundTrip implements http.RoundTripper. The Retry-After of a 429 it returns is
// always a whole number of seconds from shortestPause to longestPause.
func (p *pauses) RoundTrip(call *http.Request) (*http.Response, error) {
	method := path.Base(call.URL.Path)
	if left := p.left(method); left > 0 {
		if call.Body != nil {
			call.Body.Close()
		}
		return &http.Response{
			Status: "429 Too Many Requests", StatusCode: http.StatusTooManyRequests, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: retryAfter(left), Body: io.NopCloser(strings.NewReader("")), Request: call,
		}, nil
	}
	answer, err := p.next.RoundTrip(call)
	if err == nil && answer.StatusCode == http.StatusTooManyRequests {
		wait := demanded(answer.Header.Get("Retry-After"), p.now())
		p.pause(method, wait)
		answer.Header.Set("Retry-After", retryAfter(wait).Get("Retry-After"))
	}
	return answer, err
}

// left is for how much longer a method is left alone.
func (p *pauses) left(method string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, paused := p.now(), p.until[method]
	if now.Before(paused.since) || !now.Before(paused.until) { // before it began: the clock has been set back
		delete(p.until, method)
		return 0
	}
	return paused.until.Sub(now)
}

func (p *pauses) pause(method string, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.until[method] = pause{now, now.Add(wait)}
}

// demanded is how long a Retry-After, in seconds or with the time of day, asks to wait,
// within the limits.
func demanded(after string, now time.Time) time.Duration {
	wait := shortestPause
	if seconds, err := strconv.ParseInt(after, 10, 64); err == nil {
		wait = time.Duration(min(seconds, int64(longestPause/time.Second))) * time.Second
	} else if at, err := http.ParseTime(after); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, shortestPause), longestPause)
}

// retryAfter is the header that says wait, in whole seconds, rather too many.
func retryAfter(wait time.Duration) http.Header {
	seconds := (wait + time.Second - 1) / time.Second
	return http.Header{"Retry-After": {strconv.Itoa(int(seconds))}}
}
