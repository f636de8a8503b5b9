package sandbox_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"wfbot/bot/bottest/node"
)

var screenshots = flag.String("screenshots", "", "write a picture of every state that is checked into this `directory`")

// axe returns the script of axe-core.
func axe(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(node.Modules(t), "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// runAxe returns what axe-core finds, as text, of the rules that it is given: undefined
// is all.
//
// Source: https://github.com/dequelabs/axe-core/blob/develop/doc/API.md
const runAxe = `axe.run(document, { resultTypes: ["violations", "incomplete"], runOnly: %s }).then(({ violations }) => violations.map((v) =>
	v.id + ": " + v.help + "\n" + v.nodes.map((n) => "  " + n.html + "\n  " + n.failureSummary).join("\n")))`

// scheme is how the page is looked at, with the rules that may find anything there.
type scheme struct{ name, rules string }

// schemes are all. What is dark differs from what is light in its colours only.
var schemes = []scheme{
	{"dark", `["color-contrast", "link-in-text-block"]`},
	{"light", "undefined"},
}

// check looks at the page as it is, in the schemes of the tab: nothing that axe-core
// objects to, and nothing wider than the window.
func (b *tab) check(state string) {
	b.t.Helper()
	b.await(state+": is wider than the window", `document.documentElement.scrollWidth <= document.documentElement.clientWidth`)
	for _, scheme := range b.schemes {
		b.scheme(scheme.name)
		if *screenshots != "" {
			b.picture(filepath.Join(*screenshots, strings.NewReplacer("/", "-", ",", "").Replace(b.t.Name()+"-"+state)+"-"+scheme.name+".png"))
		}
		b.t.Run(state+" "+scheme.name, func(t *testing.T) { // which may be skipped by itself
			script := axe(t)
			b.do(chromedp.Evaluate[chromedp.Void](`window.axe === undefined && (() => {` + script + `})()`))
			b.call(func(ctx context.Context) error {
				found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](fmt.Sprintf(runAxe, scheme.rules), chromedp.EvalAwaitPromise))
				for _, violation := range found {
					t.Error(violation)
				}
				return err
			})
		})
	}
}

// picture writes a picture of the window.
func (b *tab) picture(file string) {
	b.t.Helper()
	b.call(func(ctx context.Context) error {
		png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			return err
		}
		return os.WriteFile(file, png, 0o644)
	})
}
