package sandbox_test

import (
	"regexp"
	"strings"
	"testing"
)

const channel = "C0OFFBOARDING"

func TestStory(t *testing.T) {
	t.Parallel()
	base, _ := start(t)
	rita, otto, ada := visit(t, base, "U0RITA", channel), visit(t, base, "U0OTTO", channel), visit(t, base, "U0ADA", channel)
	page := rita.get("/")
	for _, want := range []string{"/wf-deactivate jane@acme.com left the company", "Rita Young", "Workfront users", "Audit trail", `aria-current="step"`} {
		if !strings.Contains(page, want) {
			t.Errorf("a newcomer's page lacks %q", want)
		}
	}
	if !rita.send("/wf-deactivate Jane@acme.com  left the company") {
		t.Fatal("the command was not sent")
	}
	rita.see("messages", "Approval needed", "Only visible to you", "Mia Chen", "left the company")
	rita.see("trail", "<b>requested</b> by Rita Young", "#it-offboarding")

	otto.press("Approve")
	otto.see("messages", "Only visible to you", "not an approver")
	ada.see("trail", "<b>refused</b> by Otto Brandt")
	ada.see("accounts", "jane@acme.com")
	if strings.Contains(ada.shown["messages"], "Only visible to you") {
		t.Error("Ada sees what only Otto may see")
	}

	ada.press("Approve")
	card := ada.see("messages", "Deactivated: Jane Doe", "Confirmed in Workfront")
	if strings.Count(card, `action="/press"`) != 2 || !strings.Contains(card, "See all") || !strings.Contains(card, "Request reactivation") {
		t.Error("the card has other buttons after the end than those for what is held and for the way back")
	}
	jane := regexp.MustCompile(`(?s)<b>Jane Doe</b>.*?</tr>`).FindString(ada.see("accounts", "by wfbot at"))
	if !strings.Contains(jane, "Inactive") || !strings.Contains(jane, "by wfbot at") {
		t.Errorf("Workfront shows %s", jane)
	}
	if n := strings.Count(ada.shown["accounts"], "by wfbot at"); n != 1 {
		t.Errorf("%d accounts were changed, want 1", n)
	}
	ada.see("trail", "<b>done</b> by wfbot", "all are in order", "<b>approve</b> by Ada Okafor")
	ada.see("steps", "step-2\" class=\"done\"")

	dm := regexp.MustCompile(`/\?as=U0RITA&amp;in=(D[A-Z0-9]+)`).FindStringSubmatch(rita.get("/?as=U0RITA"))
	if dm == nil {
		t.Fatal("Rita has no direct messages")
	}
	told := visit(t, base, "U0RITA", dm[1]).see("messages", "Deactivated: Jane Doe")
	if !strings.Contains(told, `href="/?as=U0RITA&amp;in=C0OFFBOARDING#m-`) {
		t.Errorf("no link to the card on the page in %s", told)
	}
}

func TestDeny(t *testing.T) {
	t.Parallel()
	base, _ := start(t)
	rita, ben := visit(t, base, "U0RITA", channel), visit(t, base, "U0BEN", channel)
	rita.send("/wf-deactivate sam@acme.com <script>alert(1)</script> *bold* & </p>")
	card := rita.see("messages", "Approval needed")
	if strings.Contains(card, "<script>") || strings.Contains(card, "<strong>bold") || !strings.Contains(card, "&lt;script&gt;alert(1)&lt;/script&gt; *bold* &amp; &lt;/p&gt;") {
		t.Errorf("the reason is not shown as it was typed:\n%s", card)
	}

	ben.press("Deny")
	form := ben.see("modal", "<dialog", "Deny this request", "<textarea", "maxlength=\"500\"")
	view := regexp.MustCompile(`name="view" value="([^"]+)"`).FindStringSubmatch(form)[1]
	comment := regexp.MustCompile(`<textarea [^>]*name="([^"]+)"`).FindStringSubmatch(form)[1]

	ben.post("/close", map[string]string{"view": view})
	ben.gone("modal", "<dialog")
	if ben.post("/submit", map[string]string{"view": view}) {
		t.Error("a closed form was submitted")
	}

	ben.press("Deny")
	view = regexp.MustCompile(`name="view" value="([^"]+)"`).FindStringSubmatch(ben.see("modal", "<dialog"))[1]
	if ben.post("/submit", map[string]string{"view": view, comment: strings.Repeat("x", 501)}) {
		t.Error("a comment over the limit was submitted")
	}
	ben.see("modal", "too long", strings.Repeat("x", 501)+"</textarea>")
	if !ben.post("/submit", map[string]string{"view": view, comment: "Sam stays\r\nuntil March."}) {
		t.Fatal("the form was not submitted")
	}
	ben.see("messages", "Denied: deactivate Sam Rivera", "Comment: Sam stays until March.")
	rita.see("trail", "<b>deny</b> by Ben Larsen")
	if strings.Contains(rita.see("accounts", "sam@acme.com"), "by wfbot at") {
		t.Error("Workfront was changed")
	}
}

