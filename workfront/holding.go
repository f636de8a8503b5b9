package workfront

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// HoldingKind is one row of the check-list of what a user still holds. Its value
// is stable and fit for storing.
type HoldingKind string

// The kinds, in the order of [HoldingKinds]: Adobe's own list of what to look at
// before a user is deactivated, with what else stays on a person who has left.
// "Unproven" marks a query composed from names that Adobe or public clients
// give, but that nobody is known to have sent; a tenant may refuse it.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/administration-and-setup/add-users/create-and-manage-users/deactivate-a-user.md
const (
	// HoldingTasks are tasks that are not complete, with the user as primary or
	// further assignee. Tasks pending approval of their completion are among them.
	HoldingTasks HoldingKind = "tasks"
	// HoldingIssues are issues and requests that are not closed, counted as tasks are.
	HoldingIssues HoldingKind = "issues"
	// HoldingProjects are owned projects that are not complete, dead or rejected.
	HoldingProjects HoldingKind = "projects"
	// HoldingPortfolios are owned portfolios.
	HoldingPortfolios HoldingKind = "portfolios"
	// HoldingPrograms are owned programs.
	HoldingPrograms HoldingKind = "programs"
	// HoldingTemplates are owned project templates.
	HoldingTemplates HoldingKind = "templates"
	// HoldingReports are reports that run with the user's access rights: they
	// stop for everybody when the user is switched off. Unproven.
	HoldingReports HoldingKind = "reports"
	// HoldingManagedProjects are open projects whose resource manager is the
	// user. Unproven; Adobe lists resourceManagerIDs as something to search by
	// since API version 6.
	// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/api/new-api-version-6.md
	HoldingManagedProjects HoldingKind = "managed_projects"
	// HoldingManagedTemplates are templates whose resource manager is the user. Unproven, as above.
	HoldingManagedTemplates HoldingKind = "managed_templates"
	// HoldingRoutingRules are rules of request queues that assign to the user. Unproven.
	HoldingRoutingRules HoldingKind = "routing_rules"
	// HoldingApprovalProcesses are approval processes with a stage that names
	// the user. Unproven; the names are those that Workfront's own editor of
	// approval processes asks for.
	HoldingApprovalProcesses HoldingKind = "approval_processes"
	// HoldingApprovals are approvals that wait for the user. Unproven: whether
	// approverID or userID is the person waited for is not documented, nor
	// whether an administrator sees other people's; both are asked for.
	// Approvals of Unified Approvals are not in this API and not counted.
	HoldingApprovals HoldingKind = "approvals"
	// HoldingProofs are proofs that wait for the user's decision. Unproven. The
	// automated workflows of proofing that name the user cannot be asked for.
	HoldingProofs HoldingKind = "proofs"
	// HoldingTimesheets are timesheets with the user as approver that are not
	// closed. Unproven: the code of a closed timesheet is taken to be C.
	HoldingTimesheets HoldingKind = "timesheets"
	// HoldingTimesheetProfiles are profiles with the user as approver. Unproven.
	HoldingTimesheetProfiles HoldingKind = "timesheet_profiles"
	// HoldingDirectReports are active users whose manager is the user.
	HoldingDirectReports HoldingKind = "direct_reports"
)

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

	// AtLeast means that there may be more: the tenant refused the whole
	// question and answered the narrower one, which is about the primary
	// assignee or the first approver alone.
	AtLeast bool

	// Err is why the number could not be read; nil if it was. It is an [*Error]
	// unless the user ID was none.
	Err error
}

// heldQuery is how the things of one kind are found. The filters are encoded
// queries in which @ stands for the user's ID.
type heldQuery struct {
	kind   HoldingKind
	object string   // as in the URL
	filter string   // all of them
	narrow string   // some of them, for a tenant that refuses a field of filter; may be empty
	closed []string // status codes that are left out; null is not among them
	names  []string // fields that name a thing, the first that is there
}

