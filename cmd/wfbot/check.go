package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
)

// check finds the mistakes that a variable's type does not show, completes
// SlackAPIURL and MovedFrom, and makes the policy.
func (c *config) check(m *mistakes) {
	checkToken(m, "SLACK_APP_TOKEN", c.SlackAppToken, "xapp-")
	checkToken(m, "SLACK_BOT_TOKEN", c.SlackBotToken, "xoxb-")
	c.SlackAPIURL = checkSlackURL(m, c.SlackAPIURL)
	c.Workfront.check(m)
	c.checkCredential(m)
	c.DatabaseAddress.check(m)
	c.MovedFrom = checkMovedFrom(m, c.MovedFrom, c.Workfront.URL)
	c.checkPolicy(m)
	c.checkReads(m)
	m.want(c.WorkfrontUserPage == "" || isUserPage(c.WorkfrontUserPage), "WORKFRONT_USER_PAGE", "must be an https:// address with {id} in it once, in place of a user's ID")
	checkChannel(m, "WFBOT_CHANNEL", c.Channel)
	checkChannel(m, "WFBOT_OPS_CHANNEL", c.OpsChannel)
	m.want(c.RequestTTL >= time.Minute, "WFBOT_REQUEST_TTL", "must be a minute or longer")
	m.want(c.StopWindow >= 0, "WFBOT_STOP_WINDOW", "must not be negative")
	m.want(c.RemindEvery == 0 || c.RemindEvery >= time.Minute, "WFBOT_REMIND_EVERY", "must be 0, or a minute or longer")
	m.want(c.VerifyAfter >= 0, "WFBOT_VERIFY_AFTER", "must not be negative")
	m.want(c.Retain == 0 || c.Retain >= 24*time.Hour, "WFBOT_RETAIN", "must be 0, or 24h or longer")
	m.want(1 <= c.WorkfrontConcurrency && c.WorkfrontConcurrency <= 10, "WORKFRONT_CONCURRENCY", "must be a whole number from 1 to 10")
	m.want(1 <= c.SlackConnections && c.SlackConnections <= 10, "WFBOT_SLACK_CONNECTIONS", "must be a whole number from 1 to 10")
	c.HTTP.check(m)
	m.want(c.LogFormat == "text" || c.LogFormat == "json", "WFBOT_LOG_FORMAT", "must be text or json")
}

// isUserPage reports whether s is an address that leads to a user once their ID stands
// in it, and that Slack takes as a link.
func isUserPage(s string) bool {
	u, err := url.Parse(strings.Replace(s, "{id}", "id", 1))
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && len(s) <= 900 &&
		strings.Count(s, "{id}") == 1 && !strings.ContainsAny(s, "<>|` \t\r\n")
}

// check finds the mistakes in where Workfront is.
func (h *workfrontHost) check(m *mistakes) {
	// The client knows the rules; it is not kept, and a wrong version is not shown.
	try := workfront.Config{URL: h.URL, APIKey: "none"}
	if _, err := workfront.New(try); err != nil {
		m.add("WORKFRONT_URL", "is wrong: the %v", err)
		return
	}
	try.Version = h.APIVersion
	if _, err := workfront.New(try); err != nil {
		m.add("WORKFRONT_API_VERSION", "must look like %s", workfront.DefaultVersion)
	}
}

// check finds the mistakes in where health and metrics are served.
func (h *httpAddress) check(m *mistakes) {
	if h.Addr == "" {
		return
	}
	host, port, err := net.SplitHostPort(h.Addr)
	number, noPort := strconv.ParseUint(port, 10, 16)
	if err != nil || noPort != nil || number == 0 || strings.ContainsAny(host, "/@ ") {
		m.add("WFBOT_HTTP_ADDR", "takes a host and a port, such as 127.0.0.1:9464, or :9464 for all addresses of the machine")
	}
}

// check finds the mistakes in where the database is.
func (d *DatabaseAddress) check(m *mistakes) {
	if err := store.CheckAddress(d.DatabaseURL.Reveal()); err != nil {
		m.add("WFBOT_DATABASE_URL", "%v", err)
	}
}

