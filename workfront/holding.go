package workfront

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// HoldingKind is one row of the check-list of what a user still holds, such as "tasks".
// Its value is stable and fit for storing.
type HoldingKind string

// HoldingKinds returns every kind in the order of the check-list.
func HoldingKinds() []HoldingKind {
	kinds := make([]HoldingKind, len(heldQueries))
	for i, q := range heldQueries {
		kinds[i] = q.kind
	}
	return kinds
}

// Holding is how many things of one kind a user holds.
type Holding struct {
	Kind HoldingKind

	// Count is the number, as far as this client's account sees. It is 0 where
	// Err is set, which says nothing about the user.
	Count int

	// AtLeast means that the number is not exact, and there may be more: the tenant
	// refused the whole question and answered a narrower one, which is about the
	// primary assignee or the first approver alone.
	AtLeast bool

	// Err is why the number could not be read; nil if it was. It is an [*Error]
	// unless the user ID was none.
	Err error
}

// heldQuery is how the things of one kind are found.
type heldQuery struct {
	kind      HoldingKind
	questions []question // the first one asks it all; the others are for a tenant that refuses those before
	closed    []string   // status codes that are left out; null is not among them
	class     string     // of a tenant's own status codes, which are left out where they are closed; may be empty
}

// question is one form of a heldQuery.
type question struct {
	object string   // as in the URL
	filter string   // an encoded query where @ stands for the user's ID
	some   bool     // it is not exact; see Holding.AtLeast
	names  []string // fields that name a thing, the first that is there
}

// asks is a question about all things of a kind, with the fields that name one.
func asks(object, filter string, names ...string) []question {
	return []question{{object: object, filter: filter, names: names}}
}

// or adds a narrower question about the same object.
func or(all []question, filter string) []question {
	return append(all, question{object: all[0].object, filter: filter, some: true, names: all[0].names})
}