// Names of objects and fields:
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/api/event-sub-resource-fields.md
// https://github.com/cjw296/python-workfront/blob/master/workfront/versions/unsupported.py
// and for reports
// https://github.com/Thousand-Cuts/wf-toolkit/blob/main/knowledge/reports/01-report-object-shape.md
var heldQueries = []heldQuery{
	{kind: HoldingTasks, object: "task", filter: "assignments:assignedToID=@", narrow: "assignedToID=@",
		closed: []string{"CPL"}, names: []string{"name"}},
	// The five statuses that equate with Closed:
	// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/administration-and-setup/customize-workfront/creating-custom-status-and-priority-labels/issue-statuses.md
	{kind: HoldingIssues, object: "optask", filter: "assignments:assignedToID=@", narrow: "assignedToID=@",
		closed: []string{"CLS", "RLV", "VCP", "WTR", "CND"}, names: []string{"name"}},
	{kind: HoldingProjects, object: "project", filter: "ownerID=@", closed: closedProject, names: []string{"name"}},
	{kind: HoldingPortfolios, object: "portfolio", filter: "ownerID=@", names: []string{"name"}},
	{kind: HoldingPrograms, object: "program", filter: "ownerID=@", names: []string{"name"}},
	{kind: HoldingTemplates, object: "template", filter: "ownerID=@", names: []string{"name"}},
	{kind: HoldingReports, object: "report", filter: "runAsUserID=@", names: []string{"name"}},
	{kind: HoldingManagedProjects, object: "project", filter: "resourceManagerIDs=@", closed: closedProject, names: []string{"name"}},
	{kind: HoldingManagedTemplates, object: "template", filter: "resourceManagerIDs=@", names: []string{"name"}},
	{kind: HoldingRoutingRules, object: "rrul", filter: "defaultAssignedToID=@", names: []string{"name"}},
	{kind: HoldingApprovalProcesses, object: "arvprc", filter: "approvalPaths:approvalSteps:stepApprovers:userID=@", names: []string{"name"}},
	{kind: HoldingApprovals, object: "awapvl", filter: "approverID=@&OR:1:userID=@", narrow: "approverID=@",
		names: []string{"document:name", "task:name", "opTask:name", "timesheet:displayName", "project:name"}},
	{kind: HoldingProofs, object: "prfapl", filter: "approverID=@&isAwaitingDecision=true", names: []string{"documentVersion:fileName"}},
	{kind: HoldingTimesheets, object: "tshet", filter: "approvers:ID=@&OR:1:approverID=@", narrow: "approverID=@",
		closed: []string{"C"}, names: []string{"displayName"}},
	{kind: HoldingTimesheetProfiles, object: "tspro", filter: "approvers:ID=@&OR:1:approverID=@", narrow: "approverID=@", names: []string{"name"}},
	{kind: HoldingDirectReports, object: "user", filter: "managerID=@&isActive=true", names: []string{"name"}},
}

var closedProject = []string{"CPL", "DED", "REJ"}

// query is filter for one user, with the closed statuses left out of each of
// its alternatives. Values that are texts are repeated and not joined: a list
// with commas matches nothing.
func (q heldQuery) query(filter, userID string, more []string) url.Values {
	values := url.Values{}
	alternatives := map[string]bool{}
	for pair := range strings.SplitSeq(filter, "&") {
		name, value, _ := strings.Cut(pair, "=")
		values.Set(name, strings.ReplaceAll(value, "@", userID))
		alternative := ""
		if strings.HasPrefix(name, "OR:") {
			alternative = strings.Join(strings.SplitN(name, ":", 3)[:2], ":") + ":"
		}
		alternatives[alternative] = true
	}
	closed := append(q.closed[:len(q.closed):len(q.closed)], more...)
	for alternative := range alternatives {
		if len(closed) > 0 {
			values[alternative+"status"] = closed
			values.Set(alternative+"status_Mod", "notin")
		}
	}
	return values
}

// Holdings counts what the user holds, a request for each kind, two at a time.
// The result has every kind, in the order of [HoldingKinds]; whatever goes wrong
// with one is its Err and leaves the others, but for a refused credential or a
// redirect, after which nothing more is sent and each missing number has that error.
//
// The time is the context's: give it a deadline. Nothing is repeated, and no
// request gets more than a third of the time that is left when it is sent.
func (c *Client) Holdings(ctx context.Context, userID string) []Holding {
	held := make([]Holding, len(heldQueries))
	err := checkID(userID)
	for i, q := range heldQueries {
		held[i] = Holding{Kind: q.kind, Err: err}
	}
	if err != nil {
		return held
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range maxConcurrent { // and not one for each kind, so that other calls get their turn in between
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(held)); i = next.Add(1) - 1 {
				held[i] = c.holding(ctx, heldQueries[i], userID)
				if errors.Is(held[i].Err, ErrUnauthorized) || errors.Is(held[i].Err, ErrMoved) {
					stop(held[i].Err)
				}
			}
		})
	}
	workers.Wait()
	if refused := context.Cause(ctx); errors.Is(refused, ErrUnauthorized) || errors.Is(refused, ErrMoved) {
		for i := range held {
			if held[i].Err != nil {
				held[i].Err = refused
			}
		}
	}
	return held
}

