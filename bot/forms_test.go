package bot_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
	"wfbot/bot/store"
	"wfbot/workfront/workfrontsim"
)

// jane1 is what is filled in for one person; the rest can be left empty.
func jane1(more map[string]any) map[string]any {
	values := map[string]any{"emails": "jane@acme.com", "reason": "left the company"}
	maps.Copy(values, more)
	return values
}

func TestFormAsksAsTheCommandDoes(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		opens  func(*world)
		values map[string]any
		fixed  bool // WFBOT_CHANNEL is set
	}{
		"the command alone, which knows the channel": {
			opens:  func(w *world) { w.As(w.rita).Types(w.channel, "/wf-deactivate") },
			values: jane1(nil),
		},
		"the command with nothing but spaces": {
			opens:  func(w *world) { w.As(w.rita).Types(w.channel, "/wf-deactivate  ") },
			values: jane1(nil),
		},
		"the shortcut, where the channel has to be chosen": {
			opens:  func(w *world) { w.As(w.rita).Chooses("request") },
			values: jane1(map[string]any{"channel": "#it-offboarding"}),
		},
		"the shortcut, with a fixed channel": {
			opens:  func(w *world) { w.As(w.rita).Chooses("request") },
			values: jane1(nil), fixed: true,
		},
		"the button of the Home tab": {
			opens: func(w *world) {
				w.As(w.rita).OpensHome()
				w.ExpectHome(w.rita, "You have asked for nothing yet").Click(w.rita, "New request")
			},
			values: jane1(nil), fixed: true,
		},
		"somebody in Slack": {
			opens:  func(w *world) { w.As(w.rita).Types(w.channel, "/wf-deactivate") },
			values: map[string]any{"people": []string{"@jane"}, "reason": "left the company"},
		},
		"an e-mail as a mail program writes it": {
			opens:  func(w *world) { w.As(w.rita).Types(w.channel, "/wf-deactivate") },
			values: jane1(map[string]any{"emails": " <mailto:Jane@ACME.com>;\n"}),
		},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if row.fixed {
				w.config.Channel = w.channel
			}
			w.start()
			row.opens(w)
			w.ExpectModal(w.rita, "Deactivate in Workfront", "Europe/London").Submit(row.values)
			w.ExpectNoModal(w.rita)
			card := w.Channel(w.channel).ExpectMessage("Jane Doe", "left the company")
			card.ExpectButtons("Approve", "Deny", "Cancel request")
			w.ExpectPrivateOrDM(w.rita, "Sent to")
			card.Click(w.anna, "Approve")
			w.ExpectDM(w.rita, "Deactivated: ")
			card.ExpectButtons("Request reactivation")
			w.quiet()
		})
	}
}

// ExpectPrivateOrDM waits for a private answer, wherever it can be given.
func (w *world) ExpectPrivateOrDM(user string, parts ...string) {
	w.t.Helper()
	w.waitFor("somebody is told "+strings.Join(parts, " "), func() bool {
		return slices.ContainsFunc(slices.Concat(w.Ephemerals(user), w.DirectMessages(user)), func(m slacksim.Message) bool {
			return m.Contains(parts...)
		})
	})
	w.Forgive()
}

// What is wrong is said at its input, and nothing is stored.
func TestFormSaysWhatIsWrongWhereItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	today := w.clock.Now().UTC()
	day := func(days int) string { return today.AddDate(0, 0, days).Format(time.DateOnly) }
	rows := []struct {
		name, at, says string
		values         map[string]any
	}{
		{"nobody", "emails", "at least one", map[string]any{"reason": "left"}},
		{"no e-mail", "emails", "not an e-mail address: jane", jane1(map[string]any{"emails": "jane@acme.com, jane at acme"}) /* the second */},
		{"too many", "emails", "at most 50", jane1(map[string]any{"emails": many(51)})},
		{"too many together", "emails", "at most 50", jane1(map[string]any{"emails": many(50), "people": []string{"@jane"}})},
		{"a day that is over", "date", "This is in the past", jane1(map[string]any{"date": day(-2)})},
		{"a year too far", "date", "I wait for a year at most", jane1(map[string]any{"date": day(800)})},
		{"a time without its day", "time", "day as well", jane1(map[string]any{"time": "17:00"})},
		{"a day in the reason", "reason", "picked above", jane1(map[string]any{"reason": "on Friday, contract ends"})},
	}
	open := func() *story.Modal {
		w.As(w.rita).Types(w.channel, "/wf-deactivate")
		return w.ExpectModal(w.rita, "Deactivate")
	}
	for _, row := range rows {
		form := open()
		problems := form.SubmitRefused(row.values)
		if len(problems) != 1 || !strings.Contains(problems[row.at], row.says) {
			t.Errorf("%s: %q, want %q at %s", row.name, problems, row.says, row.at)
		}
		form.Close()
	}
	if all, _, err := w.st.Interactions(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("stored: %+v, %v", all, err)
	}
	open().Submit(jane1(nil))
	w.Channel(w.channel).ExpectMessage("Jane Doe").ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	w.quiet()
}

