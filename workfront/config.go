package workfront

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"wfbot/workfront/secret"
)

const (
	// DefaultVersion is the API version used where Config names none.
	// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/api/api-version-support-schedule.md
	DefaultVersion = "v22.0"

	// DefaultTimeout is the time one request has where Config names none.
	DefaultTimeout = 20 * time.Second

	// DefaultConcurrency is how many requests a Client has under way at a time, at
	// most, where Config names none. Until 2024 Adobe published a limit of ten for each
	// customer, which all of its integrations share.
	DefaultConcurrency = 6
)

// Config says which Workfront to talk to, and as which user. Exactly one of APIKey and
// OAuth is set.
type Config struct {
	// URL is the whole host, such as https://acme.my.workfront.adobe.com. It
	// has no path, query or user name. http is allowed to loopback addresses only.
	URL string

	// Version is the API version, such as v22.0. Empty means DefaultVersion.
	Version string

	// APIKey is an existing API key.
	APIKey secret.Value

	// OAuth is an OAuth2 server-to-server application.
	OAuth *OAuth

	// Timeout is how long one request may take, from connecting to the end of
	// its answer. Zero means DefaultTimeout. A call can take longer: it may wait
	// for its turn, exchange a token, and repeat a read. Bound the call with
	// its context.
	Timeout time.Duration

	// Concurrency is how many requests may be under way at a time, at most. Zero means
	// DefaultConcurrency.
	Concurrency int

	// UserFields are the fields of a user to ask for besides those that are
	// always asked for (ID, name, emailAddr, isActive, accessLevel:isAdmin),
	// such as title, manager:emailAddr, company:name or DE:Employee ID, a
	// custom field. Empty means all that [User] has fields for. A field of it that is
	// not asked for stays empty; rules that need a user's manager need
	// managerID, manager:name and manager:emailAddr here. What User has no
	// field for is its Extra. A field that the tenant does not have is left out
	// and never fails a call; see User.Missing.
	UserFields []string

	// ClosedStatuses are further status codes that mean that a thing of a kind is no
	// longer held. The statuses of a tenant's own that equate with a closed one are read
	// from Workfront once; name here what that leaves out. Only tasks, issues, projects,
	// managed projects and timesheets have statuses.
	ClosedStatuses map[HoldingKind][]string

	// DecidedStatuses are the status codes of a user's approval that mean that
	// it was decided; see [Client.AwaitingApproval]. Empty means none.
	DecidedStatuses []string

	// Transport carries the requests. Nil means one of the client's own, with
	// net/http's defaults.
	Transport http.RoundTripper

	// Wrap, unless it is nil, is put around what carries the requests, to watch them.
	Wrap func(http.RoundTripper) http.RoundTripper

	// Log receives one debug entry per request and a warning per repeated read.
	// Nil means none.
	Log *slog.Logger
}

// Client talks to one Workfront tenant as one account. Its methods may be
// called concurrently.
type Client struct {
	host      string // scheme and host
	api       string // host and the path every API call begins with
	timeout   time.Duration
	transport http.RoundTripper
	log       *slog.Logger
	places    *places
	version   string
	clock     atomic.Pointer[time.Duration] // see ClockOff

	userFields []string // optional ones
	refused    refusals
	closed     map[HoldingKind][]string // as configured
	statuses   statuses
	decided    []string
	batching   *batching

	apiKey  secret.Value // empty where session is set
	session *session     // nil where apiKey is set
}