// checkMovedFrom returns the host that text names, which is not that of url.
func checkMovedFrom(m *mistakes, text, url string) string {
	if text == "" {
		return ""
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	host, err := workfront.Host(text)
	switch now, _ := workfront.Host(url); {
	case err != nil:
		m.add("WFBOT_MOVED_FROM", "takes the host that your Workfront had, such as acme.my.workfront.com")
	case host == now:
		m.add("WFBOT_MOVED_FROM", "names the host of WORKFRONT_URL: it takes the one that your Workfront had before")
	}
	return host
}

// tokenKinds are the beginnings of Slack's tokens.
// Source: https://docs.slack.dev/authentication/tokens
var tokenKinds = []struct{ prefix, name string }{
	{"xapp-", "an app-level token (xapp-…)"},
	{"xoxb-", "a bot token (xoxb-…)"},
	{"xoxp-", "a user token (xoxp-…)"},
	{"xoxe", "a token that expires (xoxe…), which wfbot cannot renew: the app must be one without token rotation"},
}

func checkToken(m *mistakes, name string, token secret.Value, prefix string) {
	text := token.Reveal()
	if strings.HasPrefix(text, prefix) {
		if len(text) == len(prefix) || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\'' }) {
			m.add(name, "holds no whole token, or spaces or quotation marks that do not belong to it")
		}
		return
	}
	for _, kind := range tokenKinds {
		if strings.HasPrefix(text, kind.prefix) {
			m.add(name, "holds %s; what belongs there begins with %s", kind.name, prefix)
		}
	}
	m.add(name, "must begin with %s, without quotation marks", prefix)
}

