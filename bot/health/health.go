// Package health serves what supervisors and Prometheus ask a process: whether it
// lives, whether it is ready, and its metrics.
//
//	/livez    200 while the process works; 503: start it again
//	/readyz   200 if everything works that is needed, else 503; a line for each check
//	/metrics  for Prometheus
//
// Nobody has to prove who they are, and nothing is told of anybody; the network decides
// who may ask.
package health

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Check is something without which a process is not ready.
type Check struct {
	Name string
	// Works returns nil if it does, or an error of few words for whoever asks.
	Works func(context.Context) error
}

// Config is what a Server works with. All fields must be set.
type Config struct {
	Live    func() error // nil: the process works
	Ready   []Check
	Metrics http.Handler
	Log     *slog.Logger
}

// Server answers. It may be used by several goroutines.
type Server struct {
	config Config

	turn    chan struct{} // holds an element while somebody uses what follows
	checked time.Time
	results []error // by check
}

// New returns a Server that listens nowhere yet.
func New(config Config) *Server {
	return &Server{config: config, turn: make(chan struct{}, 1)}
}

const (
	// checkFor is how long all checks may take, and freshFor how long what they found
	// is told to whoever asks: many who ask cost no more than one.
	checkFor = 4 * time.Second
	freshFor = 2 * time.Second
	// endFor is how long answers may take when the process ends.
	endFor = time.Second
)

// errSlow is what is said of a check that takes too long.
var errSlow = errors.New("no answer in time")

// Check returns what does not work, by the name of the check; nil for what does.
func (s *Server) Check(ctx context.Context) map[string]error {
	s.turn <- struct{}{} // nobody has it for longer than checkFor
	defer func() { <-s.turn }()
	if s.results == nil || time.Since(s.checked) >= freshFor {
		// Not the caller's context: others are told the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkFor)
		defer cancel()
		s.results = make([]error, len(s.config.Ready))
		var checking sync.WaitGroup
		for i, check := range s.config.Ready {
			checking.Go(func() {
				s.results[i] = check.Works(ctx)
				if s.results[i] != nil && ctx.Err() != nil {
					s.results[i] = errSlow
				}
			})
		}
		checking.Wait()
		s.checked = time.Now()
	}
	found := make(map[string]error, len(s.results))
	for i, check := range s.config.Ready {
		found[check.Name] = s.results[i]
	}
	return found
}

// Serve answers on listener until ctx ends, and closes it.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug),
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), endFor)
		defer cancel()
		if server.Shutdown(last) != nil {
			server.Close()
		}
	})
	err := server.Serve(listener)
	if stop() { // ctx has not ended
		return fmt.Errorf("serving health and metrics: %w", err)
	}
	<-ended
	return nil
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		if err := s.config.Live(); err != nil {
			answer(w, http.StatusServiceUnavailable, err.Error()+"\n")
			return
		}
		answer(w, http.StatusOK, "ok\n")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		found, status := s.Check(r.Context()), http.StatusOK
		var text strings.Builder
		for _, check := range s.config.Ready {
			word := "ok"
			if err := found[check.Name]; err != nil {
				word, status = err.Error(), http.StatusServiceUnavailable
			}
			text.WriteString(check.Name + ": " + word + "\n")
		}
		answer(w, status, text.String())
	})
	mux.Handle("GET /metrics", s.config.Metrics)
	return mux
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // whoever asked has gone
}
