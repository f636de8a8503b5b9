package main

import (
	"slices"
	"strings"

	"wfbot/workfront"
)

// reads is what is asked of Workfront beyond the usual; see workfront.Config.
type reads struct {
	userFields []string
	closed     map[workfront.HoldingKind][]string
	decided    []string
}

// accepts reports whether the client, which knows the rules, takes r.
func (r reads) accepts() bool {
	_, err := workfront.New(workfront.Config{
		URL: "https://acme.com", APIKey: "none", UserFields: r.userFields, ClosedStatuses: r.closed, DecidedStatuses: r.decided,
	})
	return err == nil
}

// checkReads reads what is asked of Workfront. Entries are named by their place:
// any of them may be a secret that was put there by mistake.
func (c *config) checkReads(m *mistakes) {
	for i, name := range entries(c.UserFields, ",") {
		c.reads.userFields = append(c.reads.userFields, name)
		if !(reads{userFields: []string{name}}).accepts() {
			m.add("WORKFRONT_USER_FIELDS", "takes names of fields, such as title,company:name,DE:Employee ID: entry %d is none", i+1)
		}
	}
	if len(c.reads.userFields) > 0 && c.policy.Approvers.Manager {
		for _, name := range []string{"managerID", "manager:name", "manager:emailAddr"} {
			if !slices.Contains(c.reads.userFields, name) {
				m.add("WORKFRONT_USER_FIELDS", "must also hold %s, since WFBOT_APPROVERS holds the word manager", name)
			}
		}
	}
	c.reads.decided = statuses(m, "WORKFRONT_DECIDED_STATUSES", entries(c.DecidedStatuses, ", \t"), 0)
	for i, entry := range entries(c.ClosedStatuses, ", \t") {
		kind, status, _ := strings.Cut(entry, ":")
		of := workfront.HoldingKind(kind)
		if !(reads{closed: map[workfront.HoldingKind][]string{of: {"X"}}}).accepts() {
			m.add("WORKFRONT_CLOSED_STATUSES", "takes entries such as tasks:ABC, for tasks, issues, projects, managed_projects and timesheets: entry %d is none", i+1)
			continue
		}
		if c.reads.closed == nil {
			c.reads.closed = map[workfront.HoldingKind][]string{}
		}
		c.reads.closed[of] = append(c.reads.closed[of], statuses(m, "WORKFRONT_CLOSED_STATUSES", []string{status}, i)...)
	}
}

// statuses are codes of Workfront's: letters and digits, perhaps with :A for a
// status that awaits approval.
func statuses(m *mistakes, variable string, codes []string, before int) []string {
	for i, code := range codes {
		code = strings.TrimSuffix(code, ":A")
		if code == "" || len(code) > 30 || strings.ContainsFunc(code, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_'
		}) {
			m.add(variable, "takes codes of statuses, such as CPL: that of entry %d is none", before+i+1)
		}
	}
	return codes
}

// entries splits a list; empty ones do not count.
func entries(text, separators string) []string {
	var all []string
	for _, entry := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if entry = strings.TrimSpace(entry); entry != "" {
			all = append(all, entry)
		}
	}
	return all
}
