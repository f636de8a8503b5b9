package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	goruntime "runtime"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tab is a tab of the browser with the page in it. What a person does there it does
// with the keyboard. Whatever the console complains of, every request that fails
// and every request to another host fails the test.
type tab struct {
	t    *testing.T
	base string
	ctx  context.Context
	// schemes are those that the page is judged in; all of them when the tab is opened.
	schemes []scheme

	mu       sync.Mutex
	problems []string
}

// setting is the kind of browser that a person looks at the page with.
type setting struct {
	name          string
	width, height int64
	skew          int // how many hours the clock of the browser is wrong
}

// settings are where everything is played.
var settings = []setting{
	{name: "desk", width: 1440, height: 900},
	{name: "narrow, clock a day ahead", width: 400, height: 800, skew: 24},
	{name: "clock a day behind", width: 1100, height: 800, skew: -24},
}

// tabs has a place for each tab that may be open. A page waits for the bot more than
// it computes; with many more tabs none would get anywhere in time.
var tabs = make(chan struct{}, 2*goruntime.GOMAXPROCS(0))

// openTab runs a sandbox, and opens a tab with nothing in it. Both end when the test
// does, which runs beside others.
func openTab(t *testing.T, s setting) *tab {
	t.Helper()
	t.Parallel()
	browser := browser(t)
	tabs <- struct{}{}
	t.Cleanup(func() { <-tabs })
	base, _ := start(t)
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	b := &tab{t: t, base: base, ctx: ctx, schemes: schemes}
	t.Cleanup(func() {
		cancel()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, problem := range b.problems {
			t.Error(problem)
		}
	})
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	b.call(func(ctx context.Context) error {
		if _, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{}); err != nil {
			return err
		}
		if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	})
	if s.skew != 0 {
		b.call(func(ctx context.Context) error {
			_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: skewed(s.skew)})
			return err
		})
	}
	b.do(chromedp.EmulateViewport(s.width, s.height))
	b.scheme("light")
	return b
}

// skewed is a script that sets the browser's clock wrong.
func skewed(hours int) string {
	return fmt.Sprintf(`{
		const Real = Date, by = %d * 3600e3;
		globalThis.Date = class extends Real {
			constructor(...given) { given.length ? super(...given) : super(Real.now() + by); }
			static now() { return Real.now() + by; }
		};
	}`, hours)
}

// listen notes what goes wrong.
func (b *tab) listen(event any) {
	switch event := event.(type) {
	case *runtime.EventExceptionThrown:
		b.problem("uncaught: %v", event.ExceptionDetails)
	case *runtime.EventConsoleAPICalled:
		if event.Type == runtime.ConsoleAPICalledTypeError || event.Type == runtime.ConsoleAPICalledTypeWarning || event.Type == runtime.ConsoleAPICalledTypeAssert {
			b.problem("console.%s: %v", event.Type, event.Args)
		}
	case *cdplog.EventEntryAdded:
		if event.Entry.Level == cdplog.EntryLevelError || event.Entry.Level == cdplog.EntryLevelWarning {
			b.problem("the browser says: %s %s", event.Entry.Text, event.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(event.Request.URL); err != nil || (u.Scheme == "http" || u.Scheme == "https") && "http://"+u.Host != b.base {
			b.problem("a request to %s", event.Request.URL)
		}
	case *network.EventResponseReceived:
		if event.Response.Status >= 400 {
			b.problem("%s answered %d", event.Response.URL, event.Response.Status)
		}
	case *network.EventLoadingFailed:
		if !event.Canceled { // events end when one goes to another page
			b.problem("a request failed: %s", event.ErrorText)
		}
	}
}

func (b *tab) problem(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, fmt.Sprintf(format, args...))
}

// call does something with a context that ends.
func (b *tab) call(do func(context.Context) error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, within)
	defer cancel()
	if err := do(ctx); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	b.call(func(ctx context.Context) error { return chromedp.Do(ctx, steps...) })
}

// scheme has the page in light or dark, and without animations.
func (b *tab) scheme(name string) {
	b.t.Helper()
	b.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return err
	})
}

// often is how often the page is looked at while something is waited for. Looking at
// each frame would keep the browser painting frames.
var often = chromedp.WithPollingInterval(50 * time.Millisecond)

// await waits until a JavaScript expression is true.
func (b *tab) await(why, expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, within)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.Poll[chromedp.Void](expression, often, chromedp.WithPollingTimeout(0)))
	if err != nil {
		shown, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
		b.t.Fatalf("%s: %v\n%s", why, err, shown)
	}
}

// js is a value as JavaScript has it.
func js(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts and lists of texts only
	}
	return string(text)
}

// open goes to a place as somebody.
func (b *tab) open(as, in string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + "/?" + url.Values{"as": {as}, "in": {in}}.Encode()))
	b.ready()
}

// ready waits until the page has had its first events.
func (b *tab) ready() {
	b.t.Helper()
	b.await("the page gets no events", `"ready" in document.body.dataset`)
}

