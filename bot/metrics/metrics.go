// Package metrics counts what one process does, in the form that Prometheus reads.
//
// Nothing about a person, a request or a channel is in a name or a label: every label
// has few values, which are those of this program, or are kept few here (calls.go).
// So there are as many series after 10,000 requests as after 10.
//
// What happened to requests is counted where the audit trail is committed
// ([Metrics.Recorded]): a decision, a refusal or an outcome that is not on disk is not
// counted. Counts begin at 0 with each process. How things stand is read from the
// database when Prometheus asks, every few seconds at most ([Standing]), so that it is
// the same in all processes that share one.
package metrics

import (
	"context"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are those of one process. It may be used by several goroutines.
type Metrics struct {
	registry *prometheus.Registry

	interactions *prometheus.CounterVec
	decisions    *prometheus.CounterVec
	refusals     *prometheus.CounterVec
	events       *prometheus.CounterVec
	steps        *prometheus.CounterVec
	retries      *prometheus.CounterVec
	acknowledged *prometheus.HistogramVec
	calls        *prometheus.CounterVec
	callSeconds  *prometheus.HistogramVec

	codes codes // of Slack's refusals
}

// New returns the metrics of a process that has done nothing yet. version is that of
// the program.
func New(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "wfbot", Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "wfbot", Name: name, Help: help, Buckets: buckets}, labels)
		m.registry.MustRegister(h)
		return h
	}
	m.interactions = counter("interactions_total", "What people did in Slack and Slack delivered, by kind and what became of it.", "kind", "result")
	m.decisions = counter("decisions_total", "Decisions that are on disk.", "decision")
	m.refusals = counter("refusals_total", "What somebody wanted and was refused, by reason.", "reason")
	m.events = counter("events_total", "Entries of the audit trail but decisions and refusals, by kind.", "event")
	m.steps = counter("steps_total", "Steps begun for requests, cards and Home tabs.", "step")
	m.retries = counter("retries_total", "Steps begun that had failed before, or whose outcome was open.", "step")
	m.acknowledged = histogram("acknowledgement_seconds", "From when an envelope of Slack's was read to its acknowledgement, or to giving up on it.",
		[]float64{.01, .025, .05, .1, .25, .5, 1, 1.5, 2, 2.5, 3}, "acknowledged")
	m.calls = counter("calls_total", "Calls to Slack and Workfront, by method and HTTP status; none: no answer. Of a call that Slack refuses with status 200, its error code.",
		"service", "method", "status")
	m.callSeconds = histogram("call_duration_seconds", "How long calls to Slack and Workfront took.",
		[]float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20}, "service", "method")

	m.begin()

	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "wfbot", Name: "build_info", Help: "What runs; always 1."}, []string{"version", "goversion"})
	info.WithLabelValues(version, runtime.Version()).Set(1)
	m.registry.MustRegister(info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// begin has the counters that alerts are made of begin at 0: who asks for an increase
// misses the first one of a series that was not there before.
func (m *Metrics) begin() {
	for _, decision := range decisions {
		m.decisions.WithLabelValues(decision)
	}
	for _, event := range []string{"requested", "done", "failed", "requester not reached", "card given up", "set aside"} {
		m.events.WithLabelValues(event)
	}
	for _, kind := range []string{"command", "click", "form", "opening"} {
		m.interactions.WithLabelValues(kind, Stored)
		m.interactions.WithLabelValues(kind, NotStored)
	}
	m.acknowledged.WithLabelValues("true")
	m.acknowledged.WithLabelValues("false")
}

// Gatherer is what Handler serves.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// scrapeFor is how long one page may take, and atOnce how many are made at a time.
const (
	scrapeFor = 8 * time.Second // Prometheus waits for 10 where it is told nothing else
	atOnce    = 2
)

// Handler serves the metrics. What cannot be read now is left out.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: atOnce, Timeout: scrapeFor,
	})
}

// What becomes of an interaction.
const (
	Stored    = "stored"     // and will be dealt with
	Repeated  = "repeated"   // Slack delivered it again
	NotStored = "not stored" // the database does not take it; the person is told
	SentBack  = "sent back"  // a form that is filled in wrongly
	Opened    = "opened"     // a form, or a Home tab: nothing has to be stored for it
)

// Interaction counts an interaction of a kind, with what became of it: one of the
// constants above.
func (m *Metrics) Interaction(kind, result string) {
	m.interactions.WithLabelValues(kind, result).Inc()
}

// decisions are the kinds of entries that are decisions of people.
var decisions = []string{"approve", "deny", "cancel", "retry"}

