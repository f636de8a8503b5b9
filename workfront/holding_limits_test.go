package workfront_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/workfront"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

// Hanging queries get a share of the caller's time and leave the rest of it to
// the others, even if there are as many of them as requests at a time.
func TestHoldingsHang(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs := []workfront.HoldingKind{"tasks", "issues", "reports"}
		c := inMemoryClient(t, func(w http.ResponseWriter, r *http.Request) {
			for _, object := range []string{"/task/", "/optask/", "/ptlsec/"} {
				if strings.Contains(r.URL.Path, object) {
					<-r.Context().Done()
					return
				}
			}
			time.Sleep(100 * time.Millisecond) // on the test's own clock
			answers(200, `{"data":{"count":1}}`)(w, r)
		})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		for _, h := range kinds(t, c.Holdings(ctx, janeID)) {
			if hung := slices.Contains(hangs, h.Kind); (h.Err != nil) != hung {
				t.Errorf("%+v", h)
			} else if hung && !strings.Contains(h.Err.Error(), "no complete answer within") {
				t.Errorf("%s: %v", h.Kind, h.Err)
			}
		}
		if took := time.Since(start); took >= 5*time.Second {
			t.Errorf("took %v of 5 s", took)
		}
	})
}

// When the time is up, every row that is missing says so.
func TestHoldingsTimeUp(t *testing.T) {
	t.Parallel()
	sim, url, jane := busyTenant(t, workfrontsim.Config{Batch: workfrontsim.Batch{Status: 404}})
	c := simClient(t, sim, url)
	ctx, cancel := context.WithCancel(within(t))
	var answered atomic.Int64
	sim.Observe(func(call workfrontsim.Call, phase workfrontsim.Phase) {
		if phase == workfrontsim.Answered && answered.Add(1) == 4 {
			cancel()
		}
	})
	missing := 0
	for _, h := range kinds(t, c.Holdings(ctx, jane.ID)) {
		if h.Err != nil {
			missing++
			if !errors.Is(h.Err, context.Canceled) {
				t.Errorf("%s: %v", h.Kind, h.Err)
			}
		}
	}
	if missing == 0 {
		t.Error("the context ended and nothing is missing")
	}
}

// counting is a transport that knows how many requests are under way, from
// sending to the end of the answer.
type counting struct {
	http.RoundTripper
	now, most atomic.Int64
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	n := c.now.Add(1)
	for most := c.most.Load(); n > most && !c.most.CompareAndSwap(most, n); most = c.most.Load() {
	}
	res, err := c.RoundTripper.RoundTrip(r)
	if err != nil {
		c.now.Add(-1)
		return nil, err
	}
	res.Body = countedBody{res.Body, c}
	return res, nil
}

type countedBody struct {
	io.ReadCloser
	c *counting
}

func (b countedBody) Close() error { b.c.now.Add(-1); return b.ReadCloser.Close() }

func TestRequestsAtATime(t *testing.T) {
	t.Parallel()
	for configured, allowed := range map[int]int64{0: 6, 1: 1, 2: 2} {
		sim, url, jane := busyTenant(t, workfrontsim.Config{Batch: workfrontsim.Batch{Status: 404}})
		transport := &counting{RoundTripper: http.DefaultTransport.(*http.Transport).Clone()}
		c := newClient(t, workfront.Config{URL: url, APIKey: secret.Value(sim.APIKey()), Transport: transport, Concurrency: configured})
		ctx := within(t)
		done := make(chan []workfront.Holding)
		for range 3 {
			go func() { done <- c.Holdings(ctx, jane.ID) }()
		}
		_, want := everything()
		for range 3 {
			if diff := cmp.Diff(want, counts(t, <-done)); diff != "" {
				t.Errorf("three at a time (-want +got):\n%s", diff)
			}
		}
		if most := transport.most.Load(); most > allowed {
			t.Errorf("%d requests at a time, want %d at most", most, allowed)
		}
	}
}

// A tenant that takes fewer requests at a time than the client may send is found out:
// hardly any is refused.
func TestRequestsThatTheTenantTakes(t *testing.T) {
	t.Parallel()
	sim, url, jane := busyTenant(t, workfrontsim.Config{MaxConcurrent: 4, Batch: workfrontsim.Batch{Status: 404}})
	c, ctx := simClient(t, sim, url), within(t)
	refused := 0
	for range 20 {
		for _, h := range c.Holdings(ctx, jane.ID) {
			if h.Err == nil {
				continue
			}
			if refused++; asError(t, h.Err).Status != http.StatusTooManyRequests {
				t.Errorf("%+v", h)
			}
		}
	}
	if refused > 20 {
		t.Errorf("%d of 360 counts were refused", refused)
	}
}
