package sandbox_test

import (
	"context"
	"log/slog"
	"net"
	"net/mail"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/joho/godotenv"

	"wfbot/bot"
	"wfbot/bot/request"
	"wfbot/bot/sandbox"
	"wfbot/bot/store"
	"wfbot/workfront"
	"wfbot/workfront/secret"
)

// serveAlone runs the services until the test ends.
func serveAlone(t *testing.T, config sandbox.ServicesConfig) (page string, vars map[string]string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	out := &lines{ready: make(chan struct{})}
	config.Listener, config.Out, config.Log = listener, out, slog.New(slog.DiscardHandler)
	ended := make(chan error, 1)
	go func() { ended <- sandbox.Services(ctx, config) }()
	t.Cleanup(sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Services ended with %v", err)
		}
	}))
	select {
	case <-out.ready:
	case err := <-ended:
		ended <- err
		t.Fatalf("the services ended before they were ready: %v", err)
	}
	if vars, err = godotenv.Unmarshal(out.String()); err != nil {
		t.Fatal(err)
	}
	return "http://" + listener.Addr().String(), vars
}

// A bot in between, which the services do not know, does the whole work, and people
// are played on the page.
func TestServices(t *testing.T) {
	t.Parallel()
	page, vars := serveAlone(t, sandbox.ServicesConfig{People: []mail.Address{{Name: "Tess Trial", Address: "tess@acme.com"}}})
	database, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "wfbot.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	client, err := workfront.New(workfront.Config{URL: vars["WORKFRONT_URL"], APIKey: secret.Value(vars["WORKFRONT_API_KEY"])})
	if err != nil {
		t.Fatal(err)
	}
	b, err := bot.New(bot.Config{
		AppToken: secret.Value(vars["SLACK_APP_TOKEN"]), BotToken: secret.Value(vars["SLACK_BOT_TOKEN"]), SlackURL: vars["SLACK_API_URL"],
		Workfront: client, Store: database, Log: slog.New(slog.DiscardHandler),
		Rules: request.Rules{Channel: vars["WFBOT_CHANNEL"], Policy: request.Policy{
			Requesters: request.Members{Groups: []string{vars["WFBOT_REQUESTERS"]}},
			Approvers:  request.Members{Groups: []string{vars["WFBOT_APPROVERS"]}}, Approvals: 1,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		client.CloseIdleConnections()
		if err := database.Close(); err != nil {
			t.Error(err)
		}
	}()
	rita, ada := visit(t, page, "U0RITA", channel), visit(t, page, "U0ADA", channel)
	for !strings.Contains(rita.shown["messages"], ">Approve</button>") { // the bot connects when it likes
		rita.send("/wf-deactivate tess@acme.com left the company")
		rita.next("no card")
	}
	ada.press("Approve")
	ada.see("accounts", "by wfbot at")
	ada.see("steps", `step-2" class="done"`)
	if trail := ada.see("trail", "in the database of the wfbot"); strings.Contains(trail, "Empty so far") {
		t.Errorf("the trail is shown as %s", trail)
	}
}

// Every fault can be planted, and the services work with it all the same.
func TestServicesWithFaults(t *testing.T) {
	t.Parallel()
	for _, name := range sandbox.FaultNames() {
		page, vars := serveAlone(t, sandbox.ServicesConfig{Faults: []string{name}})
		if len(vars) < 10 {
			t.Errorf("%s: only %d variables", name, len(vars))
		}
		if wants := name == "customer-wrong"; wants != (vars["WORKFRONT_CUSTOMER_ID"] != "") {
			t.Errorf("%s: the customer ID is %q", name, vars["WORKFRONT_CUSTOMER_ID"])
		}
		visit(t, page, "U0RITA", channel).see("trail", "in the database of the wfbot")
	}
	if err := sandbox.Services(t.Context(), sandbox.ServicesConfig{Listener: elsewhere{make(chan struct{})}}); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("served elsewhere: %v", err)
	}
}
