package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// serviceLink matches the variables in which Kubernetes and Docker tell every
// process of a pod or network where a service is: for a service named wfbot-db
// WFBOT_DB_SERVICE_HOST, WFBOT_DB_PORT, WFBOT_DB_PORT_5432_TCP_ADDR and so on.
// Source: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
var serviceLink = regexp.MustCompile(`^[A-Z0-9_]+_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

// others reports whether a variable of the environment is somebody else's
// business: of an orchestrator, or of this project's tests.
func others(name string) bool {
	return serviceLink.MatchString(name) || strings.HasPrefix(name, "WFBOT_TEST_")
}

// refuseUnknown names the variables that begin with WFBOT_ and mean nothing: a
// misspelt rule must not be silently without effect.
func refuseUnknown(inFile map[string]string, environ []string, m *mistakes) {
	names := slices.Collect(maps.Keys(inFile))
	for _, line := range environ {
		if name, _, _ := strings.Cut(line, "="); !others(name) {
			names = append(names, name)
		}
	}
	var known []string
	for _, v := range variables[config]() {
		known = append(known, v.Name)
		if v.Secret {
			known = append(known, v.Name+"_FILE")
		}
	}
	slices.Sort(names)
	for _, name := range names {
		upper := strings.ToUpper(name)
		switch {
		case !strings.HasPrefix(upper, "WFBOT_"), slices.Contains(known, name):
		case slices.Contains(announced, upper):
			m.add(name, "is not supported by this version: remove it")
		default:
			hint := ""
			if near := nearest(upper, known); near != "" {
				hint = "; did you mean " + near + "?"
			}
			m.add(name, "is not a variable of wfbot%s", hint)
		}
	}
}

// nearest returns the known name that differs from name by three letters at
// most, or "".
func nearest(name string, known []string) string {
	best, least := "", 4
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
