package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"wfbot/bot/metrics"
)

// deployed is a file of the directory deploy.
func deployed(t *testing.T, names ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{root, "deploy"}, names...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// metricNames are those of wfbot's own metrics.
func metricNames() (names []string) {
	m := metrics.New("")
	m.Watch(metrics.Sources{})
	all := make(chan *prometheus.Desc)
	go func() {
		defer close(all)
		m.Gatherer().(*prometheus.Registry).Describe(all)
	}()
	for desc := range all {
		if name := regexp.MustCompile(`fqName: "(wfbot_[a-z_]+)"`).FindStringSubmatch(desc.String()); name != nil {
			names = append(names, name[1])
		}
	}
	slices.Sort(names)
	return names
}

// What docs/operations.md and the alert rules say of metrics is about those that there
// are, and the page has all of them.
func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	known := metricNames()
	if len(known) < 15 {
		t.Fatalf("there are only %d metrics", len(known))
	}
	for _, name := range known {
		if !strings.Contains(string(page), "`"+name+"`") && !strings.Contains(string(page), "`"+name+"{") {
			t.Errorf("docs/operations.md does not name %s", name)
		}
	}
	texts := map[string]string{
		"docs/operations.md":           string(page),
		"the alert rules":              deployed(t, "prometheus", "wfbot.rules.yaml"),
		"the tests of the alert rules": deployed(t, "prometheus", "wfbot.rules.test.yaml"),
	}
	for where, text := range texts {
		for _, name := range regexp.MustCompile(`\bwfbot_[a-z_]+`).FindAllString(text, -1) {
			plain := regexp.MustCompile(`_(bucket|count|sum)$`).ReplaceAllString(name, "")
			if !slices.Contains(known, name) && !slices.Contains(known, plain) {
				t.Errorf("%s names the metric %s, which is not there", where, name)
			}
		}
	}
}

// Each alert fires when it should, and each has a test that it does.
func TestAlertRules(t *testing.T) {
	t.Parallel()
	tests := deployed(t, "prometheus", "wfbot.rules.test.yaml")
	for _, alert := range regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(deployed(t, "prometheus", "wfbot.rules.yaml"), -1) {
		if !strings.Contains(tests, `alertname="`+alert[1]+`"`) {
			t.Errorf("no test fires %s", alert[1])
		}
	}
	promtool := toolAt(t, "promtool")
	for _, args := range [][]string{{"check", "rules", "wfbot.rules.yaml"}, {"test", "rules", "wfbot.rules.test.yaml"}} {
		if said, err := tool(t.Context(), filepath.Join(root, "deploy", "prometheus"), promtool, args...); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
}

// toolAt is where a program is that tests of deployments need; in CI there is one.
func toolAt(t *testing.T, name string) string {
	t.Helper()
	at, err := exec.LookPath(name)
	if err == nil {
		return at
	}
	if os.Getenv("WFBOT_REQUIRE_DEPLOYMENT_TOOLS") != "" {
		t.Fatal(err)
	}
	t.Skipf("there is no %s (Debian: it is in the packages prometheus and systemd)", name)
	return ""
}

// tool runs a program in a directory and returns what it says.
func tool(ctx context.Context, dir, name string, args ...string) (said string, err error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	text, err := cmd.CombinedOutput()
	return string(text), err
}
