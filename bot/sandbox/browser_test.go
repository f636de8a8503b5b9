package sandbox_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"go.uber.org/goleak"

	"wfbot/bot/bottest/machine"
)

// within bounds every wait, for a machine that is slow but not for ever.
const within = time.Minute

// chromium is the one browser of all tests of this package; each test has tabs of
// its own in it.
var chromium struct {
	once sync.Once
	ctx  context.Context // of the browser; nil: none has been started
	stop func() error
	err  error // why it could not be started
}

// errNoChromium means that the machine has no browser for the tests.
var errNoChromium = errors.New("no Chromium is installed; on Debian: apt-get install chromium")

// browser returns the context of the browser. Where there is none the test skips
// or, in CI, fails.
func browser(t *testing.T) context.Context {
	t.Helper()
	machine.Slow(t, "needs a browser")
	chromium.once.Do(startChromium)
	switch err := chromium.err; {
	case err == nil:
	case !errors.Is(err, errNoChromium), os.Getenv("CI") != "", os.Getenv("WFBOT_REQUIRE_BROWSER") != "":
		t.Fatal(err)
	default:
		t.Skip(err) // not everybody who changes the bot has Chromium; in CI it fails above
	}
	return chromium.ctx
}

func startChromium() {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		chromium.err = errNoChromium
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, // CI runs as root, without a GPU
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(within),
	)
	allocator, release := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	chromium.ctx = ctx
	chromium.stop = func() error {
		defer release()
		defer cancel()
		limited, giveUp := context.WithTimeout(ctx, within)
		defer giveUp()
		return chromedp.Cancel(limited)
	}
	chromium.err = chromedp.Do(ctx)
}

// tests runs the tests and ends the browser, before leaks are looked for.
type tests struct{ *testing.M }

func (m tests) Run() int {
	status := m.M.Run()
	if chromium.stop != nil {
		if err := chromium.stop(); err != nil && chromium.err == nil {
			os.Stderr.WriteString("ending the browser: " + err.Error() + "\n")
			status = 1
		}
	}
	return status
}

func TestMain(m *testing.M) {
	machine.Prepare()
	goleak.VerifyTestMain(tests{m})
}
