package slacksim_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"wfbot/bot/slacksim"
)

func form(callbackID string) slack.ModalViewRequest {
	plain := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("plain_text", s, false, false) }
	reason := slack.NewInputBlock("reason", plain("Reason"), nil, slack.NewPlainTextInputBlockElement(nil, "text"))
	people := slack.NewInputBlock("people", plain("People"), nil, slack.NewOptionsMultiSelectBlockElement("multi_users_select", nil, "users"))
	people.Optional = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callbackID, PrivateMetadata: "r1", Title: plain("Deactivate"), Submit: plain("Ask"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{reason, people}},
	}
}

func TestModal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	submitted := make(chan slack.InteractionCallback, 5)
	w.connect(t, func(c *socketmode.Client, e socketmode.Event) {
		switch data := e.Data.(type) {
		case slack.SlashCommand:
			if _, err := w.api.OpenView(data.TriggerID, form("ask")); err != nil {
				t.Errorf("opening: %v", err)
			}
			if _, err := w.api.OpenView(data.TriggerID, form("ask")); errorOf(err) != "exchanged_trigger_id" {
				t.Errorf("trigger used twice: %v", err)
			}
			_ = c.Ack(*e.Request)
		case slack.InteractionCallback:
			submitted <- data
			var answer any
			if data.View.State.Values["reason"]["text"].Value == "no" {
				answer = slack.NewErrorsViewSubmissionResponse(map[string]string{"reason": "Give a reason"})
			}
			_ = c.Ack(*e.Request, answer)
		}
	})
	if _, err := w.types("/wf-deactivate")(); err != nil {
		t.Fatal(err)
	}
	open := w.OpenViews(w.jane)
	if len(open) != 1 || open[0].Title != "Deactivate" || open[0].PrivateMetadata != "r1" || len(w.OpenViews(w.mary)) != 0 {
		t.Fatalf("open views = %+v", open)
	}
	id := open[0].ID
	if _, err := w.Submit(w.jane, id, nil); !errors.Is(err, slacksim.ErrInput) {
		t.Errorf("required input left empty: %v", err)
	}
	if _, err := w.Submit(w.mary, id, map[string]any{"Reason": "x"}); !errors.Is(err, slacksim.ErrNotThere) {
		t.Errorf("somebody else's modal: %v", err)
	}
	result, err := w.Submit(w.jane, id, map[string]any{"Reason": "no"})
	if err != nil || result.Errors["reason"] != "Give a reason" || result.Top == nil {
		t.Errorf("errors: %+v, %v", result, err)
	}
	result, err = w.Submit(w.jane, id, map[string]any{"reason": "left", "users": []string{w.mary}})
	if err != nil || result.Top != nil || len(w.OpenViews(w.jane)) != 0 {
		t.Errorf("accepted: %+v, %v", result, err)
	}
	<-submitted
	view := (<-submitted).View
	if view.CallbackID != "ask" || view.ID != id || view.State.Values["reason"]["text"].Value != "left" ||
		view.State.Values["people"]["users"].SelectedUsers[0] != w.mary {
		t.Errorf("submitted view = %+v", view)
	}
	if _, err := w.api.OpenView("1.2.3", form("")); errorOf(err) != "invalid_trigger_id" {
		t.Errorf("unknown trigger: %v", err)
	}
}