// heldQueries are the kinds: Adobe's own list of what to look at before a user is
// deactivated, with what else stays on a person who has left. "Unproven" marks a query
// composed from names that Adobe or public clients give, but that nobody is known to
// have sent; a tenant may refuse it.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/administration-and-setup/add-users/create-and-manage-users/deactivate-a-user.md
//
// Names of objects and fields:
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/api/event-sub-resource-fields.md
// https://github.com/cjw296/python-workfront/blob/master/workfront/versions/unsupported.py
// and for reports
// https://github.com/Thousand-Cuts/wf-toolkit/blob/main/knowledge/reports/01-report-object-shape.md
var heldQueries = []heldQuery{
	// Tasks that are not complete, with the user as primary or further assignee. Tasks pending
	// approval of their completion are among them.
	{kind: "tasks", questions: or(asks("task", "assignments:assignedToID=@", "name"), "assignedToID=@"),
		closed: closedBase[taskStatus], class: taskStatus},
	// Issues and requests that are not closed, counted as tasks are.
	{kind: "issues", questions: or(asks("optask", "assignments:assignedToID=@", "name"), "assignedToID=@"),
		closed: closedBase[issueStatus], class: issueStatus},
	// Owned projects that are not complete, dead or rejected.
	{kind: "projects", questions: asks("project", "ownerID=@", "name"), closed: closedBase[projectStatus], class: projectStatus},
	// Owned portfolios.
	{kind: "portfolios", questions: asks("portfolio", "ownerID=@", "name")},
	// Owned programs.
	{kind: "programs", questions: asks("program", "ownerID=@", "name")},
	// Owned project templates.
	{kind: "templates", questions: asks("template", "ownerID=@", "name")},
	// Reports that run with the user's access rights: they stop for everybody when the user
	// is switched off. Dashboards have further sections that are no reports. The other name
	// is that of a tenant where it was seen.
	{kind: "reports", questions: append(asks("ptlsec", "runAsUserID=@&isReport=true", "name"), asks("report", "runAsUserID=@", "name")...)},
	// Deliveries of reports that run with the user's access rights, and stop. Unproven.
	{kind: "scheduled_reports", questions: asks("schrep", "runAsUserID=@", "name")},
	// Open projects whose resource manager is the user.
	{kind: "managed_projects", questions: asks("project", "resourceManagerIDs=@", "name"), closed: closedBase[projectStatus], class: projectStatus},
	// Templates whose resource manager is the user. Unproven; Adobe lists resourceManagerIDs
	// as something to search by since API version 6, and a tenant's metadata for projects
	// only.
	// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/api/new-api-version-6.md
	{kind: "managed_templates", questions: asks("template", "resourceManagerIDs=@", "name")},
	// Rules of request queues that assign to the user. Unproven.
	{kind: "routing_rules", questions: asks("rrul", "defaultAssignedToID=@", "name")},
	// Active approval processes with a stage that names the user. Unproven; the names are
	// those that Workfront's own editor of approval processes asks for. A tenant that refuses
	// the question is asked for the paths of processes, inactive ones too, and AtLeast is set.
	{kind: "approval_processes", questions: append(asks("arvprc", "approvalPaths:approvalSteps:stepApprovers:userID=@&isActive=true", "name"),
		question{object: "arvpth", filter: "approvalSteps:stepApprovers:userID=@", some: true, names: []string{"approvalProcess:name", "name"}})},
	// Approvals that wait for the user. Unproven: whether approverID or userID is the person
	// waited for is not documented, nor whether an administrator sees other people's; both are
	// asked for. Approvals of Unified Approvals are not in this API and not counted.
	{kind: "approvals", questions: or(asks("awapvl", "approverID=@&OR:1:userID=@",
		"document:name", "task:name", "opTask:name", "timesheet:displayName", "project:name"), "approverID=@")},
	// Proofs that wait for the user's decision. Unproven. The automated workflows of proofing
	// that name the user cannot be asked for.
	{kind: "proofs", questions: asks("prfapl", "approverID=@&isAwaitingDecision=true", "documentVersion:fileName")},
	// Timesheets with the user as approver that are not closed. Unproven: approvers is a name
	// that the newest API version may not have; the narrower question asks for approverID.
	{kind: "timesheets", questions: or(asks("tshet", "approvers:ID=@&OR:1:approverID=@", "displayName"), "approverID=@"), closed: []string{"C"}},
	// Profiles with the user as approver. Unproven.
	{kind: "timesheet_profiles", questions: or(asks("tspro", "approvers:ID=@&OR:1:approverID=@", "name"), "approverID=@")},
	// Documents that the user has checked out: nobody else but an administrator can check them
	// in.
	{kind: "checked_out_documents", questions: asks("docu", "checkedOutByID=@", "name")},
	// Active users whose manager is the user.
	{kind: "direct_reports", questions: asks("user", "managerID=@&isActive=true", "name")},
}

// query is the question about one user, with the closed statuses left out of each
// of its alternatives. Values that are texts are repeated and not joined: a list
// with commas matches nothing.
func (q question) query(userID string, closed []string) url.Values {
	values := url.Values{}
	alternatives := map[string]bool{}
	for pair := range strings.SplitSeq(q.filter, "&") {
		name, value, _ := strings.Cut(pair, "=")
		values.Set(name, strings.ReplaceAll(value, "@", userID))
		alternative := ""
		if strings.HasPrefix(name, "OR:") {
			alternative = strings.Join(strings.SplitN(name, ":", 3)[:2], ":") + ":"
		}
		alternatives[alternative] = true
	}
	for alternative := range alternatives {
		if len(closed) > 0 {
			values[alternative+"status"] = closed
			values.Set(alternative+"status_Mod", "notin")
		}
	}
	return values
}

