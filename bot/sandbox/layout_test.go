package sandbox_test

import (
	"fmt"
	"testing"

	"wfbot/bot/bottest/machine"
)

// After every step of the story the page ends where its content ends, what the step
// was about is in view, and so is what to do next. Where there is least room is where
// it is tried first: elsewhere when nothing is left to a sample.
func TestLayout(t *testing.T) {
	for _, s := range settings[:2] { // the third is like the first
		if !machine.All() && s != settings[1] {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			b := openTab(t, s)
			b.open("U0RITA", channel)
			b.tidy("beginning", "#step-0.current", "#send")
			b.press("Send")
			b.see("#messages", "Approval needed", "Only visible to you")
			b.tidy("asked", "#step-1.current", ".card h3")
			b.clickTo(".steps .be")
			b.tidy("as the approver", "#step-1.current", ".card h3", ".card .button.primary", ".card .button.danger")
			b.press("Approve")
			b.see("dialog[open]", "Jane Doe")
			b.press("Deactivate")
			b.see("#messages", "Deactivated: Jane Doe")
			b.see("#trail", "done by wfbot")
			b.tidy("done", "#next", ".card h3")
			b.await("there are not three things to try", `document.querySelectorAll("#next .chip").length === 3`)

			b.follow("Several people")
			b.await("the command is not in the composer", `document.activeElement.matches("#text") && document.activeElement.value.startsWith("/wf-deactivate noor@acme.com ")`)
			b.tidy("several", "#next", "#text")
			b.press("Send")
			b.see("#messages", "Not possible for 1 person", "9 items to hand over")
			b.tidy("asked for several", "#next", ".message:has(h3) ~ .message h3")
			for _, name := range []string{"dana", "alex", "nobody"} {
				b.say("/wf-deactivate " + name + "@acme.com")
				b.see("#messages", name+"@acme.com")
			}
			b.see("#older", "more requests")
			b.await("links to requests crowd out the entries of the audit trail",
				`document.getElementById("entries").getBoundingClientRect().top - document.getElementById("requests").getBoundingClientRect().top < 120`)
			b.tidy("much has happened", "#next", ".message:last-of-type .body p")

			b.press("Bring Jane back")
			b.await("the command is not in the composer", `document.activeElement.matches("#text") && document.activeElement.value.startsWith("/wf-reactivate jane@acme.com ")`)
			b.press("Shortcuts")
			b.press("Deactivate in Workfront")
			b.see("dialog[open]", "Deactivate in Workfront")
			b.tidy("form", "dialog .primary")
			b.press("Close")
			b.gone("dialog[open]")
			b.click("#next a:last-child")
			b.tidy("faults", "#next", "#faults")
		})
	}
}

// tidy waits until the page is as it should be: it ends where its content ends, what
// matches each selector last begins in view with nothing over it, and on a phone
// nothing scrolls but the page or the form over it.
func (b *tab) tidy(state string, inView ...string) {
	b.t.Helper()
	b.await(state+": the page scrolls into emptiness", `(() => {
		const { scrollHeight, clientHeight } = document.documentElement;
		const ends = [...document.body.children].map((e) => e.getBoundingClientRect().bottom + scrollY);
		return scrollHeight <= Math.ceil(Math.max(clientHeight, ...ends));
	})()`)
	b.await(state+": the page is wider than the window", `document.documentElement.scrollWidth <= document.documentElement.clientWidth`)
	b.await(state+": areas of the page scroll by themselves", `!matchMedia("(max-width: 48rem)").matches || [...document.body.querySelectorAll("*")].every((e) => {
		const { overflowX, overflowY } = getComputedStyle(e);
		const scrolls = /auto|scroll/.test(overflowX) && e.scrollWidth > e.clientWidth || /auto|scroll/.test(overflowY) && e.scrollHeight > e.clientHeight;
		return !scrolls || !e.checkVisibility() || e.matches("dialog[open]");
	})`)
	for _, selector := range inView {
		b.await(fmt.Sprintf("%s: %s is not in view", state, selector), fmt.Sprintf(`(() => {
			const e = [...document.querySelectorAll(%s)].filter((e) => e.checkVisibility()).pop();
			if (!e) return false;
			const { left, top } = e.getBoundingClientRect();
			const over = document.elementFromPoint(left + 12, top + 8);
			return e.contains(over) || over?.contains(e) && !over.matches("body, html");
		})()`, js(selector)))
	}
}

// Every emoji that the style sheet promises is in the font that comes with the page.
func TestEmoji(t *testing.T) {
	b := openTab(t, settings[0])
	b.open("U0RITA", channel)
	b.await("the page has no font with emoji", `(async () => (await document.fonts.load("16px 'Sandbox emoji'", "✅")).length === 1)()`)
	b.await("an emoji is not in the font", `(() => {
		const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
		const draw = (text, ...families) => {
			pen.clearRect(0, 0, 100, 100);
			pen.font = "40px " + families.join();
			pen.fillText(text, 10, 60);
			return pen.getImageData(0, 0, 100, 100).data;
		};
		const rule = [...document.styleSheets[0].cssRules].find((rule) => rule instanceof CSSFontFaceRule);
		const codes = rule.style.unicodeRange.split(",").map((one) => parseInt(one.trim().slice(2), 16)).filter((code) => code !== 0xfe0f);
		const colourless = (data) => data.every((value, i) => i % 4 === 3 || value === 0) && data.some((value) => value !== 0);
		return codes.length > 40 && codes.every((code) => colourless(draw(String.fromCodePoint(code), "'Sandbox emoji'", "'Noto Color Emoji'")));
	})()`)
}
