package sandbox

import (
	"crypto/subtle"
	"log/slog"
	"net"
	"net/http"
	"strings"
)

// guard lets nobody drive the page but itself. A website that a visitor has open
// could send requests to loopback addresses: under a name of its own that points
// there (DNS rebinding), which Host gives away, or across origins, which
// Sec-Fetch-Site and Origin give away; and it cannot read the token.
//
// Source: https://developer.mozilla.org/en-US/docs/Web/Security/Attacks/CSRF
func guard(next http.Handler, token string, log *slog.Logger) http.Handler {
	origins := http.NewCrossOriginProtection()
	refuse := func(w http.ResponseWriter, r *http.Request, status int, why string) {
		log.Warn("a request to the sandbox page was refused", "method", r.Method, "path", r.URL.Path,
			"host", r.Host, "origin", r.Header.Get("Origin"), "why", why)
		http.Error(w, why, status)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		if !loopbackHost(r.Host) {
			refuse(w, r, http.StatusMisdirectedRequest, "the sandbox answers to loopback addresses only")
			return
		}
		if err := origins.Check(r); err != nil || embedded(r) {
			refuse(w, r, http.StatusForbidden, "the request comes from another site")
			return
		}
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
			if subtle.ConstantTimeCompare([]byte(r.PostFormValue("token")), []byte(token)) != 1 {
				refuse(w, r, http.StatusForbidden, "the page is out of date: reload it")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// embedded reports whether a browser says that another site asks for something on
// its own behalf: a picture, a frame, a stream of events.
func embedded(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site": // the latter is another port of this machine
		return r.Header.Get("Sec-Fetch-Dest") != "document"
	}
	return false
}

// loopbackHost reports whether a Host header names this machine. The port does
// not matter: it may be forwarded.
func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
