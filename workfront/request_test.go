package workfront_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wfbot/workfront"
	"wfbot/workfront/secret"
)

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBodies(t *testing.T) {
	t.Parallel()
	good := `{"data":` + jane + `}`
	for _, tc := range []struct {
		why      string
		encoding string
		body     []byte
		want     string // in the error; empty means success
	}{
		{"plain", "", []byte(good), ""},
		{"gzip", "gzip", packed(t, good), ""},
		{"gzip that is not declared", "", packed(t, good), ""},
		{"declared gzip that is none", "gzip", []byte(good), "gzip"},
		{"gzip, cut short", "", packed(t, good)[:40], "EOF"},
		{"gzip garbage", "", []byte("\x1f\x8bgarbage, and more of it"), "gzip"},
		{"just not too long", "", []byte(good + strings.Repeat(" ", 1<<20-len(good))), ""},
		{"too long", "", []byte(good + strings.Repeat(" ", 1<<20)), "longer than"},
		{"too long when unpacked", "", packed(t, good+strings.Repeat(" ", 1<<20)), "longer than"},
		{"two documents", "", []byte(good + good), "cut short or not"},
	} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if tc.encoding != "" {
				w.Header().Set("Content-Encoding", tc.encoding)
			}
			_, _ = w.Write(tc.body)
		})
		_, err := c.SetActive(within(t), janeID, true) // not a read, which would be repeated
		if tc.want == "" {
			if err != nil {
				t.Errorf("%s: %v", tc.why, err)
			}
			continue
		}
		e := asError(t, err)
		if !strings.Contains(err.Error(), tc.want) || !e.Temporary() || !e.MaybeApplied() {
			t.Errorf("%s: %v (temporary %v, maybe applied %v)", tc.why, err, e.Temporary(), e.MaybeApplied())
		}
	}
}

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why     string
		handler http.HandlerFunc
	}{
		{"the connection is closed without an answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"the connection is closed within the answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			_, _ = io.WriteString(w, `{"data":`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}},
		{"no HTTP at all", func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, "apiKey "+r.Header.Get("apiKey")+" is wrong\r\n\r\n")
			_ = conn.Close()
		}},
	} {
		_, err := serve(t, tc.handler).SetActive(within(t), janeID, false)
		e := asError(t, err)
		if !e.Sent || !e.Temporary() || !e.MaybeApplied() || e.Err == nil {
			t.Errorf("%s: %v (sent %v, temporary %v, maybe applied %v)", tc.why, err, e.Sent, e.Temporary(), e.MaybeApplied())
		}
		noSecret(t, []secret.Value{apiKey}, err.Error())
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ why, begin string }{
		{"no answer", ""},
		{"half an answer", `{"data":`},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := pipeClient(t, func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.ReadAll(r.Body) // lets the server notice that the client is gone
					if tc.begin != "" {
						_, _ = io.WriteString(w, tc.begin)
						_ = http.NewResponseController(w).Flush()
					}
					<-r.Context().Done()
				})
				start := time.Now()
				_, err := c.SetActive(t.Context(), janeID, false)
				if e := asError(t, err); !e.Temporary() || !e.MaybeApplied() || !strings.Contains(err.Error(), "no complete answer within 20s") {
					t.Errorf("%v", err)
				}
				if errors.Is(err, context.DeadlineExceeded) {
					t.Error("the request's time-out looks like the caller's deadline")
				}
				if took := time.Since(start); took != workfront.DefaultTimeout {
					t.Errorf("it took %v", took)
				}

				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				start = time.Now()
				_, err = c.SetActive(ctx, janeID, false)
				if !errors.Is(err, context.DeadlineExceeded) || !asError(t, err).MaybeApplied() || time.Since(start) != 5*time.Second {
					t.Errorf("%v after %v, want the caller's deadline", err, time.Since(start))
				}
			})
		})
	}
}

func TestNotSent(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	_ = closed.Close()
	c := newClient(t, workfront.Config{URL: "http://" + address, APIKey: apiKey})
	_, err = c.SetActive(within(t), janeID, false)
	if e := asError(t, err); e.Sent || e.MaybeApplied() || !e.Temporary() || e.Status != 0 {
		t.Errorf("connection refused: %+v", e)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("sent under a cancelled context") })
	_, err = never.SetActive(ctx, janeID, false)
	if e := asError(t, err); e.Sent || e.MaybeApplied() || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %+v", e)
	}
}