// With the box ticked, the reason may name a day to come.
func TestFormWithADayInTheReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	day := w.clock.Now().UTC().AddDate(0, 0, 9).Format("2 January 2006")
	values := jane1(map[string]any{"reason": "last day is " + day})
	w.As(w.rita).Types(w.channel, "/wf-deactivate")
	form := w.ExpectModal(w.rita, "Deactivate", "If the reason names a future day")
	problems := form.SubmitRefused(values)
	if len(problems) != 1 || !strings.Contains(problems["reason"], "names a future day, "+day) {
		t.Errorf("%q", problems)
	}
	values["now"] = []string{"now"}
	form.Submit(values)
	card := w.Channel(w.channel).ExpectMessage("Jane Doe", "last day is "+day, "on approval, although the reason says “"+day+"”")
	w.ExpectPrivate(w.rita, "It takes effect on approval, although the reason says “"+day+"”")
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("Confirmed in Workfront")
	w.quiet()
}

// many is n e-mails, one in each line.
func many(n int) string {
	var lines strings.Builder
	for i := range n {
		lines.WriteString("p" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + "@acme.com\n")
	}
	return lines.String()
}

// Who may not ask gets no form, but the usual answer, and it is in the trail.
func TestFormIsOnlyForThoseWhoMayAsk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Channel = w.channel
	w.start()
	w.As(w.anna).Types(w.channel, "/wf-deactivate")
	w.ExpectPrivate(w.anna, "not on the list")
	w.As(w.otto).Chooses("request")
	w.ExpectDM(w.otto, "not on the list")
	if n := len(w.Calls("views.open")); n != 0 {
		t.Errorf("%d forms were opened", n)
	}
	w.quiet()
	refusals := slices.DeleteFunc(w.trail(), func(e store.Entry) bool { return e.Kind != "refused" })
	if n := len(refusals); n != 2 {
		t.Errorf("%d refusals in the trail, want one for each", n)
	}
}

// A form is judged when it is submitted: by who the person is then, and only for
// the one who opened it.
func TestSubmittedFormIsJudged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Requesters.Groups = []string{w.AddGroup(slacksim.Group{Handle: "askers", Members: []string{w.mark}}).ID}
	w.start()
	w.As(w.mark).Types(w.channel, "/wf-deactivate")
	form := w.ExpectModal(w.mark, "Deactivate")
	w.SetGroupMembers(w.config.Policy.Requesters.Groups[0], w.rita)
	w.clock.Skip(2 * time.Minute) // facts are asked for again
	form.Submit(jane1(nil))
	w.ExpectPrivate(w.mark, "not on the list")

	w.As(w.rita).Types(w.channel, "/wf-deactivate")
	form = w.ExpectModal(w.rita, "Deactivate")
	stop := w.Rewrite(func(_ string, payload map[string]any) {
		if payload["type"] == "view_submission" {
			payload["user"].(map[string]any)["id"] = w.anna
		}
	})
	form.Submit(jane1(nil))
	stop()
	w.ExpectPrivate(w.anna, "opened for somebody else")
	if n := len(w.requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// Several people in the form are one batch.
func TestFormAboutSeveralPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.AddUser(workfrontsim.User{Name: "Joe Roe", Email: "joe@acme.com", Active: true})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate")
	w.ExpectModal(w.rita, "Deactivate").Submit(map[string]any{
		"people": []string{"@jane"}, "emails": "joe@acme.com\nnobody@acme.com", "reason": "the office closes",
	})
	card := w.Channel(w.channel).ExpectMessage("Jane Doe", "Joe Roe", "nobody@acme.com", "the office closes")
	w.ExpectPrivate(w.rita, "Sent to", "2 people", "nobody@acme.com")
	card.ExpectText("Jane Doe")
	w.quiet()
}

