package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/joho/godotenv"
	"go.yaml.in/yaml/v3"
)

// documents are those of a YAML file.
func documents(t *testing.T, name string) (all []map[string]any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	for decoder := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var one map[string]any
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, one)
	}
}

// at is the value at a path of names and numbers in a YAML document.
func at[T any](t *testing.T, in any, path string) T {
	t.Helper()
	for step := range strings.SplitSeq(path, "/") {
		if n, err := strconv.Atoi(step); err == nil {
			in = in.([]any)[n]
			continue
		}
		in = in.(map[string]any)[step]
	}
	value, ok := in.(T)
	if !ok {
		t.Fatalf("%s is %T %v", path, in, in)
	}
	return value
}

// ofKind is the Kubernetes object of that kind.
func ofKind(t *testing.T, kind string) map[string]any {
	t.Helper()
	for _, object := range documents(t, "deploy/kubernetes/wfbot.yaml") {
		if object["kind"] == kind {
			return object
		}
	}
	t.Fatalf("there is no %s", kind)
	return nil
}

func texts(values map[string]any) map[string]string {
	all := map[string]string{}
	for name, value := range values {
		all[name] = fmt.Sprint(value)
	}
	return all
}

// filledIn is .env.example as somebody fills it in who has the secrets elsewhere.
func filledIn(t *testing.T) map[string]string {
	t.Helper()
	vars, err := godotenv.Read(filepath.Join(root, ".env.example"))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range variablesOf(nil) {
		if _, there := vars[name]; there && !strings.Contains(name, "TOKEN") {
			vars[name] = value
		}
	}
	return vars
}

// What each way to run wfbot sets is a configuration without a mistake, once the
// secrets are in the files where it expects them.
func TestDeployedConfigurations(t *testing.T) {
	t.Parallel()
	compose := documents(t, "deploy/compose.yaml")[0]
	inCompose := filledIn(t)
	maps.Copy(inCompose, texts(at[map[string]any](t, compose, "services/wfbot/environment")))
	inKubernetes := texts(at[map[string]any](t, ofKind(t, "ConfigMap"), "data"))
	for _, variable := range at[[]any](t, ofKind(t, "Deployment"), "spec/template/spec/containers/0/env") {
		inKubernetes[at[string](t, variable, "name")] = at[string](t, variable, "value")
	}
	inSystemd := filledIn(t)
	for _, m := range regexp.MustCompile(`(?m)^Environment=(\w+)=(.*)$`).FindAllStringSubmatch(deployed(t, "systemd", "wfbot.service"), -1) {
		inSystemd[m[1]] = m[2]
	}
	dockerfile, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	inDocker := variablesOf(nil)
	for _, m := range regexp.MustCompile(`(?m)^ENV (\w+)=(.*)$`).FindAllStringSubmatch(string(dockerfile), -1) {
		inDocker[m[1]] = m[2]
	}
	secrets := map[string]string{
		"SLACK_APP_TOKEN_FILE": "xapp-1-A012-345-abcdef", "SLACK_BOT_TOKEN_FILE": "xoxb-012-345-abcdef",
		"WORKFRONT_API_KEY_FILE": "k3yk3yk3y", "WFBOT_DATABASE_URL_FILE": "postgres://wfbot:s3cret@postgres/wfbot?sslmode=disable",
	}
	for where, vars := range map[string]map[string]string{"compose": inCompose, "Kubernetes": inKubernetes, "systemd": inSystemd, "the image": inDocker} {
		files := 0
		for name, value := range secrets {
			if vars[name] != "" {
				files++
				vars[name] = writeFile(t, value+"\n")
			}
		}
		if c, err := loadConfig(environ(vars), noFile(t)); err != nil {
			t.Errorf("%s: %v", where, err)
		} else if where != "systemd" && c.HTTP.Addr == "" {
			t.Errorf("%s: nobody can ask how it is", where)
		}
		if want := map[string]int{"compose": 4, "Kubernetes": 4, "systemd": 3}[where]; files != want {
			t.Errorf("%s: %d secrets are in files, want %d", where, files, want)
		}
	}
}

