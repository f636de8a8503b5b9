package sandbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"wfbot/bot/bottest/machine"
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
		b.see("#messages", "Approval needed", "<b>leaves</b> *soon*")
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
		b.press("More actions")
		b.press("Cancel request")
		b.see("dialog[open]", "Cancel this request")
		b.keys(kb.Escape)
		b.gone("dialog[open]")
		b.see("#messages", "Approval needed")
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
		b.press("Deactivate in Workfront")
		b.see("dialog[open]", "Deactivate in Workfront")
		b.check("form")
		b.focus("Channel for the request")
		b.keys("# it")
		b.press("Ask for approval")
		b.see("dialog[open] .error", "Please name at least one person")
		b.check("errors")
		b.focus("Jane Doe")
		b.keys(" ")
		b.focus("Reason")
		b.keys("left the company")
		b.press("Ask for approval")
		b.gone("dialog[open]")
		b.see("#messages", "Approval needed: deactivate Jane Doe", "Reason: left the company")
	}},
	{"the Home tab shows what waits", func(b *tab) {
		b.open("U0RITA", channel)
		b.say("/wf-deactivate noor@acme.com moved away")
		b.see("#messages", "Approval needed")
		b.follow("wfbot")
		b.follow("Home")
		b.see("#home", "What you asked for", "Noor Haddad", "moved away")
		b.check("requester")
		b.press("New request")
		b.see("dialog[open]", "Deactivate in Workfront")
		b.press("Close")
		b.gone("dialog[open]")
		b.be("Ada Okafor")
		b.see("#home", "Waiting for you", "Noor Haddad")
		b.follow("View request")
		b.await("the card is not in view", `document.activeElement.matches("article.message")`)
		b.see("article:focus", "Approval needed: deactivate Noor Haddad")
		b.follow("wfbot")
		b.follow("Home")
		b.be("Otto Brandt")
		b.see("#home", "Hello")
		b.check("outsider")
	}},
	{"several people in one request", func(b *tab) {
		b.open("U0RITA", channel)
		b.say("/wf-deactivate noor@acme.com sam@acme.com paul@acme.com the studio closes")
		b.see("#messages", "Noor Haddad", "Sam Rivera", "Not possible for 1 person", "9 items to hand over", "1 item to hand over")
		b.check("pending")
		b.press("Leave somebody out…")
		b.check("menu")
		b.keys(kb.ArrowDown)
		b.do(enter)
		b.see("dialog[open]", "Leave this person out?")
		b.press("Leave out")
		b.see("#messages", "Cancelled")
		b.be("Ada Okafor")
		b.press("Approve all (1)")
		b.check("confirmation")
		b.press("Approve")
		b.see("#accounts tr:has(small + small), #accounts", "by wfbot at")
		b.see("#messages", "Done")
		b.check("done")
	}},
	{"a date, the details, and the way back", func(b *tab) {
		b.open("U0RITA", channel)
		b.say("/wf-deactivate jane@acme.com on " + time.Now().AddDate(0, 0, 14).Format(time.DateOnly) + " 17:00 contract ends")
		b.see("#messages", "Approval needed", "contract ends")
		b.be("Ada Okafor")
		b.press("See all")
		b.see("dialog[open]", "Items to hand over", "shown to you alone", "tasks: ", "none: ")
		b.check("details")
		b.press("Close")
		b.gone("dialog[open]")
		b.press("Approve")
		b.press("Deactivate")
		b.see("#messages", "Approved")
		b.check("scheduled")
		b.be("Rita Young")
		b.say("/wf-deactivate sam@acme.com left")
		b.see("#messages", "Sam Rivera")
		b.be("Ada Okafor")
		b.press("Approve")
		b.press("Deactivate")
		b.see("#messages", "Deactivated: Sam Rivera")
		b.be("Rita Young")
		b.say("/wf-reactivate sam@acme.com came back")
		b.see("#messages", "reactivate Sam Rivera")
		b.be("Ada Okafor")
		b.press("Approve")
		b.press("Reactivate")
		b.see("#messages", "Approved: reactivate Sam Rivera in Workfront", "takes effect")
		b.check("back")
	}},
	{"the mouse does what the keyboard does", func(b *tab) {
		b.open("U0RITA", channel)
		b.click("#send")
		b.see("#messages", "Approval needed")
		b.click("#shortcuts")
		b.click("#shortcuts-list button")
		b.see("dialog[open]", "Deactivate in Workfront")
		b.click("[data-close] button")
		b.gone("dialog[open]")
		b.clickTo(".requests a:not([aria-current])")
		b.see(".requests [aria-current]", "Jane Doe")
		b.clickTo(".side .people li:nth-child(2) a")
		b.await("nobody else is played", `document.title.includes(" as Ada Okafor")`)
		b.click(".card .button.primary")
		b.click("#confirm .button.danger")
		b.see("#messages", "Deactivated: Jane Doe")
	}},
	{"everything is reached with the Tab key", func(b *tab) {
		b.open("U0RITA", channel)
		b.see("#messages", "Nothing has been said")
		for i, want := range []string{"Skip to the conversation", "Rita Young", "Ada Okafor", "Ben Larsen", "Mia Chen", "Jane Doe", "Otto Brandt", "Gus Varga", "Pia Novak",
			"# it-offboarding", "# general", "# with-partners", "wfbot", "Make something fail", "Messages", "Shortcuts", "Message as Rita Young", "Send", "Commands worth trying"} {
			b.keys(kb.Tab)
			b.await(fmt.Sprintf("stop %d is not %s", i+1, want), fmt.Sprintf(
				`(({ activeElement: e }) => [e.getAttribute("aria-label"), e.innerText].some((n) => n?.includes(%s)))(document)`, js(want)))
		}
	}},
	{"Workfront loses the answer", func(b *tab) {
		b.open("U0RITA", channel)
		b.say("/wf-deactivate jane@acme.com left")
		b.see("#messages", "Approval needed")
		b.be("Ada Okafor")
		b.press("Make something fail")
		b.press("Workfront loses answers")
		b.see("#trouble", "Switched on: Workfront loses answers")
		b.check("switched on")
		b.press("Approve")
		b.press("Deactivate")
		b.see("#messages", "Deactivated: Jane Doe")
		b.see("#trail", "done by wfbot")
	}},
	{"Workfront is down for a while", func(b *tab) {
		b.open("U0RITA", channel)
		b.say("/wf-deactivate jane@acme.com left")
		b.see("#messages", "Approval needed")
		b.be("Ada Okafor")
		b.press("Make something fail")
		b.press("Workfront is down")
		b.see("#trouble", "Workfront is down")
		b.press("Approve")
		b.press("Deactivate")
		b.see("#messages", "Retry now")
		b.check("retried")
		b.press("Workfront is down")
		b.gone("#trouble p")
		b.press("Retry now")
		b.see("#messages", "Deactivated: Jane Doe")
	}},
	{"Slack delivers late", func(b *tab) {
		b.open("U0RITA", channel)
		b.say("/wf-deactivate jane@acme.com left")
		b.see("#messages", "Approval needed")
		b.be("Ada Okafor")
		b.press("Make something fail")
		b.press("Slack delivers late")
		b.see("#trouble", "Slack delivers late")
		b.press("Approve")
		b.press("Deactivate")
		b.await("the button does not say that the app is late", `document.querySelector("[data-failed=operation_timeout]") !== null`)
		b.see("#messages", "the app did not respond (operation_timeout)")
		b.check("late")
		b.press("Slack delivers late")
		b.see("#messages", "Deactivated: Jane Doe")
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
		b.see("#messages", "Approval needed")
	}},
}

// Unless nothing is left to a sample, a part of the scenes is played, each in one
// setting and judged in light.
func TestScenes(t *testing.T) {
	for i, scene := range scenes {
		for k, s := range settings[:2] { // the third is like the first
			if !machine.Pair(i, k) {
				continue
			}
			t.Run(scene.name+"/"+s.name, func(t *testing.T) {
				b := openTab(t, s)
				if !machine.All() {
					b.schemes = schemes[1:]
				}
				scene.play(b)
			})
		}
	}
}
