package workfrontsim

import (
	"cmp"
	"net/http"
	"sync"
)

// A Server is a simulated Workfront tenant. It is an [http.Handler] to be mounted
// at the root of a host. All methods may be called at any time from any
// goroutine.
type Server struct {
	cfg        Config
	types      map[string]*objectType
	customerID string
	callerID   string
	closed     chan struct{} // ends answers that wait
	closeOnce  sync.Once

	mu          sync.Mutex
	tables      map[string]*table
	rights      map[string]UserRights // by access level ID
	accessRules map[accessKey]Access
	keys        map[string]credential // API keys
	sessions    map[string]credential // session IDs and access tokens
	passwords   map[string]*password  // by user ID
	calls       []*Call
	writes      []Write
	faults      []*InjectedFault
	hooks       []*func(Call, Phase)
	subscribers map[chan struct{}]bool
	inFlight    int
	lastID      int
	lastFault   int
	answers     int // for GzipAlternate
}

// New returns a tenant with the four access levels and the integration user.
func New(c Config) *Server {
	s := &Server{
		cfg: c.withDefaults(), types: schema(c.CustomFields), closed: make(chan struct{}),
		tables: make(map[string]*table), rights: make(map[string]UserRights),
		accessRules: make(map[accessKey]Access),
		keys:        make(map[string]credential), sessions: make(map[string]credential),
		passwords: make(map[string]*password), subscribers: make(map[chan struct{}]bool),
	}
	for _, name := range c.Without {
		s.withhold(name)
	}
	for code := range s.types {
		s.tables[code] = &table{rows: make(map[string]record)}
	}
	s.customerID = cmp.Or(c.CustomerID, s.nextIDLocked())
	s.tables["CUST"].put(record{"ID": s.customerID, "name": "Acme"})
	for _, l := range []AccessLevel{
		{ID: AccessAdministrator, Name: "System Administrator", Admin: true, LicenseType: "F"},
		{ID: AccessStandard, Name: "Standard", LicenseType: "F"},
		{ID: AccessLight, Name: "Light", LicenseType: "C"},
		{ID: AccessContributor, Name: "Contributor", LicenseType: "R"},
	} {
		s.addAccessLevelLocked(l)
	}
	s.addBaseStatusesLocked()
	caller := c.Caller
	if caller.ID == "" && caller.Email == "" {
		caller = User{Name: "Workfront Integration", Email: "integration@acme.com",
			Active: true, AccessLevelID: AccessAdministrator}
	}
	s.callerID = s.addUserLocked(caller).ID
	s.cfg.APIKey = cmp.Or(c.APIKey, newToken())
	s.keys[s.cfg.APIKey] = s.newCredential(s.callerID, s.cfg.APIKeyLifetime)
	return s
}

// APIKey returns the key of [Config.APIKey] or the one made up in its place.
func (s *Server) APIKey() string { return s.cfg.APIKey }

// CustomerID returns the ID of the tenant, the issuer of JWT assertions.
func (s *Server) CustomerID() string { return s.customerID }

// Close ends answers that a fault lets hang or wait, so that the HTTP server in
// front can close. The handler must not be used after it.
func (s *Server) Close() { s.closeOnce.Do(func() { close(s.closed) }) }

// ServeHTTP serves one call: it is read and journalled, applied if no fault
// prevents that, and answered; observers run between.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, parseErr := s.parse(r)
	fault, crowded := s.begin(q)
	s.observe(q.call, Received)

	q.commit, q.unchanged = fault.Apply, fault.Answer.Kind == Unchanged
	if q.unchanged {
		q.commit = false
	}
	var out reply
	if q.commit || fault.Answer.needsNormal() {
		out = s.apply(q, parseErr, crowded)
	}
	if q.commit {
		s.mark(q, func(c *Call) { c.Applied = out.status < http.StatusBadRequest })
		s.observe(q.call, Applied)
	}
	status, abort := s.respond(w, q, fault.Answer, out)
	s.mark(q, func(c *Call) { c.Status, c.Error, c.Done = status, fault.Answer.message(out), true })
	s.observe(q.call, Answered)
	s.cfg.Log.Debug("workfront call", "seq", q.call.Seq, "operation", q.operation, "status", status, "fault", q.call.Fault)
	if abort {
		panic(http.ErrAbortHandler) // the one way to break a connection that cannot be hijacked
	}
}

