package workfront

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"wfbot/workfront/secret"
)

const (
	maxAttempts   = 4                // of one read
	firstPause    = time.Second      // before the second attempt, halved by jitter; doubled each time
	maxRetryAfter = 30 * time.Second // a longer wait is left to the caller
	maxBody       = 1 << 20          // bytes of an answer, unpacked
)

// request is one HTTP request before its credential is added.
type request struct {
	op      string // see Error.Op
	method  string
	url     string // without query
	query   url.Values
	body    string
	media   string         // body's media type
	secrets []secret.Value // in body; never to be shown
	brief   bool           // one of many that share a deadline: sent once, with a third of the time left
}

// formMedia is the media type of a body that is a form.
const formMedia = "application/x-www-form-urlencoded"

// credential is the header that says who is asking. The zero value adds none.
type credential struct {
	header string
	value  secret.Value
}

// do carries r out and returns the data member of its answer. It is the one way
// of every API call.
func (c *Client) do(ctx context.Context, r request) (data []byte, err error) {
	for attempt := 1; ; attempt++ {
		env, e := c.once(ctx, r)
		if e == nil {
			return env.Data, nil
		}
		if r.method != http.MethodGet || r.brief || attempt == maxAttempts || !e.Temporary() || !pause(ctx, attempt, e.RetryAfter) {
			return nil, e
		}
		c.log.WarnContext(ctx, "repeating a Workfront request", "attempt", attempt+1, "after", e)
	}
}

// once sends r when its turn has come, and where that shows the token to be
// stale, a second time with a fresh one.
func (c *Client) once(ctx context.Context, r request) (env envelope, e *Error) {
	place, err := c.places.take(ctx, importanceOf(ctx))
	if err != nil {
		return envelope{}, &Error{Op: r.op, Err: err}
	}
	defer func() { c.places.give(place, e) }()
	cred, e := c.credential(ctx, r.op, "")
	if e != nil {
		return envelope{}, e
	}
	env, e = c.roundTrip(ctx, r, cred)
	certain := r.method == http.MethodGet || e != nil && !e.MaybeApplied() // that a second one is the first to take effect
	if c.session != nil && e != nil && errors.Is(e, ErrUnauthorized) && certain {
		if cred, e = c.credential(ctx, r.op, cred.value); e != nil {
			return envelope{}, e
		}
		env, e = c.roundTrip(ctx, r, cred)
	}
	return env, e
}

// roundTrip sends r once and checks the answer.
func (c *Client) roundTrip(ctx context.Context, r request, cred credential) (env envelope, e *Error) {
	r.secrets = append(r.secrets, cred.value)
	start := time.Now()
	a, e := c.send(ctx, r, cred)
	if e == nil {
		env, e = a.check(r.op, r.secrets)
		if off, ok := clockOff(a.header); ok {
			c.clock.Store(&off)
		}
	}
	c.log.DebugContext(ctx, "Workfront request", "op", r.op, "status", a.status, "took", time.Since(start))
	return env, e
}

// answer is an HTTP answer as it was read.
type answer struct {
	status int
	header http.Header
	body   []byte
	err    error // why body is incomplete or unreadable
}

// send sends r once and reads what comes back. It fails if nothing comes back.
func (c *Client) send(ctx context.Context, r request, cred credential) (answer, *Error) {
	if err := ctx.Err(); err != nil {
		return answer{}, &Error{Op: r.op, Err: err}
	}
	timeout := c.timeout
	if deadline, ok := ctx.Deadline(); ok && r.brief {
		timeout = min(timeout, time.Until(deadline)/3)
	}
	requestCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	// A request was not sent if the transport looked for a connection and never
	// got one. A transport that does not report either is presumed to have sent.
	var sought, got atomic.Bool
	requestCtx = httptrace.WithClientTrace(requestCtx, &httptrace.ClientTrace{
		GetConn: func(string) { sought.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { got.Store(true) },
	})

	// net/http repeats a PUT by itself only if no byte of it was written.
	req, err := http.NewRequestWithContext(requestCtx, r.method, r.url, strings.NewReader(r.body))
	if err != nil { // unreachable unless New let a bad URL pass
		return answer{}, &Error{Op: r.op, Err: errors.New("the URL cannot be used")}
	}
	req.URL.RawQuery = r.query.Encode()
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "wfbot")
	if r.media != "" {
		req.Header.Set("Content-Type", r.media)
	}
	if cred.header != "" {
		req.Header.Set(cred.header, cred.value.Reveal())
	}

	why := func(err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if requestCtx.Err() != nil {
			return fmt.Errorf("no complete answer within %v", timeout.Round(time.Millisecond))
		}
		return errors.New(clean(err.Error(), r.secrets))
	}
	// Not through an http.Client: that follows redirects with the credential and
	// quotes URLs in its errors.
	res, err := c.transport.RoundTrip(req)
	if err != nil {
		return answer{}, &Error{Op: r.op, Sent: !sought.Load() || got.Load(), Err: why(err)}
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.body, err = readBody(res.Body); err != nil {
		a.err = why(err)
	}
	return a, nil
}

var errTooLong = fmt.Errorf("the answer is longer than %d bytes", maxBody)

// readBody reads an answer's body, packed or not. net/http unpacks what it
// asked to be packed; gzip is also met where nobody asked, and JSON never
// begins with gzip's two magic bytes.
func readBody(body io.Reader) ([]byte, error) {
	text, err := readCapped(body)
	if err != nil || !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		return text, err
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return readCapped(unpacked)
}

func readCapped(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err == nil && len(text) > maxBody {
		return nil, errTooLong
	}
	return text, err
}

// pause waits before the next attempt of a read. It reports false if there is
// to be none: the context ends first, or Workfront asks for a long rest.
func pause(ctx context.Context, attempt int, retryAfter time.Duration) bool {
	d := firstPause << (attempt - 1)
	d = max(d/2+rand.N(d/2), retryAfter)
	if deadline, ok := ctx.Deadline(); retryAfter > maxRetryAfter || ok && time.Until(deadline) <= d {
		return false
	}
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// retryAfter reads the header Retry-After, seconds or a date, as at most a day.
// Workfront documents none; the gateways in front of it may send one.
func retryAfter(h http.Header) time.Duration {
	const most = 24 * time.Hour
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, most)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(time.Until(at), 0), most)
	}
	return 0
}