// Every variable that a file for running wfbot names is there, and every file that
// one of them names.
func TestDeployNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	known := knownNames()
	names := []string{"Dockerfile", ".goreleaser.yaml"}
	if err := filepath.WalkDir(filepath.Join(root, "deploy"), func(name string, at os.DirEntry, err error) error {
		if err == nil && !at.IsDir() {
			name, err = filepath.Rel(root, name)
			names = append(names, name)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(names) < 8 {
		t.Errorf("there are only %q", names)
	}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, variable := range variablePattern.FindAllString(string(text), -1) {
			if !slices.Contains(known, variable) {
				t.Errorf("%s names the variable %s, which is not there", name, variable)
			}
		}
		for _, m := range regexp.MustCompile(`\b(?:src: |- |postinstall: |preremove: )((?:deploy|docs)/[\w./*-]+)`).FindAllStringSubmatch(string(text), -1) {
			if found, err := filepath.Glob(filepath.Join(root, m[1])); err != nil || len(found) == 0 {
				t.Errorf("%s names the file %s, which is not there: %v", name, m[1], err)
			}
		}
	}
	release := documents(t, ".goreleaser.yaml")[0]
	if flags := at[[]any](t, release, "builds/0/ldflags"); !strings.Contains(fmt.Sprint(flags), "-X main.version=") {
		t.Errorf("a release would not know its version: %v", flags)
	}
}

// In Kubernetes a process is asked where it answers, has time to end, may do nothing
// that it does not need, and all of them together hold no more connections than Slack
// allows; an old version has ended before a new one begins.
func TestKubernetes(t *testing.T) {
	t.Parallel()
	deployment := ofKind(t, "Deployment")
	pod := at[map[string]any](t, deployment, "spec/template/spec")
	container := at[map[string]any](t, pod, "containers/0")
	_, port, _ := strings.Cut(at[string](t, ofKind(t, "ConfigMap"), "data/WFBOT_HTTP_ADDR"), ":")
	if got := strconv.Itoa(at[int](t, container, "ports/0/containerPort")); got != port {
		t.Errorf("it listens at %s, and the port is %s", port, got)
	}
	for probe, path := range map[string]string{"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"} {
		if got := at[string](t, container, probe+"/httpGet/path"); got != path {
			t.Errorf("%s asks %s, want %s", probe, got, path)
		}
	}
	if grace := at[int](t, pod, "terminationGracePeriodSeconds"); grace <= int(endWithin.Seconds()) {
		t.Errorf("it has %d s to end, and takes %v", grace, endWithin)
	}
	if how := at[string](t, deployment, "spec/strategy/type"); how != "Recreate" {
		t.Errorf("a new version is brought by %s, beside the old one", how)
	}
	c, err := loadConfig(environ(variablesOf(nil)), noFile(t))
	if err != nil {
		t.Fatal(err)
	}
	if all := at[int](t, deployment, "spec/replicas") * c.SlackConnections; all > 10 {
		t.Errorf("%d connections, and Slack allows 10", all)
	}
	for path, want := range map[string]bool{
		"automountServiceAccountToken": false, "enableServiceLinks": false, "securityContext/runAsNonRoot": true,
		"containers/0/securityContext/allowPrivilegeEscalation": false, "containers/0/securityContext/readOnlyRootFilesystem": true,
	} {
		if at[bool](t, pod, path) != want {
			t.Errorf("%s is not %v", path, want)
		}
	}
	labels := fmt.Sprint(at[map[string]any](t, deployment, "spec/template/metadata/labels"))
	for kind, path := range map[string]string{"Deployment": "spec/selector/matchLabels", "PodDisruptionBudget": "spec/selector/matchLabels", "NetworkPolicy": "spec/podSelector/matchLabels"} {
		if got := fmt.Sprint(at[map[string]any](t, ofKind(t, kind), path)); got != labels {
			t.Errorf("%s is about %s, and the pods are %s", kind, got, labels)
		}
	}
}

// No image is one that anybody could have put into a public registry under that name: it
// is built here, is at a host that nobody has, or has a version that is tested.
func TestImages(t *testing.T) {
	t.Parallel()
	if image := at[string](t, ofKind(t, "Deployment"), "spec/template/spec/containers/0/image"); !strings.HasPrefix(image, "registry.example.com/wfbot:") {
		t.Errorf("in Kubernetes the image is %s", image)
	}
	compose := documents(t, "deploy/compose.yaml")[0]
	for name, service := range at[map[string]any](t, compose, "services") {
		_, built := service.(map[string]any)["build"]
		image := at[string](t, service, "image")
		if built && at[string](t, service, "pull_policy") != "build" || !built && !regexp.MustCompile(`^[a-z]+:[0-9]+$`).MatchString(image) {
			t.Errorf("%s: the image is %s", name, image)
		}
		if driver := at[string](t, service, "logging/driver"); driver != "local" {
			t.Errorf("%s: its log grows for ever in %s", name, driver)
		}
	}
}

// The service ends when the Debian package is removed, and goes on when another version
// replaces it.
func TestRemovingThePackage(t *testing.T) {
	t.Parallel()
	name := filepath.Join(root, "deploy", "systemd", "preremove.sh")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	tools := t.TempDir()
	if err := os.WriteFile(filepath.Join(tools, "systemctl"), []byte("#!/bin/sh\necho \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	script := strings.ReplaceAll(string(text), "/run/systemd/system", tools) // here is a systemd, wherever the test runs
	for reason, want := range map[string]string{"remove": "disable --now wfbot.service\n", "upgrade": "", "failed-upgrade": ""} {
		shell := exec.CommandContext(t.Context(), "sh", "-c", script, "prerm", reason)
		shell.Env = append(os.Environ(), "PATH="+tools+":"+os.Getenv("PATH"))
		if said, err := shell.CombinedOutput(); err != nil || string(said) != want {
			t.Errorf("%s: %q, %v, want %q", reason, said, err, want)
		}
	}
}
