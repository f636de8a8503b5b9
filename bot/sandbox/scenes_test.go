package sandbox_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// scenes are what a person can do on the page besides the tour, each in a sandbox
// of its own.
var scenes = []struct {
	name string
	play func(b *tab)
}{
	{"a denial says why", func(b *tab) {
		b.open("U0RITA", channel)
		b.say("/wf-deactivate sam@acme.com <b>leaves</b> *soon*")
		b.see("#messages", "Waiting for approval", "<b>leaves</b> *soon*")
		b.be("Ben Larsen")
		b.press("Deny")
		b.see("dialog[open]", "Deny this request")
		b.check("form")
		b.focus("Why not?")
		b.keys("Sam stays until March.")
		b.press("Deny")
		b.gone("dialog[open]")
		b.see("#messages", "Denied: deactivate Sam Rivera", "Comment: Sam stays until March.")
	}},
	{"Escape closes a form", func(b *tab) {
		b.open("U0RITA", channel)
		b.say("/wf-deactivate sam@acme.com")
		b.press("Cancel")
		b.see("dialog[open]", "Cancel this request")
		b.keys(kb.Escape)
		b.gone("dialog[open]")
		b.see("#messages", "Waiting for approval")
	}},
	{"the composer completes commands and people", func(b *tab) {
		b.open("U0RITA", channel)
		b.clear("#text")
		b.keys("/wf")
		b.see("#completions", "/wf-deactivate", "left the company", "/wf-reactivate")
		b.check("commands")
		b.keys(kb.ArrowDown + kb.ArrowUp)
		b.do(enter)
		b.await("the command is not completed", `document.getElementById("text").value === "/wf-deactivate "`)
		b.keys("@doe")
		b.see("#completions", "Jane Doe", "@jane")
		b.keys(kb.Tab)
		b.await("the person is not completed", `document.getElementById("text").value === "/wf-deactivate @jane "`)
		b.keys("left")
		b.do(enter)
		b.see("#messages", "Approval needed: deactivate Jane Doe", "Reason: left")
	}},
	{"a shortcut opens the form", func(b *tab) {
		b.open("U0RITA", channel)
		b.press("Shortcuts")
		b.check("shortcuts")
		b.press("Deactivate a Workfront user")
		b.see("dialog[open]", "Deactivate in Workfront")
		b.check("form")
		b.press("Ask for approval")
		b.see("dialog[open] .error", "")
		b.check("errors")
		b.focus("Jane Doe")
		b.keys(" ")
		b.focus("Reason")
		b.keys("left the company")
		b.focus("Channel for the request")
		b.keys("# it")
		b.press("Ask for approval")
		b.gone("dialog[open]")
		b.open("U0RITA", channel)
		b.see("#messages", "Approval needed: deactivate Jane Doe", "Reason: left the company")
	}},
	{"the Home tab shows what waits", func(b *tab) {
		b.open("U0RITA", channel)
		b.say("/wf-deactivate noor@acme.com moved away")
		b.see("#messages", "Waiting for approval")
		b.follow("wfbot")
		b.follow("Home")
		b.see("#home", "What you asked for", "Noor Haddad", "moved away")
		b.check("requester")
		b.press("New request")
		b.see("dialog[open]", "Deactivate in Workfront")
		b.press("Close")
		b.gone("dialog[open]")
		b.be("Ada Okafor")
		b.see("#home", "Waits for you", "Noor Haddad")
		b.be("Otto Brandt")
		b.see("#home", "Hello")
		b.check("outsider")
	}},
	{"several people in one request", func(b *tab) {
		b.open("U0RITA", channel)
		b.say("/wf-deactivate noor@acme.com sam@acme.com kim@acme.com the studio closes")
		b.see("#messages", "Noor Haddad", "Sam Rivera", "Not possible for 1 person")
		b.check("pending")
		b.be("Ada Okafor")
		b.press("Approve all (2)")
		b.check("confirmation")
		b.press("Approve")
		b.see("#accounts tr:has(small + small), #accounts", "by wfbot at")
		b.see("#messages", "Done")
		b.check("done")
	}},
	{"Workfront loses the answer", func(b *tab) {
		b.open("U0RITA", channel)
		b.say("/wf-deactivate jane@acme.com left")
		b.see("#messages", "Waiting for approval")
		b.be("Ada Okafor")
		b.press("Make something fail")
		b.press("Workfront loses answers")
		b.see("#trouble", "Switched on: Workfront loses answers")
		b.check("switched on")
		b.press("Approve")
		b.press("Approve")
		b.see("#messages", "Done: Jane Doe is deactivated in Workfront")
		b.see("#trail", "done by wfbot")
	}},
	{"Workfront is down for a while", func(b *tab) {
		b.open("U0RITA", channel)
		b.say("/wf-deactivate jane@acme.com left")
		b.see("#messages", "Waiting for approval")
		b.be("Ada Okafor")
		b.press("Make something fail")
		b.press("Workfront is down")
		b.see("#trouble", "Workfront is down")
		b.press("Approve")
		b.press("Approve")
		b.see("#messages", "Retry now")
		b.check("retried")
		b.press("Workfront is down")
		b.gone("#trouble p")
		b.press("Retry now")
		b.see("#messages", "Done: Jane Doe is deactivated in Workfront")
	}},
	{"Slack delivers late", func(b *tab) {
		b.open("U0RITA", channel)
		b.say("/wf-deactivate jane@acme.com left")
		b.see("#messages", "Waiting for approval")
		b.be("Ada Okafor")
		b.press("Make something fail")
		b.press("Slack delivers late")
		b.see("#trouble", "Slack delivers late")
		b.press("Approve")
		b.press("Approve")
		b.await("the button does not say that the app is late", `document.querySelector("[data-failed=operation_timeout]") !== null`)
		b.see("#messages", "the app did not respond (operation_timeout)")
		b.check("late")
		b.press("Slack delivers late")
		b.see("#messages", "Done: Jane Doe is deactivated in Workfront")
	}},
	{"Slack’s Web API is down for a while", func(b *tab) {
		b.open("U0RITA", channel)
		b.press("Make something fail")
		b.press("Slack’s Web API is down")
		b.see("#trouble", "Web API is down")
		b.say("/wf-deactivate jane@acme.com left")
		b.press("Slack’s Web API is down")
		b.press("Slack recycles the connection")
		b.press("The connection breaks")
		b.see("#messages", "Waiting for approval")
	}},
}

func TestScenes(t *testing.T) {
	for _, scene := range scenes {
		t.Run(scene.name, func(t *testing.T) {
			base, _ := start(t)
			scene.play(openTab(t, base, desk))
		})
	}
}