// New returns a client for cfg. Its error joins all mistakes in cfg, each
// naming its field and none showing a value that could be a secret. New sends
// nothing; see [Client.Whoami] for a first call that proves the credential.
func New(cfg Config) (*Client, error) {
	c, err := newClient(cfg)
	errs := []error{err}
	switch {
	case cfg.APIKey == "" && cfg.OAuth == nil:
		errs = append(errs, errors.New("APIKey or OAuth is required"))
	case cfg.APIKey != "" && cfg.OAuth != nil:
		errs = append(errs, errors.New("APIKey and OAuth exclude each other"))
	case cfg.APIKey != "" && !validHeader(cfg.APIKey):
		errs = append(errs, errors.New("APIKey holds spaces or characters that no key has"))
	}
	if cfg.OAuth != nil {
		s, err := newSession(*cfg.OAuth)
		errs, c.session = append(errs, err), s
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	c.apiKey = cfg.APIKey
	return c, nil
}

// newClient returns a client without credentials. The client is never nil; with
// an error it is not to be used.
func newClient(cfg Config) (*Client, error) {
	c := &Client{
		timeout:   cmp.Or(cfg.Timeout, DefaultTimeout),
		transport: cfg.Transport,
		log:       cmp.Or(cfg.Log, slog.New(slog.DiscardHandler)),
		places:    newPlaces(cmp.Or(max(cfg.Concurrency, 0), DefaultConcurrency)),
		closed:    maps.Clone(cfg.ClosedStatuses),
		statuses:  statuses{lock: make(chan struct{}, 1), closed: make(map[string][]string)},
		decided:   slices.Clone(cfg.DecidedStatuses),
		batching:  newBatching(),
	}
	if c.transport == nil {
		c.transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	if cfg.Wrap != nil {
		c.transport = cfg.Wrap(c.transport)
	}
	version := cmp.Or(cfg.Version, DefaultVersion)
	host, err := parseHost(cfg.URL)
	userFields, fieldsErr := checkFields(cfg.UserFields)
	errs := []error{err, fieldsErr, checkClosed(cfg.ClosedStatuses)}
	c.userFields = userFields
	if !versionPattern.MatchString(version) {
		errs = append(errs, fmt.Errorf("malformed Version %.20q, the form is %s", version, DefaultVersion))
	}
	if cfg.Timeout < 0 {
		errs = append(errs, errors.New("negative Timeout"))
	}
	if cfg.Concurrency < 0 {
		errs = append(errs, errors.New("negative Concurrency"))
	}
	c.host = host
	c.api, c.version = host+"/attask/api/"+version, version
	return c, errors.Join(errs...)
}

// checkClosed refuses statuses of kinds that have none: a tenant would refuse
// the query.
func checkClosed(closed map[HoldingKind][]string) error {
	var errs []error
	for _, kind := range slices.Sorted(maps.Keys(closed)) {
		if !slices.ContainsFunc(heldQueries, func(q heldQuery) bool { return q.kind == kind && q.closed != nil }) {
			errs = append(errs, fmt.Errorf("ClosedStatuses holds %.40q, a kind without statuses", kind))
		}
	}
	return errors.Join(errs...)
}

var versionPattern = regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,2}$`)

// parseHost returns the scheme and host of raw, as [Host] writes it. Its errors do not show raw,
// into which people paste links with a key in the query.
func parseHost(raw string) (string, error) {
	if raw == "" {
		return "", errors.New("URL is required, such as https://acme.my.workfront.adobe.com")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Host == "", u.Hostname() == "":
		return "", errors.New("URL is not a whole address such as https://acme.my.workfront.adobe.com")
	case u.User != nil:
		return "", errors.New("URL holds a user name or password; credentials have fields of their own")
	case strings.Trim(u.Path, "/") != "", u.RawQuery != "", u.ForceQuery, u.Fragment != "":
		return "", errors.New("URL is the host alone, without path, query or fragment")
	case u.Scheme != "https" && u.Scheme != "http":
		return "", errors.New("URL begins with https://")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "", errors.New("URL is https except on a loopback address, since it carries a credential")
	}
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	port, err := strconv.ParseUint(cmp.Or(u.Port(), defaultPorts[u.Scheme]), 10, 16)
	ip := net.ParseIP(name)
	switch {
	case ip == nil && !hostPattern.MatchString(name):
		return "", errors.New("URL holds a character that no host name has")
	case err != nil || port == 0:
		return "", errors.New("URL holds a port that does not exist")
	case ip != nil && ip.To4() == nil:
		name = "[" + ip.String() + "]"
	}
	if text := strconv.FormatUint(port, 10); text != defaultPorts[u.Scheme] {
		name += ":" + text
	}
	return u.Scheme + "://" + name, nil
}

var (
	hostPattern  = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*$`)
	defaultPorts = map[string]string{"https": "443", "http": "80"}
)

// Host returns the host that rawURL names, in the form that is used to compare hosts: in
// small letters, without a full stop at the end, and with its port unless that is the
// usual one. rawURL is as in [Config].
func Host(rawURL string) (string, error) {
	host, err := parseHost(rawURL)
	_, host, _ = strings.Cut(host, "://")
	return host, err
}

// Host returns the host of the tenant, as the function [Host] does.
func (c *Client) Host() string {
	_, host, _ := strings.Cut(c.host, "://")
	return host
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// validHeader reports whether v is sent unchanged as a header's value.
func validHeader(v secret.Value) bool {
	return v != "" && !strings.ContainsFunc(v.Reveal(), func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// String names the host. It exists so that printing a client does not print its fields:
// fmt would show the API key.
func (c *Client) String() string { return "Workfront client for " + c.host }

// GoString is String, for %#v.
func (c *Client) GoString() string { return c.String() }

// CloseIdleConnections closes the connections that no request uses. The client
// remains usable.
func (c *Client) CloseIdleConnections() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}