// holding counts one kind.
func (c *Client) holding(ctx context.Context, q heldQuery, userID string) Holding {
	h := Holding{Kind: q.kind}
	op := "counting " + strings.ReplaceAll(string(q.kind), "_", " ")
	h.Count, h.Err = c.count(ctx, request{op: op, query: q.query(q.filter, userID, c.closed[q.kind]), brief: true}, q.object)
	if _, _, refused := unsupportedField(h.Err); refused && q.narrow != "" {
		n, err := c.count(ctx, request{op: op, query: q.query(q.narrow, userID, c.closed[q.kind]), brief: true}, q.object)
		if _, _, refused := unsupportedField(err); !refused { // otherwise the first refusal tells more
			h.Count, h.Err, h.AtLeast = n, err, err == nil
		}
	}
	return h
}

// count asks how many objects match r's query.
// https://github.com/Workfront/workfront-api/blob/HEAD/fixtures/count.json
func (c *Client) count(ctx context.Context, r request, object string) (int, error) {
	r.method, r.url = http.MethodGet, c.api+"/"+object+"/count"
	data, err := c.do(ctx, r)
	if err != nil {
		return 0, err
	}
	var answer struct {
		Count text `json:"count"`
	}
	err = json.Unmarshal(data, &answer)
	n, notNumber := strconv.ParseUint(string(answer.Count), 10, 31)
	if err != nil || notNumber != nil {
		return 0, unusable(r.op, "the answer holds no count")
	}
	return int(n), nil
}

// Held is one thing that a user holds.
type Held struct {
	ID      string
	ObjCode string // what it is: TASK, OPTASK, PROJ …
	Name    string // empty if Workfront shows none
}

// MaxHeld is how many names [Client.HeldNames] returns at most.
const MaxHeld = 20

// HeldNames returns the names of up to limit things of a kind that the user
// holds, in the order of Workfront's IDs, and whether there are more. limit is
// taken to be between 1 and [MaxHeld]. Reads are repeated as for other calls.
func (c *Client) HeldNames(ctx context.Context, userID string, kind HoldingKind, limit int) (held []Held, more bool, err error) {
	if err := checkID(userID); err != nil {
		return nil, false, err
	}
	for _, q := range heldQueries {
		if q.kind == kind {
			return c.heldNames(ctx, q, userID, min(max(limit, 1), MaxHeld))
		}
	}
	return nil, false, fmt.Errorf("naming what a user holds: no kind %.40q", kind)
}

func (c *Client) heldNames(ctx context.Context, q heldQuery, userID string, limit int) ([]Held, bool, error) {
	op := "naming " + strings.ReplaceAll(string(q.kind), "_", " ")
	search := func(filter string) ([]byte, error) {
		query := q.query(filter, userID, c.closed[q.kind])
		query.Set("ID_Sort", "asc") // unsorted answers change their order
		query.Set("$$LIMIT", strconv.Itoa(limit+1))
		data, _, err := c.read(ctx, request{op: op, method: http.MethodGet, url: c.api + "/" + q.object + "/search", query: query},
			q.object, []string{"ID"}, q.names)
		return data, err
	}
	data, err := search(q.filter)
	if _, _, refused := unsupportedField(err); refused && q.narrow != "" {
		data, err = search(q.narrow)
	}
	if err != nil {
		return nil, false, err
	}
	var objects []map[string]any
	if err := json.Unmarshal(data, &objects); err != nil {
		return nil, false, unusable(op, "the answer holds no list")
	}
	more := len(objects) > limit
	held := make([]Held, min(len(objects), limit))
	for i := range held {
		held[i] = q.held(objects[i])
	}
	return held, more, nil
}

// held names one thing by the first name it has. The thing is the object
// itself, or what it refers to: the task of an approval.
func (q heldQuery) held(object map[string]any) Held {
	describe := func(o map[string]any, name string) Held {
		return Held{ID: showValue(o["ID"]), ObjCode: showValue(o["objCode"]), Name: name}
	}
	for _, path := range q.names {
		name := showPath(object, path)
		if name == "" {
			continue
		}
		if reference, _, ok := strings.Cut(path, ":"); ok {
			if of, ok := object[reference].(map[string]any); ok {
				return describe(of, name)
			}
		}
		return describe(object, name)
	}
	return describe(object, "")
}