// Holdings counts what the user holds: in one request where the tenant takes that, and
// else, or as far as that has not answered, in a request for each kind, as many at a
// time as there are places. The result has every kind, in the order of [HoldingKinds];
// whatever goes wrong with one is its Err and leaves the others, except for a refused
// credential, and a tenant that is busy (429) with all of them at once, but not if it
// was the last time as well: after those nothing more is sent, and each missing number has
// that as its Err.
//
// The time is the context's: give it a deadline. Nothing is repeated, and no
// request gets more than a third of the time that is left when it is sent.
func (c *Client) Holdings(ctx context.Context, userID string) []Holding {
	held := make([]Holding, len(heldQueries))
	err := checkID(userID)
	var own map[string][]string
	if err == nil {
		own, err = c.closedOwn(ctx)
	}
	for i, q := range heldQueries {
		held[i] = Holding{Kind: q.kind, Err: cmp.Or(err, errUncounted)}
	}
	if err != nil {
		return held
	}
	news, broken := c.inBatches(ctx, userID, own, held)
	e, _ := errors.AsType[*Error](broken)
	busy := e != nil && e.Status == http.StatusTooManyRequests
	stop := false
	if busy || broken == nil {
		// The next time it may be one count alone that there is no room for.
		stop = c.batching.wasBusy(busy) == 1
	}
	if errors.Is(broken, ErrUnauthorized) { // where a batch is not for everybody, one count tells
		i := slices.IndexFunc(held, func(h Holding) bool { return h.Err == errUncounted })
		held[i] = c.holding(ctx, heldQueries[i], userID, own)
		stop = errors.Is(held[i].Err, ErrUnauthorized)
	}
	if !stop {
		c.oneByOne(ctx, userID, own, held)
		// While nothing else is answered either, the batch is not what is wrong.
		if broken != nil && slices.ContainsFunc(held, func(h Holding) bool { return h.Err == nil }) {
			c.batching.failed(broken, news)
		}
	}
	for i := range held {
		if held[i].Err == errUncounted {
			held[i].Err = broken
		}
	}
	return held
}

// errUncounted stands for a count that has not been asked for yet.
var errUncounted = errors.New("not counted")

// inBatches asks for as many counts in one request as the tenant takes. What is not
// counted after it is still errUncounted. broken is what was wrong, nil if all was as it
// should be; news is for what is learnt from it.
func (c *Client) inBatches(ctx context.Context, userID string, own map[string][]string, held []Holding) (news int, broken error) {
	most, forms, news := c.batching.plan()
	if most == 0 {
		return news, nil
	}
	for kinds := range slices.Chunk(slices.Sorted(maps.Keys(forms)), most) {
		if err := c.batch(ctx, userID, own, held, kinds, forms); err != nil {
			c.log.WarnContext(ctx, "a batch of counts failed or was incomplete; asking for the missing ones one by one", "counts", len(kinds), "error", err)
			return news, err
		}
	}
	return news, nil
}

