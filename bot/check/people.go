package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wfbot/bot/request"
	"wfbot/bot/slackapi"
)

// mostPeople is how many people of a group are asked about. Slack allows about 100
// questions about people a minute.
// Source: https://docs.slack.dev/apis/web-api/rate-limits
const mostPeople = 40

// people looks at who may do what.
type people struct {
	check  *check
	client *slackapi.Client
	token  slackapi.Token
	whole  bool // all could be looked at

	requesters, approvers []request.Person // who may really act
}

func newPeople(c *check, client *slackapi.Client, token slackapi.Token) *people {
	return &people{check: c, client: client, token: token, whole: true}
}

// look looks at both roles, and then whether anything can ever be approved.
func (p *people) look(ctx context.Context) (found []Finding) {
	policy := p.check.Policy
	if policy.Requesters.Empty() || policy.Approvers.Empty() {
		return nil
	}
	found = append(found, p.members(ctx, &p.requesters, "WFBOT_REQUESTERS", policy.Requesters)...)
	found = append(found, p.members(ctx, &p.approvers, "WFBOT_APPROVERS", policy.Approvers)...)
	if !p.whole {
		return found
	}
	found = append(found, p.quorum("WFBOT_APPROVALS", policy.Approvals)...)
	if policy.AllowAdmins {
		found = append(found, p.quorum("WFBOT_ADMIN_APPROVALS", policy.AdminApprovals)...)
	}
	return found
}

// members looks at the users and groups of a variable, and adds who may act to named.
func (p *people) members(ctx context.Context, named *[]request.Person, variable string, members request.Members) (found []Finding) {
	for _, id := range members.Users {
		who, problem, err := p.person(ctx, id)
		switch {
		case err != nil:
			p.whole = false
			found = append(found, notAsked(variable, err))
		case problem != "":
			found = append(found, fault(variable, nameOf(who, id)+" "+problem, "take "+id+" out, or put another id in its place"))
		default:
			add(named, who)
		}
	}
	for _, id := range members.Groups {
		found = append(found, p.group(ctx, named, variable, id)...)
	}
	if names := namesOf(*named); len(names) > 0 {
		what := fmt.Sprintf("%s: %s", count(len(names), "person", "people"), list(names))
		if members.Manager {
			what += ", and the person's Workfront manager"
		}
		found = append(found, ok(variable, what))
	}
	return found
}

// group looks at the members of a user group.
func (p *people) group(ctx context.Context, named *[]request.Person, variable, id string) []Finding {
	members, err := p.client.GroupMembers(ctx, id)
	switch {
	case errors.Is(err, slackapi.ErrNoGroup):
		return []Finding{fault(variable, "there is no user group "+id+", or it is disabled", `put the id of another in its place; "wfbot check -ids @handle" finds it`)}
	case err != nil:
		p.whole = false
		return []Finding{notAsked(variable, err)}
	case len(members) == 0:
		return []Finding{fault(variable, "the user group "+id+" has no members", "add people to it in Slack, or put another in its place")}
	}
	var unfit []string
	fit := 0
	for _, member := range members[:min(len(members), mostPeople)] {
		who, problem, err := p.person(ctx, member)
		switch {
		case err != nil:
			p.whole = false
			return []Finding{notAsked(variable, err)}
		case problem != "":
			unfit = append(unfit, nameOf(who, member)+" "+problem)
		default:
			fit++
			add(named, who)
		}
	}
	switch {
	case fit == 0:
		return []Finding{fault(variable, "nobody in the user group "+id+" may do anything: "+list(unfit), "add members of your workspace to it in Slack")}
	case len(unfit) > 0:
		return []Finding{warning(variable, "in the user group "+id+", "+list(unfit), "they can do nothing; take them out of the group")}
	}
	return nil
}

// person asks who somebody is and why they may do nothing; empty: they may.
func (p *people) person(ctx context.Context, id string) (who request.Person, problem string, err error) {
	who, _, err = p.client.Person(ctx, id, p.token.Identity)
	if trouble, _ := slackapi.Classify(err); err != nil && trouble == slackapi.NoPerson {
		return who, "is not known to Slack", nil
	}
	switch {
	case err != nil:
		return who, "", err
	case who.Deactivated:
		return who, "is deactivated in Slack", nil
	case who.Bot:
		return who, "is a bot", nil
	case who.External:
		return who, "is not a member of this workspace", nil
	case who.Guest:
		return who, "is a guest", nil
	}
	return who, "", nil
}

func add(named *[]request.Person, who request.Person) {
	if !slices.ContainsFunc(*named, func(other request.Person) bool { return same(who, other) }) {
		*named = append(*named, who)
	}
}

func namesOf(named []request.Person) (names []string) {
	for _, who := range named {
		names = append(names, who.Name)
	}
	return names
}

// same reports whether two are one person, who approves once: by id or by e-mail.
func same(a, b request.Person) bool {
	return a.Is(b.ID) || b.OtherID != "" && a.Is(b.OtherID) || a.Email != "" && strings.EqualFold(a.Email, b.Email)
}

// quorum says who could never get enough approvals, since nobody approves their own
// request.
func (p *people) quorum(variable string, needed int) []Finding {
	manager := 0
	if p.check.Policy.Approvers.Manager {
		manager = 1
	}
	if len(p.requesters) == 0 || len(p.approvers)+manager == 0 {
		return nil // which has been said
	}
	var stuck []string
	for _, who := range p.requesters {
		others := manager
		for _, other := range p.approvers {
			if !same(who, other) {
				others++
			}
		}
		if others < needed {
			stuck = append(stuck, who.Name)
		}
	}
	switch {
	case len(stuck) == len(p.requesters):
		return []Finding{fault(variable, fmt.Sprintf("asks for %s, and nobody approves their own request: no request could ever be approved", count(needed, "approval", "approvals")),
			"add another approver or another requester; at least two people are needed")}
	case len(stuck) > 0:
		return []Finding{warning(variable, fmt.Sprintf("asks for %s; what these people ask for could never be approved: %s", count(needed, "approval", "approvals"), list(stuck)), "add another approver")}
	}
	return []Finding{ok(variable, fmt.Sprintf("%s possible for whatever a requester asks", count(needed, "approval is", "approvals are")))}
}

// nameOf is how somebody is called, with the id; the id alone where nobody knows.
func nameOf(who request.Person, id string) string {
	if who.Name == "" {
		return id
	}
	return who.Name + " (" + id + ")"
}

// mostNames is how many names a finding lists.
const mostNames = 6

func list(names []string) string {
	if more := len(names) - mostNames; more > 0 {
		return strings.Join(names[:mostNames], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}

func count(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}
