package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"wfbot/bot/operator"
	"wfbot/workfront"
)

const (
	credential = "Workfront credential"
	apiVersion = "WORKFRONT_API_VERSION"
)

// workfront looks at everything that Workfront knows.
func (c *check) workfront(ctx context.Context) []Finding {
	if c.Workfront == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, workfrontWithin)
	defer cancel()
	var found []Finding
	if c.read {
		if err := c.stored.Binding.CheckWorkfront(c.Workfront.Host(), c.MovedFrom); err != nil {
			found = append(found, told("WFBOT_DATABASE_URL", err))
		}
	}
	self, err := c.Workfront.Whoami(ctx)
	off, known := c.Workfront.ClockOff()
	found = append(found, clock("Workfront", off, known)...)
	if err != nil {
		return append(found, c.refused(err))
	}
	level := "with the access level " + self.AccessLevel.Name
	if self.AccessLevel.Admin {
		level = "a system administrator"
	}
	found = append(found, ok(credential, fmt.Sprintf("works as %s (%s), %s", self.Name, self.Email, level)))
	found = append(found, c.support(time.Now())...)
	found = append(found, c.rights(ctx, self)...)
	return append(found, c.preflight(ctx)...)
}

// refused says why Workfront did not say who the bot is.
func (c *check) refused(err error) Finding {
	problem, isAnswer := errors.AsType[*workfront.Error](err)
	switch {
	case errors.Is(err, workfront.ErrUnauthorized) && isAnswer:
		return fault(credential, fmt.Sprintf("is refused by Workfront (%s)", cmp.Or(problem.Message, problem.Class, fmt.Sprint(problem.Status))), operator.Causes(problem))
	case errors.Is(err, workfront.ErrMoved) && isAnswer:
		return fault("WORKFRONT_URL", fmt.Sprintf("answers with a redirect (%d) to %s, which wfbot does not follow", problem.Status, cmp.Or(problem.MovedTo, "another page")),
			"set it to the address at which your Workfront is now, and WFBOT_MOVED_FROM for the first start")
	case isAnswer && problem.Status == http.StatusGone, isAnswer && problem.Status == http.StatusNotFound && problem.Declined:
		return fault(apiVersion, fmt.Sprintf("this Workfront does not have the API version %s, or not any more (status %d)", c.Workfront.Version(), problem.Status),
			"set it to a version that Adobe supports: https://experienceleague.adobe.com/en/docs/workfront/using/adobe-workfront-api/api-general-information/api-version-support-schedule")
	}
	return fault("WORKFRONT_URL", "Workfront does not answer: "+err.Error(), "see that it is the whole host, that this machine may open connections to it, and https://status.adobe.com")
}

// soon is how long before its end a version should be replaced.
const soon = 180 * 24 * time.Hour

// support says until when Adobe supports the API version.
func (c *check) support(now time.Time) []Finding {
	version := c.Workfront.Version()
	end, known := workfront.SupportEnds(version)
	switch when := end.Format("January 2006"); {
	case !known:
		return []Finding{unknown(apiVersion, "this wfbot does not know until when Adobe supports "+version, "look it up in Adobe's API version support schedule")}
	case now.After(end):
		return []Finding{warning(apiVersion, "Adobe's support of "+version+" has ended with the release of "+when, "set "+workfront.DefaultVersion+", and try it with WFBOT_DRY_RUN=true first")}
	case now.After(end.Add(-soon)):
		return []Finding{warning(apiVersion, "Adobe's support of "+version+" ends with the release of "+when, "set "+workfront.DefaultVersion+" before, and try it with WFBOT_DRY_RUN=true first")}
	default:
		return []Finding{ok(apiVersion, "Adobe supports "+version+" until the release of "+when)}
	}
}

