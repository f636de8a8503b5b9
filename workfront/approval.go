package workfront

import (
	"context"
	"net/url"
)

// AwaitingApproval reports whether the user is inactive because nobody has
// approved their account in Workfront yet ("Deactivated and Pending Approval").
// Such a user is approved there and not switched on from here. An error says
// nothing about the user: when in doubt, do not offer to switch on.
//
// It is true if Workfront holds an approval of this user (object USRAPV, since
// API version 15) whose status is not one of [Config.DecidedStatuses]. Adobe
// documents no status codes and not whether decided approvals stay on record;
// if they do, a user once approved counts as awaiting until their status is
// configured. An account that may not see approvals gets false.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/api/new-api-version-15.md
func (c *Client) AwaitingApproval(ctx context.Context, userID string) (bool, error) {
	if err := checkID(userID); err != nil {
		return false, err
	}
	query := url.Values{"userID": {userID}}
	if len(c.decided) > 0 {
		query["status"], query["status_Mod"] = c.decided, []string{"notin"}
	}
	n, err := c.count(ctx, request{op: "reading the approval of user " + userID, query: query}, "usrapv")
	return n > 0, err
}
