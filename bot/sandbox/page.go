package sandbox

import (
	"bytes"
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"sync"

	"wfbot/bot/slacksim"
	"wfbot/bot/store"
	"wfbot/workfront/workfrontsim"
)

//go:embed templates static
var files embed.FS

// page is what a visitor sees and does. Its methods may be called by several
// goroutines.
type page struct {
	slack     *slacksim.Server
	tenant    *workfrontsim.Server
	store     *store.Store // nil: the bot is another process, with a database of its own
	world     world
	faults    *faults
	log       *slog.Logger
	templates *template.Template
	token     string // that every post carries

	mu      sync.Mutex
	desks   map[string]*desk // by Slack user id
	changed chan struct{}    // closed when a desk changes
}

// desk is what the Slack client on somebody's desk shows without the server's
// doing.
type desk struct {
	notice string // why what they did last was not sent; empty: it was
	draft  draft
}

func newPage(slack *slacksim.Server, tenant *workfrontsim.Server, database *store.Store, w world, log *slog.Logger) (*page, error) {
	templates, err := template.New("").Funcs(template.FuncMap{"press": pressable, "element": frameable, "choose": choosable, "fill": fillable, "one": oneBlock}).ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("reading the page's templates: %w", err)
	}
	return &page{
		slack: slack, tenant: tenant, store: database, world: w, faults: newFaults(slack, tenant), log: log, templates: templates, token: rand.Text(),
		desks: map[string]*desk{}, changed: make(chan struct{}),
	}, nil
}

func (p *page) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.show)
	mux.HandleFunc("GET /live", p.live)
	mux.Handle("GET /static/", http.FileServerFS(files))
	mux.HandleFunc("POST /send", p.send)
	mux.HandleFunc("POST /press", p.press)
	mux.HandleFunc("POST /choose", p.choose)
	mux.HandleFunc("POST /shortcut", p.shortcut)
	mux.HandleFunc("POST /fault", p.turn)
	mux.HandleFunc("POST /submit", p.submit)
	mux.HandleFunc("POST /close", p.closeView)
	return guard(mux, p.token, p.log)
}

func (p *page) show(w http.ResponseWriter, r *http.Request) {
	at := p.at(r)
	if at.Home {
		if err := p.slack.OpenHome(at.Me.ID); err != nil {
			p.log.Debug("Slack does not open the Home tab", "user", at.Me.ID, "error", err)
		}
	}
	s, err := p.screen(r.Context(), at)
	var html bytes.Buffer
	if err == nil {
		err = p.templates.ExecuteTemplate(&html, "page.html", s)
	}
	if err != nil {
		p.log.Error("the page could not be drawn", "error", err)
		http.Error(w, "The page could not be drawn; the log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = html.WriteTo(w) // the visitor may be gone; nothing to be done about it
}

// atDesk looks at or changes somebody's desk.
func (p *page) atDesk(id string, change func(*desk)) desk {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.desks[id]
	if d == nil {
		d = new(desk)
		p.desks[id] = d
	}
	if change != nil {
		change(d)
		close(p.changed)
		p.changed = make(chan struct{})
	}
	return *d
}

// deskChanged returns a channel that is closed at the next change of a desk.
func (p *page) deskChanged() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}
