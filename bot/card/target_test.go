package card_test

import (
	"slices"
	"testing"

	"github.com/slack-go/slack"

	"wfbot/bot/card"
)

// The e-mail leads to the user's page in Workfront if Slack shows it as it is, and only
// then.
func TestEmailLeadsToWorkfront(t *testing.T) {
	t.Parallel()
	const page = "https://acme.my.workfront.adobe.com/user/{id}/updates"
	for _, row := range []struct{ mail, id, page, want string }{
		{"jane@acme.com", "5f1a", page, `mrkdwn E-mail: <https://acme.my.workfront.adobe.com/user/5f1a/updates|jane@acme.com>`},
		{"jane+wf.x-y@sub.acme.com", "5f1a", page, `mrkdwn E-mail: <https://acme.my.workfront.adobe.com/user/5f1a/updates|jane+wf.x-y@sub.acme.com>`},
		{"jane@acme.com", "../a?b", page, `plain_text E-mail: jane@acme.com`},
		{"jane@acme.com", "", page, `plain_text E-mail: jane@acme.com`},
		{"jane@acme.com", "5f1a", "", `plain_text E-mail: jane@acme.com`},
		{"*jane*@acme.com", "5f1a", page, `plain_text E-mail: *jane*@acme.com`},
		{"jane|x>@acme.com", "5f1a", page, `plain_text E-mail: jane|x>@acme.com`},
		{"_a_@acme.com", "5f1a", page, `plain_text E-mail: _a_@acme.com`},
	} {
		r := found(t, 1).r
		r.Target.Email, r.Target.ID = row.mail, row.id
		_, blocks := card.Message(alone(r), card.View{Buttons: true, Approvers: approvers, UserPage: row.page})
		var got []string
		for _, block := range blocks {
			if section, ok := block.(*slack.SectionBlock); ok {
				for _, field := range section.Fields {
					got = append(got, field.Type+" "+field.Text)
				}
			}
		}
		if !slices.Contains(got, row.want) {
			t.Errorf("%s of %q: no %s in %q", row.mail, row.id, row.want, got)
		}
	}
}