func TestViewSubmissionResponses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	update, push := form("second"), form("third")
	var answer any
	w.connect(t, func(c *socketmode.Client, e socketmode.Event) {
		if command, ok := e.Data.(slack.SlashCommand); ok {
			if _, err := w.api.OpenView(command.TriggerID, form("first")); err != nil {
				t.Errorf("opening: %v", err)
			}
			_ = c.Ack(*e.Request)
			return
		}
		_ = c.Ack(*e.Request, answer)
	})
	for _, row := range []struct {
		why     string
		answer  any
		failure slacksim.Failure
		top     string // callback id of the topmost view
	}{
		{"errors at a block that is no input", slack.NewErrorsViewSubmissionResponse(map[string]string{"nowhere": "x"}), slacksim.BadResponse, "first"},
		{"unknown action", map[string]string{"response_action": "dance"}, slacksim.BadResponse, "first"},
		{"update", slack.NewUpdateViewSubmissionResponse(&update), "", "second"},
		{"push", slack.NewPushViewSubmissionResponse(&push), "", "third"},
		{"clear", slack.NewClearViewSubmissionResponse(), "", ""},
		{"bare acknowledgement", nil, "", ""},
	} {
		if _, err := w.types("/wf-deactivate")(); err != nil {
			t.Fatal(err)
		}
		answer = row.answer
		result, err := w.Submit(w.jane, w.OpenViews(w.jane)[0].ID, map[string]any{"Reason": "x"})
		if err != nil || result.Failure != row.failure {
			t.Errorf("%s: %+v, %v", row.why, result, err)
		}
		top := ""
		if result.Top != nil {
			top = result.Top.CallbackID
		}
		if top != row.top {
			t.Errorf("%s: top view %q, want %q", row.why, top, row.top)
		}
	}
}

func TestTriggerExpires(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Now()
	w := newWorld(t, slacksim.Config{TriggerLife: 3 * time.Second, Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	got := interactions(t, w)
	if _, err := w.Shortcut(w.jane, "ask"); err != nil {
		t.Fatal(err)
	}
	shortcut := <-got
	if shortcut.Type != slack.InteractionTypeShortcut || shortcut.CallbackID != "ask" || shortcut.User.ID != w.jane {
		t.Errorf("shortcut = %+v", shortcut)
	}
	mu.Lock()
	now = now.Add(3 * time.Second)
	mu.Unlock()
	if _, err := w.api.OpenView(shortcut.TriggerID, form("")); errorOf(err) != "expired_trigger_id" {
		t.Errorf("after 3 s: %v", err)
	}
}

func TestUpdateAndCloseView(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	got := interactions(t, w)
	if _, err := w.Shortcut(w.jane, "ask"); err != nil {
		t.Fatal(err)
	}
	opened, err := w.api.OpenView((<-got).TriggerID, form("first"))
	if err != nil {
		t.Fatal(err)
	}
	next := form("next")
	next.NotifyOnClose = true
	if _, err := w.api.UpdateView(next, "", "stale", opened.ID); errorOf(err) != "hash_conflict" {
		t.Errorf("stale hash: %v", err)
	}
	if answer := call(t, w, "views.update", map[string]any{"view": next}); strings.Trim(at(t, answer["error"]), `"`) != "invalid_arguments" {
		t.Errorf("of no view: %v", answer)
	}
	updated, err := w.api.UpdateView(next, "", opened.Hash, opened.ID)
	if err != nil || updated.ID != opened.ID || updated.Hash == opened.Hash {
		t.Errorf("update: %+v, %v", updated, err)
	}
	if _, err := w.CloseView(w.jane, opened.ID); err != nil {
		t.Fatal(err)
	}
	if c := <-got; c.Type != slack.InteractionTypeViewClosed || c.View.CallbackID != "next" {
		t.Errorf("closed: %+v", c)
	}
	if _, err := w.api.UpdateView(next, "", "", opened.ID); errorOf(err) != "not_found" {
		t.Errorf("after closing: %v", err)
	}
}

func TestHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	got := interactions(t, w)
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewActionBlock("b", slack.NewButtonBlockElement("refresh", "v", slack.NewTextBlockObject("plain_text", "Refresh", false, false))),
	}}}
	published, err := w.api.PublishView(w.jane, home, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.api.PublishView(w.jane, home, "stale"); errorOf(err) != "hash_conflict" {
		t.Errorf("stale hash: %v", err)
	}
	view, ok := w.Home(w.jane)
	if !ok || view.ID != published.ID || len(view.Buttons()) != 1 {
		t.Errorf("home = %+v, %v", view, ok)
	}
	if _, err := w.ClickView(w.jane, view.ID, slacksim.Button{Text: "Refresh"}); err != nil {
		t.Fatal(err)
	}
	if c := <-got; c.View.ID != view.ID || c.Container.ViewID != view.ID || c.Channel.ID != "" || c.ResponseURL != "" {
		t.Errorf("callback = %+v", c)
	}
}
