package render

import (
	"html/template"
	"net/url"
	"strings"
)

// control writes the control form <body> and reports whether it is one.
func (w *writer) control(body string) bool {
	target, label, _ := strings.Cut(body, "|")
	if target == "" {
		return false
	}
	switch rest := target[1:]; target[0] {
	case '@':
		w.mention("@"+lookUp(w.viewer.User, rest, unescape(label)), rest == w.viewer.ID)
	case '#':
		w.mention("#"+lookUp(w.viewer.Channel, rest, unescape(label)), false)
	case '!':
		w.special(rest, unescape(label))
	default:
		if label == "" {
			label = strings.TrimPrefix(target, "mailto:")
		}
		if strings.ContainsAny(target, " \n") {
			return false
		}
		w.link(unescape(target), unescape(label))
	}
	return true
}

// special writes what stands behind <!.
func (w *writer) special(what, label string) {
	kind, rest, _ := strings.Cut(what, "^")
	switch kind {
	case "date":
		w.date(rest, label)
	case "subteam":
		w.mention("@"+lookUp(w.viewer.Group, rest, strings.TrimPrefix(label, "@")), false)
	case "here", "channel", "everyone":
		w.mention("@"+kind, true)
	default:
		if label == "" {
			label = "<!" + what + ">"
		}
		w.text(label)
	}
}

func (w *writer) mention(name string, own bool) {
	class := "mention"
	if own {
		class = "mention own"
	}
	w.out.WriteString(`<span class="` + class + `">`)
	w.text(name)
	w.out.WriteString("</span>")
}

// link writes a link, or the label alone where the address is not one that may
// be followed.
func (w *writer) link(address, label string) {
	address = w.viewer.address(address)
	switch {
	case onPage(address):
		w.out.WriteString(`<a href="` + template.HTMLEscapeString(address) + `">`)
	case followable(address):
		w.out.WriteString(`<a href="` + template.HTMLEscapeString(address) + `" target="_blank" rel="noopener noreferrer">`)
	default:
		w.text(label)
		return
	}
	w.text(label)
	w.out.WriteString("</a>")
}

// address returns what Viewer.Link puts in the place of an address, or the address.
func (v Viewer) address(address string) string {
	if strings.HasPrefix(address, "/") { // leads nowhere in Slack
		return ""
	}
	if v.Link != nil {
		if instead, ok := v.Link(address); ok && onPage(instead) {
			return instead
		}
	}
	return address
}

// onPage reports whether an address leads to the page itself.
func onPage(address string) bool {
	return strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//")
}

// followable reports whether an address leads to another page or a mailbox and
// not to a script.
func followable(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return u.Opaque != ""
	}
	return false
}

// text writes s as it is.
func (w *writer) text(s string) { w.out.WriteString(template.HTMLEscapeString(s)) }