// see waits until an element shows all parts.
func (b *tab) see(selector string, parts ...string) {
	b.t.Helper()
	b.await(fmt.Sprintf("%s does not show %q", selector, parts),
		fmt.Sprintf(`%s.every((part) => (document.querySelector(%s)?.innerText ?? "").includes(part))`, js(parts), js(selector)))
}

// gone waits until nothing matches a selector.
func (b *tab) gone(selector string) {
	b.t.Helper()
	b.await(selector+" is still there", fmt.Sprintf(`document.querySelector(%s) === null`, js(selector)))
}

// focus waits for the last thing of that name that can be used, in the dialog or
// list that is open if there is one, and has the focus go there.
func (b *tab) focus(name string) {
	b.t.Helper()
	find := fmt.Sprintf(`(() => {
		const open = [...document.querySelectorAll("dialog[open], [popover]:popover-open")].pop() ?? document;
		const words = (e) => { const copy = e.cloneNode(true); for (const aside of copy.querySelectorAll("small, [aria-hidden]")) aside.remove(); return copy.textContent; };
		const named = (e) => [e.getAttribute("aria-label"), words(e), ...[...e.labels ?? []].map(words)].some((n) => n?.trim() === %s);
		return [...open.querySelectorAll("a, button, summary, input, textarea, select")].filter((e) => e.checkVisibility() && named(e)).pop();
	})()`, js(name))
	b.await("there is no "+name, find+" !== undefined")
	b.do(chromedp.Evaluate[chromedp.Void](find + "?.focus()"))
	b.await(name+" does not take the focus", find+" === document.activeElement")
}

// press presses something by its name.
func (b *tab) press(name string) {
	b.t.Helper()
	b.focus(name)
	b.do(enter)
}

// enter is the Enter key as a keyboard sends it: whoever takes the key down keeps
// its effect from happening, which kb.Enter would have happen all the same.
var enter = chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: kind, Key: "Enter", Code: "Enter", Text: map[bool]string{true: "\r"}[kind == input.DispatchKeyEventTypeKeyDown],
			WindowsVirtualKeyCode: 13, NativeVirtualKeyCode: 13,
		})
		if err != nil {
			return err
		}
	}
	return nil
})

// keys types on what has the focus.
func (b *tab) keys(typed string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(typed))
}

// follow presses a link and waits for the page that it leads to.
func (b *tab) follow(name string) {
	b.t.Helper()
	b.focus(name)
	b.call(func(ctx context.Context) error {
		_, err := chromedp.RunResponse(ctx, enter)
		return err
	})
	b.ready()
}

// be becomes somebody else.
func (b *tab) be(name string) {
	b.t.Helper()
	b.follow(name)
	b.await("the page is not "+name+"’s", fmt.Sprintf(`document.title.includes(%s)`, js(" as "+name)))
}

// say types a message or command and sends it.
func (b *tab) say(text string) {
	b.t.Helper()
	b.clear("#text")
	b.keys(text)
	b.do(enter)
	b.await("it was not sent: "+text, `document.getElementById("text").value === ""`)
}

// click clicks with the mouse on the last element that matches a selector.
func (b *tab) click(selector string) {
	b.t.Helper()
	x, y := b.middle(selector)
	b.do(chromedp.MouseClickXY(x, y))
}

// clickTo clicks on a link and waits for the page that it leads to.
func (b *tab) clickTo(selector string) {
	b.t.Helper()
	x, y := b.middle(selector)
	b.call(func(ctx context.Context) error {
		_, err := chromedp.RunResponse(ctx, chromedp.MouseClickXY(x, y))
		return err
	})
	b.ready()
}

// middle waits until the last element that matches a selector lies open in its
// middle, and returns where that is.
func (b *tab) middle(selector string) (x, y float64) {
	b.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll(%s)].filter((e) => e.checkVisibility()).pop()`, js(selector))
	b.await("there is no "+selector, find+" !== undefined")
	b.do(chromedp.Evaluate[chromedp.Void](find + `?.scrollIntoView({ block: "center" })`))
	ctx, cancel := context.WithTimeout(b.ctx, within)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Poll[[]float64](fmt.Sprintf(`(() => {
		const { x, y, width, height } = (%s)?.getBoundingClientRect() ?? {};
		const at = [x + width / 2, y + height / 2];
		return (%s)?.contains(document.elementFromPoint(...at)) && at;
	})()`, find, find), often, chromedp.WithPollingTimeout(0)))
	if err != nil {
		b.t.Fatalf("%s cannot be clicked: %v", selector, err)
	}
	return at[0], at[1]
}

// clear has the focus go to a text field, whose text is replaced by what is typed
// next.
func (b *tab) clear(selector string) {
	b.t.Helper()
	b.await("there is no "+selector, fmt.Sprintf(`document.querySelector(%s)?.checkVisibility()`, js(selector)))
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%s).select()`, js(selector))), chromedp.KeyEvent(kb.Backspace))
}