// Recorded counts an entry of the audit trail that has been committed, by its kind. why
// is the reason where it tells of a refusal.
func (m *Metrics) Recorded(kind, why string) {
	switch {
	case slices.Contains(decisions, kind):
		m.decisions.WithLabelValues(kind).Inc()
	case kind == "refused", kind == "rejected":
		m.refusals.WithLabelValues(why).Inc()
	default:
		m.events.WithLabelValues(kind).Inc()
	}
}

// Step counts a step that begins. again: it failed before, or its outcome is open.
func (m *Metrics) Step(step string, again bool) {
	m.steps.WithLabelValues(step).Inc()
	if again {
		m.retries.WithLabelValues(step).Inc()
	}
}

// Acknowledged notes how long an envelope took, and whether it was acknowledged.
func (m *Metrics) Acknowledged(took time.Duration, ok bool) {
	m.acknowledged.WithLabelValues(strconv.FormatBool(ok)).Observe(took.Seconds())
}

// Standing is how things stand in the database.
type Standing struct {
	Requests map[string]int // that have not ended, and those that failed, by state
	SetAside map[string]int // by kind of row
	// Since when the oldest request waits for people, and since when the oldest thing
	// that is due waits for the bot; zero: none does.
	PeopleSince, BotSince time.Time
}

// Sources are what is asked at each scrape, the first at most once in some seconds. All
// fields must be set.
type Sources struct {
	Standing    func(context.Context) (Standing, error)
	Connections func() (open, wanted int)              // to Slack, of this process
	Ready       func(context.Context) map[string]error // by what is checked; nil: it works
	Now         func() time.Time
}

// Watch has the gauges read from sources. It is called once.
func (m *Metrics) Watch(sources Sources) {
	m.registry.MustRegister(&gauges{from: sources, turn: make(chan struct{}, 1)})
}

// gauges are collected again at each scrape, except for how things stand in the database:
// however many ask, that is read once in freshFor.
type gauges struct {
	from Sources

	turn     chan struct{} // holds an element while somebody uses what follows
	read     time.Time
	standing Standing
	err      error
}

const (
	// gaugesFor bounds what a scrape asks the database, and freshFor is how long what it
	// said is told to whoever asks: SQLite has one connection, which has work to do.
	gaugesFor = 3 * time.Second
	freshFor  = 5 * time.Second
)

// stands is how things stand in the database, at most freshFor ago.
func (g *gauges) stands(ctx context.Context) (Standing, error) {
	g.turn <- struct{}{} // nobody has it for longer than gaugesFor
	defer func() { <-g.turn }()
	if g.read.IsZero() || time.Since(g.read) >= freshFor {
		g.standing, g.err = g.from.Standing(ctx)
		g.read = time.Now()
	}
	return g.standing, g.err
}

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("wfbot_"+name, help, labels, nil)
}

var (
	requestsNow     = gauge("requests", "Requests that have not ended, and those that failed, by state.", "state")
	setAsideNow     = gauge("rows_set_aside", "Rows that cannot be handled and wait for the operator.", "row")
	oldestNow       = gauge("oldest_waiting_seconds", "How long the oldest request waits for people, and how long the oldest thing that is due waits for wfbot; 0: nothing waits.", "waits_for")
	databaseNow     = gauge("database_read_success", "Whether the database could be read for this page: 1 or 0.")
	connectionsNow  = gauge("slack_connections", "Socket Mode connections of this process that can deliver.")
	connectionsWant = gauge("slack_connections_wanted", "Socket Mode connections that this process keeps open.")
	readyNow        = gauge("ready", "Whether what /readyz checks works: 1 or 0.", "check")
)

// Describe implements prometheus.Collector.
func (g *gauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{requestsNow, setAsideNow, oldestNow, databaseNow, connectionsNow, connectionsWant, readyNow} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), gaugesFor)
	defer cancel()
	set := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	open, wanted := g.from.Connections()
	set(connectionsNow, float64(open))
	set(connectionsWant, float64(wanted))
	for check, err := range g.from.Ready(ctx) {
		set(readyNow, number(err == nil), check)
	}
	standing, err := g.stands(ctx)
	set(databaseNow, number(err == nil))
	if err != nil {
		return
	}
	for state, n := range standing.Requests {
		set(requestsNow, float64(n), state)
	}
	for row, n := range standing.SetAside {
		set(setAsideNow, float64(n), row)
	}
	now := g.from.Now()
	set(oldestNow, age(standing.PeopleSince, now), "people")
	set(oldestNow, age(standing.BotSince, now), "wfbot")
}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// age is in seconds, 0 for the zero time and for what is to come.
func age(since, now time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(0, now.Sub(since).Seconds())
}