// begin journals the call and chooses its fault. crowded says that more calls are
// in flight than the customer may have; the call counts until it is answered.
func (s *Server) begin(q *request) (f Fault, crowded bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q.call = &Call{
		Seq: len(s.calls) + 1, Time: s.cfg.Now(), Method: q.http.Method, Verb: q.verb, Path: q.http.URL.Path,
		Query: q.params.redacted(false), Body: q.redactedBody(), Version: q.version,
		Operation: q.operation, Targets: q.targets, Credential: q.carrier(),
	}
	s.calls = append(s.calls, q.call)
	if !q.carriesPassword() { // each look at a password counts
		q.call.CallerID, _ = s.authenticate(q) // again when it is applied, since credentials may end meanwhile
	}
	f, found := s.takeFaultLocked(q)
	for _, part := range q.parts {
		if !found {
			f, found = s.takeWholeFaultLocked(part)
		}
	}
	if found {
		q.call.Fault = f.name()
	}
	s.inFlight += s.threads(q)
	s.changedLocked()
	return f, s.cfg.MaxConcurrent >= 0 && s.inFlight > s.cfg.MaxConcurrent
}

// mark changes the journal's entry of the call. Done also ends its share of the
// concurrency limit.
func (s *Server) mark(q *request, change func(*Call)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(q.call)
	if q.call.Done {
		s.inFlight -= s.threads(q)
	}
	s.changedLocked()
}

// reply is an answer before it is put on the wire.
type reply struct {
	status  int
	body    []byte
	message string // of an error
}

// apply carries the call out and makes the answer.
func (s *Server) apply(q *request, parseErr error, crowded bool) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, err := any(nil), parseErr
	if crowded {
		err = &apiError{status: http.StatusTooManyRequests, message: "429 Too many concurrent API requests"}
	}
	if err == nil {
		value, err = s.dispatch(q)
	}
	if err != nil {
		return s.errorReply(err)
	}
	return reply{status: http.StatusOK, body: encode(value)}
}

func (s *Server) errorReply(err error) reply {
	e := asAPIError(err)
	return reply{status: e.status, message: e.message, body: encode(s.errorValue(e))}
}

func (s *Server) errorValue(e *apiError) any {
	switch {
	case e.body != nil:
		return e.body
	case e.plain:
		return map[string]any{"error": e.message}
	case e.class == "" || s.cfg.ErrorsWithoutClass:
		return map[string]any{"error": map[string]any{"message": e.message}}
	}
	return map[string]any{"error": map[string]any{"class": e.class, "message": e.message}}
}

// dispatch authenticates and runs the operation.
func (s *Server) dispatch(q *request) (any, error) {
	switch q.operation {
	case "jwt/exchange":
		return s.exchange(q)
	case "login":
		return s.login(q)
	case "logout":
		return s.logout(q)
	}
	if isKeyAction(q) {
		return s.keyAction(q)
	}
	caller, err := s.authenticate(q)
	if err != nil {
		return nil, err
	}
	q.caller, q.call.CallerID = caller, caller
	switch q.operation {
	case "session":
		return s.session(q)
	case "batch":
		return s.batch(q)
	}
	if q.object.part && (q.action != "metadata" || s.cfg.NoPartMetadata) {
		return nil, notTopLevel(q.object)
	}
	switch q.verb {
	case http.MethodPut:
		return s.put(q)
	case http.MethodDelete:
		return s.delete(q)
	case http.MethodPost:
		return nil, notSimulated("creating objects")
	}
	switch q.action {
	case "get":
		return s.getByID(q)
	case "search":
		return s.search(q)
	case "count":
		return s.count(q)
	case "metadata":
		return s.metadata(q), nil
	case "report":
		return nil, notSimulated("reports")
	}
	return nil, modelError(http.StatusUnprocessableEntity, q.version, "namedQuery", q.action, q.object.code)
}