// A form that was stored too late for its acknowledgement stays open. Sent again
// with other people it is another interaction, and as it was the same one.
func TestFormSentAgainWithOtherPeople(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, slacksim.Config{AckDeadline: time.Second})
	w.workfront.AddUser(workfrontsim.User{Name: "Joe Roe", Email: "joe@acme.com", Active: true})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate")
	form := w.ExpectModal(w.rita, "Deactivate")
	release := w.HoldDeliveries()
	if reply, err := w.Submit(w.rita, form.ID(), jane1(nil)); err != nil || reply.Acked {
		t.Fatalf("sent for the first time: %+v, %v; want no acknowledgement", reply, err)
	}
	release()
	w.Channel(w.channel).ExpectMessage("Jane Doe")
	w.ExpectPrivate(w.rita, "Sent to", "Jane Doe")

	joe := map[string]any{"emails": "joe@acme.com", "reason": "the office closes"}
	if reply, err := w.Submit(w.rita, form.ID(), joe); err != nil || !reply.Acked {
		t.Fatalf("sent again: %+v, %v", reply, err)
	}
	w.Channel(w.channel).ExpectMessage("Joe Roe", "the office closes")
	w.ExpectPrivate(w.rita, "Sent to", "Joe Roe")
	for _, e := range w.Envelopes() {
		if e.Payload["type"] == "view_submission" {
			w.Redeliver(e, false)
		}
	}
	w.settle()
	if n := len(w.requests()); n != 2 {
		t.Errorf("%d requests, want one for each", n)
	}
}

// The same with the form that asks for a comment: the second one is answered.
func TestDenialSentAgainWithAnotherComment(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, slacksim.Config{AckDeadline: time.Second})
	w.start()
	card := w.ask()
	w.opens(card, w.anna, "Deny")
	form := w.ExpectModal(w.anna, "Deny")
	release := w.HoldDeliveries()
	if reply, err := w.Submit(w.anna, form.ID(), map[string]any{"comment": "She stays"}); err != nil || reply.Acked {
		t.Fatalf("sent for the first time: %+v, %v; want no acknowledgement", reply, err)
	}
	release()
	w.ExpectDM(w.rita, "Denied by", "She stays")
	form.Submit(map[string]any{"comment": "She stays until May"})
	w.ExpectPrivate(w.anna, "has denied this request already")
}

// The day and time are those of the clock that the form names.
func TestFormWithADate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.UpdateUser(w.rita, func(u *slacksim.User) { u.TZ = "Asia/Tokyo" })
	w.start()
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	day := w.clock.Now().In(tokyo).AddDate(0, 0, 7)
	for clock, want := range map[string]time.Time{
		"":      time.Date(day.Year(), day.Month(), day.Day(), 23, 59, 0, 0, tokyo),
		"17:30": time.Date(day.Year(), day.Month(), day.Day(), 17, 30, 0, 0, tokyo),
	} {
		w.As(w.rita).Types(w.channel, "/wf-deactivate")
		w.ExpectModal(w.rita, "Deactivate", "Asia/Tokyo").Submit(jane1(map[string]any{"date": day.Format(time.DateOnly), "time": clock}))
		card := w.Channel(w.channel).ExpectMessage("Jane Doe", want.UTC().Format("2006-01-02 15:04 UTC"))
		card.ExpectButtons("Approve", "Deny", "Cancel request")
		w.ExpectPrivate(w.rita, "Sent to")
		w.cancels(card, w.rita, "")
		w.ExpectDM(w.rita, "ancelled")
		card.ExpectButtons()
		w.quiet()
		if all := w.requests(); !all[len(all)-1].NotBefore.Equal(want) {
			t.Errorf("for %s, want %s", all[len(all)-1].NotBefore, want)
		}
	}
}

// The other slash command alone opens the form for the way back.
func TestFormForTheWayBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.ReactivateAny = true
	w.workfront.UpdateUser(w.target.ID, func(u *workfrontsim.User) { u.Active = false })
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-reactivate")
	w.ExpectModal(w.rita, "Reactivate in Workfront", "bring them back").Submit(jane1(map[string]any{"reason": "she is back"}))
	card := w.Channel(w.channel).ExpectMessage("reactivate Jane Doe", "she is back")
	w.ExpectPrivate(w.rita, "Sent to")
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Reactivated: ")
	card.ExpectText("Reactivated: ")
	w.settle()
	if !w.active() {
		t.Error("jane is not active again")
	}
	w.quiet()
}