// TestRetries counts what is sent for one call, and how long that takes.
func TestRetries(t *testing.T) {
	t.Parallel()
	type call func(context.Context, *workfront.Client) error
	find := func(ctx context.Context, c *workfront.Client) error {
		_, err := c.FindByEmail(ctx, "jane@acme.com")
		return err
	}
	deactivate := func(ctx context.Context, c *workfront.Client) error {
		_, err := c.SetActive(ctx, janeID, false)
		return err
	}
	for _, tc := range []struct {
		why        string
		call       call
		replies    []int // statuses in turn, then success
		retryAfter string
		deadline   time.Duration // 0 means none
		sent       int
		ok         bool
		min, max   time.Duration
	}{
		{"a good answer is enough", find, nil, "", 0, 1, true, 0, 0},
		{"one bad moment", find, []int{503}, "", 0, 2, true, 500 * time.Millisecond, time.Second},
		{"pauses double", find, []int{500, 502, 429}, "", 0, 4, true, 3500 * time.Millisecond, 7 * time.Second},
		{"four attempts are all", find, []int{500, 500, 500, 500}, "", 0, 4, false, 3500 * time.Millisecond, 7 * time.Second},
		{"a redirect is left to the caller", find, []int{302}, "", 0, 1, false, 0, 0},
		{"refusals are final: 400, also without optional fields", find, []int{400, 400}, "", 0, 2, false, 0, 0},
		{"refusals are final: 401 with a key", find, []int{401}, "", 0, 1, false, 0, 0},
		{"refusals are final: 403", find, []int{403}, "", 0, 1, false, 0, 0},
		{"refusals are final: 404", find, []int{404}, "", 0, 1, false, 0, 0},
		{"refusals are final: 410", find, []int{410}, "", 0, 1, false, 0, 0},
		{"refusals are final: 422, also without optional fields", find, []int{422, 422}, "", 0, 2, false, 0, 0},
		{"what is optional costs no look-up", find, []int{422}, "", 0, 3, true, 0, 0},
		{"refusals of the write are final: 422", deactivate, []int{422}, "", 0, 1, false, 0, 0},
		{"Retry-After is kept", find, []int{429}, "10", 0, 2, true, 10 * time.Second, 10 * time.Second},
		{"a long Retry-After is the caller's", find, []int{429}, "31", 0, 1, false, 0, 0},
		{"no pause past the deadline", find, []int{503, 503, 503}, "", 400 * time.Millisecond, 1, false, 0, 0},
		{"Retry-After past the deadline", find, []int{429}, "10", 9 * time.Second, 1, false, 0, 0},
		{"the write is never repeated: 503", deactivate, []int{503}, "", 0, 1, false, 0, 0},
		{"the write is never repeated: 429", deactivate, []int{429}, "1", 0, 1, false, 0, 0},
		{"the write is never repeated: 401 with a key", deactivate, []int{401}, "", 0, 1, false, 0, 0},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var sent int
				c := inMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
					sent++
					if sent > len(tc.replies) {
						answers(200, `{"data":[`+strings.Replace(jane, "true", "false", 1)+`]}`)(w, r)
						return
					}
					w.Header().Set("Retry-After", tc.retryAfter)
					answers(tc.replies[sent-1], `{"error":{"message":"m"}}`)(w, r)
				})
				ctx := t.Context()
				if tc.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tc.deadline)
					defer cancel()
				}
				start := time.Now()
				err := tc.call(ctx, c)
				took := time.Since(start)
				if sent != tc.sent || (err == nil) != tc.ok || took < tc.min || took > tc.max {
					t.Errorf("sent %d times in %v, error %v; want %d in %v to %v, success %v", sent, took, err, tc.sent, tc.min, tc.max, tc.ok)
				}
			})
		})
	}
}

func TestCancelEndsAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := inMemoryClient(t, answers(503, `{}`))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		start := time.Now()
		_, err := c.Get(ctx, janeID)
		if e := asError(t, err); e.Status != 503 || time.Since(start) != 100*time.Millisecond {
			t.Errorf("%v after %v, want the last answer at once", err, time.Since(start))
		}
	})
}

func TestTwoRequestsAtATime(t *testing.T) {
	t.Parallel()
	const calls = 20
	var now, most atomic.Int32
	entered, release := make(chan struct{}, calls), make(chan struct{})
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		entered <- struct{}{}
		<-release
		answers(200, `{"data":`+jane+`}`)(w, r)
	})
	done := make(chan error, calls)
	for range calls {
		go func() {
			_, err := c.Get(t.Context(), janeID)
			done <- err
		}()
	}
	<-entered
	<-entered

	// Both slots are taken: a further call waits and ends with its context, unsent.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := c.SetActive(ctx, janeID, false)
	if e := asError(t, err); e.Sent || e.MaybeApplied() || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for a turn: %+v", e)
	}
	close(release)
	for range calls {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if most.Load() != 2 {
		t.Errorf("%d requests at a time, want 2", most.Load())
	}
}