// oneByOne asks for each count that has not been asked for, until the credential is
// refused.
func (c *Client) oneByOne(ctx context.Context, userID string, own map[string][]string, held []Holding) {
	var missing []int
	for i, h := range held {
		if h.Err == errUncounted {
			missing = append(missing, i)
		}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(c.places.most, len(missing)) {
		workers.Go(func() {
			for n := next.Add(1) - 1; n < int64(len(missing)); n = next.Add(1) - 1 {
				i := missing[n]
				held[i] = c.holding(ctx, heldQueries[i], userID, own)
				if errors.Is(held[i].Err, ErrUnauthorized) {
					stop(held[i].Err)
				}
			}
		})
	}
	workers.Wait()
	if refused := context.Cause(ctx); errors.Is(refused, ErrUnauthorized) {
		for i := range held {
			if held[i].Err != nil {
				held[i].Err = refused
			}
		}
	}
}

// closedFor are the status codes that mean that nobody holds a thing of the kind: the
// base ones, own ones of the tenant's, and those of the configuration.
func (c *Client) closedFor(q heldQuery, own map[string][]string) []string {
	return slices.Concat(q.closed, own[q.class], c.closed[q.kind])
}

// holding counts one kind.
func (c *Client) holding(ctx context.Context, q heldQuery, userID string, own map[string][]string) Holding {
	h := Holding{Kind: q.kind}
	op, closed := "counting "+strings.ReplaceAll(string(q.kind), "_", " "), c.closedFor(q, own)
	var asked question
	h.AtLeast, h.Err = q.ask(func(form question) (err error) {
		asked = form
		h.Count, err = c.count(ctx, request{op: op, query: form.query(userID, closed), brief: true}, form.object)
		return err
	})
	c.batching.answered(q.kind, asked, asked.same(q.questions[0]), h.Err)
	return h
}

// ask asks the first form that the tenant does not refuse, and reports whether its
// answer is not exact. Where all are refused, the first refusal tells most.
func (q heldQuery) ask(ask func(question) error) (some bool, err error) {
	var first error
	for _, form := range q.questions {
		err := ask(form)
		if err == nil || !refusesForm(err) {
			return form.some && err == nil, err
		}
		if first == nil {
			first = err
		}
	}
	return false, first
}

// refusesForm reports whether Workfront refused a question as it was put: a field, or
// an object, that it does not have.
func refusesForm(err error) bool {
	_, _, named := unsupportedField(err)
	e, ok := errors.AsType[*Error](err)
	return named || ok && (e.malformed() || e.Status == http.StatusNotFound && e.Declined && e.Err == nil)
}

// count asks how many objects match r's query.
// https://github.com/Workfront/workfront-api/blob/HEAD/fixtures/count.json
func (c *Client) count(ctx context.Context, r request, object string) (int, error) {
	r.method, r.url = http.MethodGet, c.api+"/"+object+"/count"
	data, err := c.do(ctx, r)
	if err != nil {
		return 0, err
	}
	n, ok := parseCount(data)
	if !ok {
		return 0, unusable(r.op, "the answer holds no count")
	}
	return n, nil
}

// MaxHeld is how many names [Client.HeldNames] returns at most.
const MaxHeld = 20

// HeldNames returns the names of up to limit things of a kind that the user
// holds, in the order of Workfront's IDs, and whether there are more. The name is empty
// if Workfront shows none. limit is taken to be between 1 and [MaxHeld]. Reads are
// repeated as for other calls.
func (c *Client) HeldNames(ctx context.Context, userID string, kind HoldingKind, limit int) (names []string, more bool, err error) {
	if err := checkID(userID); err != nil {
		return nil, false, err
	}
	i := slices.IndexFunc(heldQueries, func(q heldQuery) bool { return q.kind == kind })
	if i < 0 {
		return nil, false, fmt.Errorf("naming what a user holds: no kind %.40q", kind)
	}
	q, limit := heldQueries[i], min(max(limit, 1), MaxHeld)
	op := "naming " + strings.ReplaceAll(string(q.kind), "_", " ")
	own, err := c.closedOwn(ctx)
	if err != nil {
		return nil, false, err
	}
	var data []byte
	var asked question
	_, err = q.ask(func(form question) (err error) {
		query := form.query(userID, c.closedFor(q, own))
		query.Set("ID_Sort", "asc") // unsorted answers change their order
		query.Set("$$LIMIT", strconv.Itoa(limit+1))
		asked = form
		data, _, err = c.read(ctx, request{op: op, method: http.MethodGet, url: c.api + "/" + form.object + "/search", query: query},
			form.object, []string{"ID"}, form.names)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	var objects []map[string]any
	if err := json.Unmarshal(data, &objects); err != nil {
		return nil, false, unusable(op, "the answer holds no list")
	}
	for _, object := range objects[:min(len(objects), limit)] {
		names = append(names, asked.name(object))
	}
	return names, len(objects) > limit, nil
}

// name is the first name that an object has, of its own or of what it refers to: the
// task of an approval.
func (q question) name(object map[string]any) string {
	for _, path := range q.names {
		if name := showPath(object, path); name != "" {
			return name
		}
	}
	return ""
}
