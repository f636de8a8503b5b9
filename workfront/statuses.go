package workfront

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	statusesAgain = 10 * time.Minute // before a list of statuses that could not be read is asked for again
	statusesPage  = 2000             // rows of one answer: as many as Workfront gives
	statusesPages = 5                // of one class at most
	maxOwnClosed  = 300              // codes, so that a query keeps to the length that an address may have
	maxCode       = 12               // bytes of a code; Workfront's have three letters
)

// closedBase are, by the class of a status, the base statuses where nobody holds a thing
// any more. Whatever status of its own a tenant has equates with a base status.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/administration-and-setup/customize-workfront/creating-custom-status-and-priority-labels/issue-statuses.md
var closedBase = map[string][]string{
	taskStatus:    {"CPL"},
	issueStatus:   {"CLS", "RLV", "VCP", "WTR", "CND"},
	projectStatus: {"CPL", "DED", "REJ"},
}

// Classes of the object CSTEM (CustomEnum), which has a row for each status.
const (
	taskStatus    = "STATUS_TASK"
	issueStatus   = "STATUS_OPTASK"
	projectStatus = "STATUS_PROJ"
)

// statuses are a tenant's own that are as good as closed, by class, once they are
// read. They are read once in the life of a client.
type statuses struct {
	lock   chan struct{} // holds one element while the others are used; a channel, so that waiting ends with a context
	closed map[string][]string
	again  time.Time // what could not be read is not asked for before
}

// closedOwn returns the tenant's own closed statuses as far as they are known, and
// reads the rest. What cannot be read is missing, and nothing else: it is asked for again
// some minutes later, by a later call. The error is ErrUnauthorized: no other call will
// succeed. It takes at most a third of the time that ctx leaves.
func (c *Client) closedOwn(ctx context.Context) (map[string][]string, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/3)
		defer cancel()
	}
	s := &c.statuses
	select {
	case s.lock <- struct{}{}:
		defer func() { <-s.lock }()
	case <-ctx.Done():
		return nil, nil
	}
	known := make(map[string][]string)
	for _, class := range []string{taskStatus, issueStatus, projectStatus} {
		codes, read := s.closed[class]
		if !read && !time.Now().Before(s.again) {
			var err error
			if codes, err = c.readClosed(ctx, class); err != nil {
				c.log.WarnContext(ctx, "custom statuses could not be read, so they all count as open", "class", class, "error", err)
				s.again = time.Now().Add(statusesAgain)
				if errors.Is(err, ErrUnauthorized) {
					s.again = time.Time{} // the calls that follow would fail alike, and are not made
					return nil, err
				}
				continue
			}
			s.closed[class] = codes
		}
		known[class] = codes
	}
	return known, nil
}

// readClosed reads which codes of a class equate with a closed base status in every
// group that has them; groups may have statuses of their own. The base statuses are
// left out.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/reports-and-dashboards/data-lake/data-dictionary.md
func (c *Client) readClosed(ctx context.Context, class string) ([]string, error) {
	const op = "reading statuses"
	closed, open := map[string]bool{}, map[string]bool{}
	for page := range statusesPages {
		query := url.Values{"enumClass": {class}, "fields": {"value,equatesWith"}, "ID_Sort": {"asc"}, "$$LIMIT": {strconv.Itoa(statusesPage)}}
		if page > 0 {
			query.Set("$$FIRST", strconv.Itoa(page*statusesPage))
		}
		data, err := c.do(ctx, request{op: op, method: http.MethodGet, url: c.api + "/cstem/search", query: query, brief: true})
		if err != nil {
			return nil, err
		}
		var rows []struct{ Value, EquatesWith text }
		if err := json.Unmarshal(data, &rows); err != nil {
			return nil, unusable(op, "the answer holds no list")
		}
		for _, row := range rows {
			switch equal := string(row.EquatesWith); {
			case equal == "" || !isCode(string(row.Value)): // says nothing
			case slices.Contains(closedBase[class], equal):
				closed[string(row.Value)] = true
			default:
				open[string(row.Value)] = true
			}
		}
		if len(rows) < statusesPage {
			return ownCodes(class, closed, open), nil
		}
	}
	return nil, unusable(op, "the answer holds more statuses than anybody has")
}

// isCode reports whether a status can be left out of a query by that value. What is
// longer, a list or a wildcard would cost the whole count.
func isCode(value string) bool {
	return value != "" && len(value) <= maxCode && !strings.ContainsAny(value, ",$")
}

// ownCodes are the codes that are closed wherever they are, without the base ones.
func ownCodes(class string, closed, open map[string]bool) []string {
	codes := []string{}
	for code := range closed {
		if !open[code] && !slices.Contains(closedBase[class], code) {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes[:min(len(codes), maxOwnClosed)]
}
