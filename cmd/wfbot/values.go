package main

import (
	"crypto/x509"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"wfbot/bot/request"
	"wfbot/workfront/secret"
)

// quotationMarks are those that people put around a value, and those that word
// processors make of them.
const quotationMarks = "\"'`“”„‟‘’‚‛«»‹›"

// checkValue names what surrounds a value or hides in it and was not meant to be
// part of it: a rule or a key with it would be another one, and look the same.
func checkValue(name, value string, m *mistakes) {
	if strings.HasPrefix(value, name+"=") {
		m.add(name, "holds its own name and a =, which belong in front of the value only: leave them out there (a file that a variable names holds the value alone)")
	}
	if name == "WFBOT_PROTECTED" { // its entries have a grammar of their own, which takes such things off
		return
	}
	first, size := utf8.DecodeRuneInString(value)
	last, _ := utf8.DecodeLastRuneInString(value[min(size, len(value)):])
	if strings.ContainsRune(quotationMarks, first) && strings.ContainsRune(quotationMarks, last) {
		m.add(name, "stands in quotation marks, which count as part of it: leave them out (docker's --env-file keeps what a shell takes off)")
	}
	for _, r := range value {
		hidden := unicode.In(r, unicode.Cf, unicode.Z, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
		if r == utf8.RuneError || r != ' ' && hidden || unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) {
			m.add(name, "holds %s: type it anew instead of pasting it", request.Character(r))
		}
	}
}

// workfrontID is the form of what Workfront calls ID, as far as it is certain.
var workfrontID = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

func checkWorkfrontID(m *mistakes, name, id string) {
	if id != "" && !workfrontID.MatchString(id) {
		m.add(name, "takes an ID as Workfront shows it, letters and digits alone, and no name or e-mail")
	}
}

// checkKey names a key or secret that cannot be whole, or has more around it.
func checkKey(m *mistakes, name string, key secret.Value) {
	if strings.ContainsFunc(key.Reveal(), func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(quotationMarks+"<>", r) }) {
		m.add(name, "holds spaces, quotation marks or other characters that no key has")
	}
}

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