func TestNotSent(t *testing.T) {
	t.Parallel()
	base, _ := start(t)
	tests := []struct{ why, as, in, text, want string }{
		{"an unknown command", "U0RITA", channel, "/nonsense <b>", "/nonsense is not a command"},
		{"nothing", "U0RITA", channel, "  ", "nothing to send"},
		{"a command by a partner", "U0PIA", "C0PARTNERS", "/wf-deactivate jane@acme.com", "does not let Pia Novak"},
	}
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			v := visit(t, base, test.as, test.in)
			if v.send(test.text) {
				t.Error("it was sent")
			}
			v.see("notice", test.want)
		})
	}
	rita := visit(t, base, "U0RITA", channel)
	rita.send("Good morning, @ada <3 :wave:")
	rita.see("messages", "Good morning,", ">@Ada Okafor</span> &lt;3", "👋")
	if rita.post("/press", map[string]string{"ts": "1.000001", "action_id": "approve", "value": "x"}) {
		t.Error("a button that is not there was pressed")
	}
	rita.see("notice", "That is gone")
}

// Whoever is named in the address, the page shows somebody who is there, in a
// conversation that they see.
func TestWho(t *testing.T) {
	t.Parallel()
	base, _ := start(t)
	v := visit(t, base, "U0RITA", channel)
	tests := []struct{ why, query, want string }{
		{"nobody", "", "Message as Rita Young"},
		{"an unknown person", "?as=U0NOBODY", "Message as Rita Young"},
		{"a channel one is not in", "?as=U0PIA&in=" + channel, "<h2># with-partners "},
		{"hostile text", "?as=%3Cscript%3E&in=%22%3E%3Cscript%3E", "Message as Rita Young"},
	}
	for _, test := range tests {
		page := v.get("/" + test.query)
		if !strings.Contains(page, test.want) {
			t.Errorf("%s: the page lacks %q", test.why, test.want)
		}
		if strings.Contains(page, "%3Cscript") || strings.Contains(page, "\"><script>") {
			t.Errorf("%s: the page repeats the address", test.why)
		}
		if strings.Contains(test.query, "U0PIA") && strings.Contains(page, "it-offboarding</a>") {
			t.Errorf("%s: a private channel is listed", test.why)
		}
	}
}

// The page and its files name no other host, and every file that they name is
// served.
func TestNoOtherHost(t *testing.T) {
	t.Parallel()
	base, _ := start(t)
	v := visit(t, base, "U0RITA", channel)
	page := v.get("/")
	local := regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(local) < 3 {
		t.Fatalf("the page names %d files of its own", len(local))
	}
	all := page
	for _, file := range local {
		all += v.get(file[1])
	}
	all = strings.ReplaceAll(all, "http://www.w3.org/2000/svg", "")                // a name, not an address
	all = strings.ReplaceAll(all, "<dd>https://acme.slack.com/</dd>", "<dd></dd>") // what the audit trail says
	if found := regexp.MustCompile(`(?i)(https?:)?//[a-z0-9-]+\.[a-z][^\s"']*`).FindString(all); found != "" {
		t.Errorf("the page names %s", found)
	}
	if found := regexp.MustCompile(`(?i)<script>|<style|\son[a-z]+=|\sstyle=`).FindString(page); found != "" {
		t.Errorf("the page holds %q, which its own policy forbids", found)
	}
}