// checkSlackURL returns the address of the Web API with what slack-go needs: a
// path that ends in /api/.
func checkSlackURL(m *mistakes, text string) string {
	const name = "SLACK_API_URL"
	u, err := url.Parse(text)
	switch {
	case err != nil, !isHost(u), u.Scheme != "https" && u.Scheme != "http":
		m.add(name, "must be a whole address such as https://slack.com/api/")
		return ""
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		m.add(name, "must be an address without user name, query or fragment")
		return ""
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		m.add(name, "must begin with https://, since tokens are sent there; http:// is for this machine only")
		return ""
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.Path = strings.TrimSuffix(u.Path, "/api") + "/api/"
	return u.String()
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkCredential wants an API key or an OAuth2 application, not both.
func (c *config) checkCredential(m *mistakes) {
	oauth := []struct {
		name    string
		missing bool
	}{
		{"WORKFRONT_CLIENT_ID", c.WorkfrontClientID == ""},
		{"WORKFRONT_CLIENT_SECRET", c.WorkfrontClientSecret == ""},
		{"WORKFRONT_CUSTOMER_ID", c.WorkfrontCustomerID == ""},
		{"WORKFRONT_USER_ID", c.WorkfrontUserID == ""},
		{"WORKFRONT_PRIVATE_KEY", c.WorkfrontPrivateKey == ""},
	}
	var missing []string
	for _, v := range oauth {
		if v.missing {
			missing = append(missing, v.name)
		}
	}
	switch {
	case len(missing) == len(oauth) && c.WorkfrontAPIKey == "":
		m.add("WORKFRONT_API_KEY", "is missing: an API key, or else the five variables of an OAuth2 application (WORKFRONT_CLIENT_ID, …)")
	case len(missing) < len(oauth) && c.WorkfrontAPIKey != "":
		m.add("WORKFRONT_API_KEY", "and variables of an OAuth2 application (WORKFRONT_CLIENT_ID, …) are both set: keep one way")
	case c.WorkfrontAPIKey != "":
		checkKey(m, "WORKFRONT_API_KEY", c.WorkfrontAPIKey)
	default:
		for _, name := range missing {
			m.add(name, "is missing: an OAuth2 application needs all five of its variables")
		}
	}
	checkWorkfrontID(m, "WORKFRONT_CLIENT_ID", c.WorkfrontClientID)
	checkWorkfrontID(m, "WORKFRONT_CUSTOMER_ID", c.WorkfrontCustomerID)
	checkWorkfrontID(m, "WORKFRONT_USER_ID", c.WorkfrontUserID)
	checkKey(m, "WORKFRONT_CLIENT_SECRET", c.WorkfrontClientSecret)
	if c.WorkfrontPrivateKey != "" {
		if _, err := workfront.ParsePrivateKey(c.WorkfrontPrivateKey); err != nil {
			m.add("WORKFRONT_PRIVATE_KEY", "is wrong: %v", err)
		}
	}
}

// checkPolicy reads the rules of who may do what and makes sure that somebody
// can decide.
func (c *config) checkPolicy(m *mistakes) {
	m.want(c.Approvals >= 1, "WFBOT_APPROVALS", "must be a whole number, at least 1")
	m.want(c.AdminApprovals >= 1, "WFBOT_ADMIN_APPROVALS", "must be a whole number, at least 1")
	c.policy = request.Policy{
		Requesters:     parseMembers(m, "WFBOT_REQUESTERS", c.Requesters, false),
		Approvers:      parseMembers(m, "WFBOT_APPROVERS", c.Approvers, true),
		Approvals:      c.Approvals,
		AdminApprovals: c.AdminApprovals,
		AllowAdmins:    c.AllowAdmins,
		ReactivateAny:  c.ReactivateAny,
		Protected:      parseEmails(m, "WFBOT_PROTECTED", c.Protected),
	}
	if m.seen["WFBOT_REQUESTERS"] || m.seen["WFBOT_APPROVERS"] {
		return
	}
	c.checkQuorum(m, "WFBOT_APPROVALS", c.Approvals)
	if c.AllowAdmins {
		c.checkQuorum(m, "WFBOT_ADMIN_APPROVALS", c.AdminApprovals)
		if c.AdminApprovals < c.Approvals {
			m.add("WFBOT_ADMIN_APPROVALS", "is less than WFBOT_APPROVALS: administrators would need fewer approvals than others")
		}
	}
}

// checkQuorum finds rules that never let anything be approved. Groups are not known here
// and trusted to be enough; a manager is one person, who may be listed as well.
func (c *config) checkQuorum(m *mistakes, variable string, needed int) {
	approvers, requesters := c.policy.Approvers, c.policy.Requesters
	if len(approvers.Groups) > 0 {
		return
	}
	manager, listed := 0, counted(len(approvers.Users), "person", "people")
	if approvers.Manager {
		manager, listed = 1, listed+" and the manager"
	}
	if len(approvers.Users) == 0 {
		listed = "the manager alone"
	}
	if len(approvers.Users)+manager < needed {
		m.add(variable, "asks for %s, but WFBOT_APPROVERS lists %s", counted(needed, "approval", "approvals"), listed)
		return
	}
	// Nobody approves what they asked for themselves.
	askable := func(requester string) bool {
		others := len(approvers.Users) + manager
		if slices.Contains(approvers.Users, requester) {
			others--
		}
		return others >= needed
	}
	if len(requesters.Groups) == 0 && !slices.ContainsFunc(requesters.Users, askable) {
		m.add(variable, "asks for %s, but nobody approves their own request: no request could ever be approved by the people in WFBOT_APPROVERS",
			counted(needed, "approval", "approvals"))
	}
}

// Slack's ids, as far as their form is documented: a letter for what it is, then
// capitals and digits.
var (
	userID    = regexp.MustCompile(`^[UW][A-Z0-9]{2,}$`)
	groupID   = regexp.MustCompile(`^S[A-Z0-9]{2,}$`)
	channelID = regexp.MustCompile(`^[CG][A-Z0-9]{2,}$`)
)

func isEmail(word string) bool {
	_, err := request.ParseAddress(word)
	return err == nil
}

// betweenWords stands between the entries of a list of words.
const betweenWords = ",; \t\r\n"

// parseMembers reads a list of Slack users. Entries are named by their number.
func parseMembers(m *mistakes, variable, list string, managerAllowed bool) request.Members {
	var members request.Members
	var wrong []error
	for i, word := range entries(list, betweenWords) {
		switch {
		case userID.MatchString(word):
			members.Users = append(members.Users, word)
		case groupID.MatchString(word):
			members.Groups = append(members.Groups, word)
		case strings.EqualFold(word, "manager") && managerAllowed:
			members.Manager = true
		case strings.EqualFold(word, "manager"):
			wrong = append(wrong, fmt.Errorf("entry %d is the word manager, which is for WFBOT_APPROVERS only", i+1))
		case isEmail(word):
			wrong = append(wrong, fmt.Errorf("entry %d is an e-mail, not a Slack id", i+1))
		default:
			wrong = append(wrong, fmt.Errorf("entry %d is not a Slack id", i+1))
		}
	}
	members.Users = slices.Compact(slices.Sorted(slices.Values(members.Users)))
	members.Groups = slices.Compact(slices.Sorted(slices.Values(members.Groups)))
	switch {
	case wrong != nil:
		m.add(variable, "takes ids such as U012ABCDEF for a person (in Slack: profile, ⋮, Copy member ID) and S012ABCDEF for a user group: %s",
			strings.ReplaceAll(errors.Join(wrong...).Error(), "\n", ", "))
	case members.Empty():
		m.add(variable, "is missing: it lists nobody")
	}
	return members
}

// parseEmails reads a list of e-mails as people write them in a command. Entries
// are named by their number.
func parseEmails(m *mistakes, variable, list string) []string {
	var emails, wrong []string
	for i, word := range entries(list, betweenWords) {
		address, err := request.ParseAddress(word)
		emails = append(emails, address)
		if no, _ := errors.AsType[*request.AddressError](err); err != nil {
			wrong = append(wrong, fmt.Sprintf("entry %d is none%s", i+1, no.Because()))
		}
	}
	switch {
	case wrong != nil:
		m.add(variable, "takes whole e-mail addresses, as they are in Workfront, and nothing else, no names and no patterns: %s", strings.Join(wrong, ", "))
	case list != "" && emails == nil:
		m.add(variable, "holds no e-mail address: add one, or leave it out")
	}
	return emails
}

func checkChannel(m *mistakes, variable, id string) {
	switch {
	case id == "", channelID.MatchString(id):
	case strings.HasPrefix(id, "D"):
		m.add(variable, "takes the id of a channel (C…, G…); this looks like a direct message, to which wfbot posts no cards")
	default:
		m.add(variable, "takes the id of a channel, such as C012ABCDEF, not its name (in Slack: the channel's name, About, at the end)")
	}
}

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
