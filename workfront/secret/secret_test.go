package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"wfbot/workfront/secret"
)

func TestValueNeverPrints(t *testing.T) {
	const text = "xoxb-very-secret"
	held := struct {
		Token secret.Value
		More  []secret.Value
	}{text, []secret.Value{text}}

	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("start", "token", held.Token, "all", held)
	asJSON, err := json.Marshal(held)
	if err != nil {
		t.Fatal(err)
	}

	for how, got := range map[string]string{
		"Sprint":     fmt.Sprint(held.Token),
		"%v":         fmt.Sprintf("%v", held),
		"%+v":        fmt.Sprintf("%+v", held),
		"%#v":        fmt.Sprintf("%#v", held),
		"%q":         fmt.Sprintf("%q", held.Token),
		"pointer":    fmt.Sprintf("%+v", &held),
		"JSON":       string(asJSON),
		"slog":       logged.String(),
		"error text": fmt.Errorf("using %v", held.Token).Error(),
	} {
		if strings.Contains(got, text) {
			t.Errorf("%s shows the secret: %s", how, got)
		}
		if !strings.Contains(got, "REDACTED") {
			t.Errorf("%s does not say REDACTED: %s", how, got)
		}
	}
}

func TestEmptyValueShowsAsEmpty(t *testing.T) {
	if got := secret.Value("").String(); got != "" {
		t.Errorf("empty secret prints %q, want nothing", got)
	}
}

func TestRevealGivesTheText(t *testing.T) {
	if got := secret.Value("abc").Reveal(); got != "abc" {
		t.Errorf("Reveal() = %q, want abc", got)
	}
}
