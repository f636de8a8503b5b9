package main

import (
	"strings"
	"testing"

	"wfbot/bot/request"
)

func TestAuditShow(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, address string) {
		p := janeAndJoe(t, address)
		for who, want := range map[string]string{
			"JANE@acme.com": `deactivate Jane Doe (jane@acme.com, wf-r1): done
  reason   left; =the company
  request  r1
  card     https://acme.slack.com/archives/C0IT/p1764000000000100
       2  2026-11-23 09:00:02  Rita Young <rita@acme.com> U0RITA asks for it
       3  2026-11-23 09:00:03  found in Workfront: Jane Doe (wf-r1); approvals needed: 1
       4  2026-11-23 09:00:04  the card is posted
       5  2026-11-23 09:00:05  Ada Okafor <ada@acme.com> U0ADA approves
       6  2026-11-23 09:00:06  execution started
       7  2026-11-23 09:00:07  Workfront is told isActive=false, attempt 1
       8  2026-11-23 09:00:08  confirmed: Workfront was read and shows isActive=false

Other entries that name JANE@acme.com, or are by them
       9  2026-11-24 09:00:09  Rita Young <rita@acme.com> U0RITA asks for it [deactivate Joe Roe (joe@acme.com, wf-r2)]
`,
			"U0ADA": `Other entries that name U0ADA, or are by them
       5  2026-11-23 09:00:05  Ada Okafor <ada@acme.com> U0ADA approves [deactivate Jane Doe (jane@acme.com, wf-r1)]
      12  2026-11-24 09:00:12  Ada Okafor <ada@acme.com> U0ADA denies it; comment: =HYPERLINK("http://x.example.com") [deactivate Joe Roe (joe@acme.com, wf-r2)]
`,
			"dana@acme.com": `Other entries that name dana@acme.com, or are by them
      13  2026-11-24 09:00:13  U0EVE is refused /wf-deactivate: no such user; word: dana@acme.com
`,
			"nobody@acme.com": "Nothing in the audit trail is about nobody@acme.com or by them.\n",
		} {
			if status, stdout, stderr := p.wfbot("audit", "show", who); status != 0 || stderr != "" || stdout != want {
				t.Errorf("%s: exit status %d, %q,\n%s\nwant\n%s", who, status, stderr, stdout, want)
			}
		}
	})
}

// What somebody has as their name or typed as a comment does nothing to a terminal.
func TestAuditShowIsHarmless(t *testing.T) {
	t.Parallel()
	p := newPast(t, "sqlite:"+t.TempDir()+"/wfbot.db")
	hostile := "a\x1b[2Jb\r\n\u202ec\u2028d\x9be\x00\u200bf"
	p.asks("r1", hostile, "jane@acme.com", hostile)
	p.record("r1", hostile, hostile, map[string]string{hostile: hostile})
	p.changes("r1", func(r *request.Request) error { return r.Deny(ada, hostile, p.now) })
	status, stdout, stderr := p.wfbot("audit", "show", "jane@acme.com")
	if status != 0 || strings.ContainsAny(stdout, "\x1b\r\u202e\u2028\x00\u200b\u009b") || strings.Count(stdout, "\n") != 10 {
		t.Errorf("exit status %d, %q, %q", status, stdout, stderr)
	}
}
