package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// serviceLink matches the variables that Kubernetes and Docker use to tell every process
// of a pod or network where a service is: for a service named wfbot-db
// WFBOT_DB_SERVICE_HOST, WFBOT_DB_PORT, WFBOT_DB_PORT_5432_TCP_ADDR and so on.
// Source: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
var serviceLink = regexp.MustCompile(`^[A-Z0-9_]+_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

// others reports whether a variable of the environment is somebody else's
// business: of an orchestrator, or of this project's tests.
func others(name string) bool {
	return serviceLink.MatchString(name) || strings.HasPrefix(name, "WFBOT_TEST_")
}

// knownNames are the variables of "wfbot run", and those that name their files.
func knownNames() []string {
	var known []string
	for _, v := range variables[config]() {
		known = append(known, v.Name)
		if v.Secret {
			known = append(known, v.Name+"_FILE")
		}
	}
	return known
}

// refuseUnknown names the variables that begin with WFBOT_ and mean nothing: a
// misspelt rule must not be silently without effect. In the file, which is for
// wfbot, so does every name that looks like that of a variable that nobody sets.
func refuseUnknown(inFile []setting, environ []string, file string, m *mistakes) {
	known := knownNames()
	unset := slices.Clone(known)
	set := func(name string) { unset = slices.DeleteFunc(unset, func(k string) bool { return k == name }) }
	for _, s := range inFile {
		set(s.name)
	}
	for _, line := range environ {
		name, _, _ := strings.Cut(line, "=")
		set(name)
		// Much in the environment is not for wfbot, but hardly what differs from a rule
		// of its by one letter.
		slip := strings.HasPrefix(nearest(strings.ToUpper(name), known, 1), "WFBOT_")
		if (ours(name) || slip) && !others(name) {
			refuseName(name, "", known, m)
		}
	}
	for _, s := range inFile {
		upper := strings.ToUpper(s.name)
		plain, fromFile := strings.CutSuffix(upper, "_FILE")
		inAnotherCase := upper != s.name && slices.Contains(known, upper)
		if ours(s.name) || inAnotherCase || nearest(upper, unset, 2) != "" || fromFile && slices.Contains(known, plain) {
			refuseName(s.name, fmt.Sprintf(" (line %d of %s)", s.line, file), known, m)
		} else if meant := otherwisePrefixed(upper, unset); meant != "" && !slices.Contains(known, s.name) {
			m.add(s.name, "is not a variable of wfbot (line %d of %s); did you mean %s?", s.line, file, meant)
		}
	}
}

// otherwisePrefixed returns the WFBOT_ name that a name without that prefix, or with
// one of the other two, seems to stand for, or "".
func otherwisePrefixed(name string, names []string) string {
	for _, prefix := range []string{"SLACK_", "WORKFRONT_"} {
		name = strings.TrimPrefix(name, prefix)
	}
	if meant := "WFBOT_" + name; slices.Contains(names, meant) {
		return meant
	}
	return ""
}

func ours(name string) bool { return strings.HasPrefix(strings.ToUpper(name), "WFBOT_") }

// refuseName names a variable unless it is known. where may say where it stands.
func refuseName(name, where string, known []string, m *mistakes) {
	upper := strings.ToUpper(name)
	plain, fromFile := strings.CutSuffix(upper, "_FILE")
	near := nearest(upper, known, 3)
	switch {
	case slices.Contains(known, name):
	case fromFile && slices.Contains(known, plain):
		m.add(name, "is not a variable of wfbot%s: only tokens, keys and the database address are read from files; set %s", where, plain)
	case near != "":
		m.add(name, "is not a variable of wfbot%s; did you mean %s?", where, near)
	default:
		m.add(name, "is not a variable of wfbot%s", where)
	}
}

// nearest returns the known name that differs least from name, by most letters at
// most, or "".
func nearest(name string, known []string, most int) string {
	best, least := "", most+1
	for _, k := range known {
		if d := distance(name, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is the Levenshtein distance of two names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
