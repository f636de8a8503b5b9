package main

import (
	"crypto/x509"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// checkProcess names the variables for the Go runtime that it would pass over
// without a word, and go to Slack and Workfront another way than was meant.
func checkProcess(environ []string, m *mistakes) {
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		switch name {
		case "HTTPS_PROXY", "https_proxy":
			if value != "" && !isProxy(value) { // it may hold a password
				m.add(name, "is not the address of a proxy, so that wfbot would go around it: write it as http://proxy.example.com:3128, without quotation marks or spaces")
			}
		case "SSL_CERT_FILE":
			text, err := os.ReadFile(value)
			switch {
			case value == "":
			case err != nil:
				m.add(name, "names a file that cannot be read, so that its certificates would not count: %v", cause(err))
			case !x509.NewCertPool().AppendCertsFromPEM(text):
				m.add(name, "names a file that holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
			}
		}
	}
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// isProxy reports whether net/http takes value for a proxy that can be reached: an
// address without a scheme is one of http.
func isProxy(value string) bool {
	u, err := url.Parse(value)
	if err != nil || u.Scheme == "" || u.Host == "" {
		if u, err = url.Parse("http://" + value); err != nil {
			return false
		}
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
	default:
		return false
	}
	return isHost(u) && (u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
}

// isHost reports whether the address names a host, and a port if it has one.
func isHost(u *url.URL) bool {
	port, err := strconv.Atoi(u.Port())
	ok := u.Port() == "" && !strings.HasSuffix(u.Host, ":") || err == nil && port > 0 && port < 1<<16
	return ok && (hostName.MatchString(u.Hostname()) || strings.HasPrefix(u.Host, "["))
}