// rights says whether the bot's own user may do what it has to.
func (c *check) rights(ctx context.Context, self workfront.User) (found []Finding) {
	const give = "make it a system administrator, or give its access level Users: Edit, with User Admin (All Users)"
	rights, err := c.Workfront.Rights(ctx)
	switch {
	case err != nil:
		found = append(found, unknown(credential, "Workfront does not say whether its user may edit users: "+err.Error(), give))
	case rights == workfront.MayNotEdit:
		found = append(found, fault(credential, self.Name+" may not edit users in Workfront, and so can deactivate nobody", give))
	case rights == workfront.RightsUnknown:
		found = append(found, unknown(credential, "Workfront does not tell whether "+self.Name+" may edit users", give))
	default:
		found = append(found, ok(credential, self.Name+" may edit users"))
	}
	if self.AccessLevel.Admin {
		return found
	}
	users, err := c.Workfront.Sample(ctx, 10)
	others, emails := 0, 0
	for _, one := range users {
		if one.ID != self.ID {
			others++
		}
		if one.ID != self.ID && one.Email != "" {
			emails++
		}
	}
	switch {
	case err != nil:
		found = append(found, unknown(credential, "which users it sees is not known: "+err.Error(), ""))
	case others == 0:
		found = append(found, fault(credential, self.Name+" sees no other user in Workfront", "give its access level Users: View at least, and see that it is not restricted to some groups"))
	case emails == 0:
		found = append(found, fault(credential, self.Name+" sees no e-mail addresses, by which wfbot finds people", "in its access level, beside Users: View, switch View Contact Info on"))
	}
	return found
}

// preflight says what this tenant lacks of what wfbot asks for.
func (c *check) preflight(ctx context.Context) []Finding {
	const subject = "Workfront fields"
	forecasts, err := c.Workfront.Preflight(ctx)
	if forecasts == nil {
		return []Finding{unknown(subject, fmt.Sprintf("Workfront does not describe its objects: %v", err), "the card says of each count whether it could be had")}
	}
	var found []Finding
	counts := 0
	for _, f := range forecasts {
		missing := strings.Join(f.Missing, ", ")
		switch {
		case f.Outcome == workfront.Works:
			counts++
		case f.Outcome == workfront.Unknown:
			found = append(found, unknown(subject, fmt.Sprintf("%s: Workfront does not say whether that can be asked for: %v", f.What, f.Err), "the card says whether it could"))
		case f.Kind == "" && f.Outcome == workfront.Fails && f.What == "user":
			found = append(found, fault(subject, "lacks what wfbot needs of a user: "+missing, "set "+apiVersion+" to another version; without this nobody can be looked up"))
		case f.What == "user":
			found = append(found, warning(subject, "lacks fields of a user: "+missing, "the card does not show them; WORKFRONT_USER_FIELDS names others"))
		case f.Kind == "":
			found = append(found, warning(subject, fmt.Sprintf("lacks %s: %s cannot be read", missing, f.What), consequence[f.What]))
		case f.Outcome == workfront.Partly:
			found = append(found, warning(subject, fmt.Sprintf("lacks %s: %s are counted in part", missing, f.What), "the card says \"at least\"; look the rest up in Workfront before you approve"))
		case f.Outcome == workfront.Nameless:
			found = append(found, warning(subject, fmt.Sprintf("lacks %s: %s are counted, and not named", missing, f.What), "look their names up in Workfront"))
		default:
			found = append(found, warning(subject, fmt.Sprintf("lacks %s: %s cannot be counted", missing, f.What), "the card says so; look them up in Workfront before you approve"))
		}
	}
	if err != nil {
		found = append(found, unknown(subject, "there was no time to look all up: "+err.Error(), "try again"))
	}
	return append([]Finding{ok(subject, fmt.Sprintf("%d of %d questions that wfbot asks can be answered in full", counts, len(forecasts)))}, found...)
}

// consequence is what follows where something besides users and counts cannot be read.
var consequence = map[string]string{
	"own statuses":           "your own closed statuses count as open; name them in WORKFRONT_CLOSED_STATUSES",
	"approvals of new users": "wfbot does not reactivate users where it cannot see whether they await approval",
}
