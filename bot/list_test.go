package bot_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// cardOf types the command for somebody and returns the address of the card.
func (w *world) cardOf(email, reason string) (link string) {
	w.t.Helper()
	w.As(w.rita).Types(w.channel, "/wf-deactivate "+email+" "+reason)
	card := w.Channel(w.channel).ExpectMessage("Reason: " + reason)
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	return "/archives/" + w.channel + "/p" + strings.ReplaceAll(card.TS(), ".", "")
}

func TestListShowsOpenRequestsNewestFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.AddUser(workfrontsim.User{Name: "Joe Roe", Email: "joe@acme.com", Active: true})
	w.start()
	for _, who := range []string{w.rita, w.anna, w.otto} { // asks; approves; approves by group
		w.As(who).Types(w.secretRoom, "/wf-deactivate list")
		w.ExpectPrivate(who, "no open requests")
	}
	jane := w.cardOf("jane@acme.com", "left")
	w.clock.Skip(time.Minute)
	joe := w.cardOf("joe@acme.com", "left too")
	w.As(w.anna).Types(w.channel, "/wf-deactivate LIST please")
	list := w.ExpectPrivate(w.anna, "Joe Roe", "joe@acme.com", "waiting for approval, 0 of 1", "<@"+w.rita+">", jane, joe).Now().Text
	if strings.Index(list, "Joe Roe") > strings.Index(list, "Jane Doe") {
		t.Errorf("the newest does not come first:\n%s", list)
	}
	w.quiet()
}

func TestStatusTellsOfOnePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.As(w.anna).Types(w.channel, "/wf-deactivate status jane@acme.com")
	w.ExpectPrivate(w.anna, "I know of no request", "jane@acme.com")
	card := w.ask()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
	w.clock.Skip(time.Minute)
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com once more")
	w.ExpectPrivate(w.rita, "already inactive")
	for _, typed := range []string{"status Jane@ACME.com", "status @jane"} {
		w.As(w.anna).Types(w.channel, "/wf-deactivate "+typed)
		status := w.ExpectPrivate(w.anna, "Requests about", "jane@acme.com", "done", "not possible", "already inactive", "/archives/"+w.channel).Now().Text
		if strings.Index(status, "not possible") > strings.Index(status, "✅ done") {
			t.Errorf("the newest does not come first:\n%s", status)
		}
	}
	for _, typed := range []string{"status", "status jane", "status jane@acme.com and joe@acme.com"} {
		w.As(w.anna).Types(w.channel, "/wf-deactivate "+typed)
		w.ExpectPrivate(w.anna, "e-mail of one person")
	}
	w.quiet()
}

// What there is to read is for requesters and approvers alone.
func TestOnlySomeMayRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.cardOf("jane@acme.com", "left")
	says := map[string]string{
		w.mark: "may ask or approve can use me", w.jane: "may ask or approve can use me", w.gary: "Guests cannot",
		w.eve: "our own Slack workspace", w.zoe: "deactivated", w.bert: "Only people",
	}
	for who, why := range says {
		for _, typed := range []string{"list", "status jane@acme.com", "help", "status"} {
			w.As(who).Types(w.channel, "/wf-deactivate "+typed)
			w.ExpectPrivate(who, why)
		}
	}
	w.As(w.anna).Types(w.channel, "/wf-deactivate help")
	w.ExpectPrivate(w.anna, "/wf-deactivate jane@acme.com on 2026-12-31 17:00", "/wf-reactivate", "list", "status")
	w.quiet()
}

// Somebody who approves only as the manager sees the people they manage.
func TestManagerReadsAboutTheirOwnPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Policy.Approvers = request.Members{Users: []string{w.anna}, Manager: true}
	w.workfront.AddUser(workfrontsim.User{Name: "Joe Roe", Email: "joe@acme.com", Active: true})
	w.start()
	w.cardOf("joe@acme.com", "left")
	w.As(w.mark).Types(w.channel, "/wf-deactivate list")
	w.ExpectPrivate(w.mark, "may ask or approve can use me")
	w.As(w.mark).OpensHome()
	w.ExpectHome(w.mark, "Hello")
	w.cardOf("jane@acme.com", "left too")
	w.As(w.mark).Types(w.channel, "/wf-deactivate list")
	if list := w.ExpectPrivate(w.mark, "Jane Doe").Now().Text; strings.Contains(list, "joe@acme.com") {
		t.Errorf("mark sees whom he does not manage:\n%s", list)
	}
	w.As(w.mark).Types(w.channel, "/wf-deactivate status joe@acme.com")
	w.ExpectPrivate(w.mark, "I know of no request")
	if home := w.ExpectHome(w.mark, "Jane Doe").PlainText(); strings.Contains(home, "joe@acme.com") || strings.Contains(home, "New request") {
		t.Errorf("mark's Home tab shows too much:\n%s", home)
	}
	w.quiet()
}

// The Home tab is private, live, and links to the cards.
func TestHomeTabIsLive(t *testing.T) {
	t.Parallel()
	newWorld(t).homeTabIsLive()
}

func TestHomeTabIsLiveOnPostgres(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.usePostgres()
	w.homeTabIsLive()
}

func (w *world) homeTabIsLive() {
	w.t.Helper()
	w.start()
	for _, who := range []string{w.rita, w.anna, w.mark} {
		w.As(who).OpensHome()
	}
	w.ExpectHome(w.rita, "You have asked for nothing yet", "New request", "Nothing is waiting for you")
	w.ExpectHome(w.anna, "Nothing is waiting for you", "Nothing has happened recently")
	w.ExpectHome(w.mark, "Hello", "ask your IT team")

	card := w.ask()
	link := "/archives/" + w.channel + "/p" + strings.ReplaceAll(card.TS(), ".", "")
	w.ExpectHome(w.rita, "Jane Doe", "waiting for approval, 0 of 1", link, "Nothing is waiting for you")
	anna := w.ExpectHome(w.anna, "Jane Doe", "left the company", "waiting for approval, 0 of 1", link, "<@"+w.rita+">")
	if len(anna.Buttons()) != 0 {
		w.t.Errorf("anna's Home tab has buttons: %v", anna.Buttons())
	}
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectButtons("Request reactivation")
	w.ExpectHome(w.anna, "Nothing is waiting for you", "Jane Doe", "✅ done")
	w.ExpectHome(w.rita, "✅ done")
	w.ExpectHome(w.mark, "Hello")
	w.quiet()
}

// Whoever loses their rights sees nothing from the next drawing on.
func TestHomeTabFollowsRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.As(w.otto).OpensHome()
	w.ExpectHome(w.otto, "Nothing is waiting for you")
	w.cardOf("jane@acme.com", "left")
	w.ExpectHome(w.otto, "Jane Doe")
	w.SetGroupMembers(w.group)
	w.clock.Skip(2 * time.Minute) // facts are asked for again
	w.As(w.otto).OpensHome()
	w.ExpectHome(w.otto, "Hello")
	w.quiet()
}

// What goes wrong at a Home tab is tried again, or given up where that is of no
// use; it is never anybody's private message.
func TestHomeTabTroubles(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds")
	for name, fault := range map[string]slacksim.Fault{
		"too many calls":      {Method: "views.publish", Count: 1, Answer: slacksim.RateLimited(1)},
		"Slack fails":         {Method: "views.publish", Count: 2, Answer: slacksim.HTML(503)},
		"Slack is silent":     {Method: "views.publish", Count: 1, Answer: slacksim.NoErrorCode()},
		"the answer is lost":  {Method: "views.publish", Count: 1, Apply: true, Answer: slacksim.Reset()},
		"unknown for a while": {Method: "users.info", Count: 1, Answer: slacksim.Status(500)},
		"groups fail":         {Method: "usergroups.users.list", Count: 1, Answer: slacksim.Status(500)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			w.Inject(fault)
			w.As(w.otto).OpensHome()
			w.waitFor("it was tried", func() bool { return len(w.Calls(fault.Method)) > 0 })
			w.clock.Skip(time.Minute)
			w.ExpectHome(w.otto, "Nothing is waiting for you")
			w.quiet()
		})
	}
	for _, code := range []string{"not_enabled", "user_not_found", "view_too_large"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			w.Inject(slacksim.Fault{Method: "views.publish", Answer: slacksim.ErrorCode(code)})
			w.As(w.anna).OpensHome()
			w.waitFor("it was tried", func() bool { return len(w.Calls("views.publish")) == 1 })
			w.cardOf("jane@acme.com", "left") // it is not drawn again because of this
			w.quiet()
			if n := len(w.Calls("views.publish")); n != 1 {
				t.Errorf("tried %d times", n)
			}
			w.As(w.anna).OpensHome()
			w.ExpectHome(w.anna, "Jane Doe")
			w.quiet()
		})
	}
}

// An event that means nothing to the bot is acknowledged; one that cannot be
// stored is not, so that Slack sends it again.
func TestEventsAreAcknowledged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	if err := w.OpenMessages(w.rita); err != nil {
		t.Fatal(err)
	}
	w.SendEvent(map[string]any{"type": "app_uninstalled"})
	w.waitFor("both are acknowledged", func() bool {
		acked := 0
		for _, e := range w.Envelopes() {
			if e.Type == slacksim.EventsAPI && !e.AckedAt.IsZero() {
				acked++
			}
		}
		return acked == 2
	})
	if n := len(w.Calls("views.publish")); n != 0 {
		t.Errorf("%d Home tabs were drawn", n)
	}
	w.quiet()
}

// Under a page of the list is a button for the next one. Whoever presses it must be one
// who may see requests then, and the list is as it stands then.
func TestListHasAButtonForTheNextPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const people = 30
	var emails []string
	for i := range people {
		email := fmt.Sprintf("person%02d@acme.com", i)
		w.workfront.AddUser(workfrontsim.User{Name: fmt.Sprintf("Person %02d", i), Email: email, Active: true})
		emails = append(emails, email)
	}
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate "+strings.Join(emails, " ")+" the project ends")
	w.ExpectPrivate(w.rita, "Sent to", "deactivate 30 people")
	w.Channel(w.channel).ExpectMessage("deactivate 30 people").ExpectButtons("Approve all (30)", "Deny all (30)", "Cancel all (30)")

	w.As(w.anna).Types(w.channel, "/wf-deactivate list")
	first := w.ExpectPrivate(w.anna, "Open requests", "more")
	shown := regexp.MustCompile(`Person \d\d`).FindAllString(first.Now().Text, -1)
	first.Click(w.anna, "Show page 2")
	second := w.ExpectPrivate(w.anna, "Open requests*, page 2")
	for _, name := range regexp.MustCompile(`Person \d\d`).FindAllString(second.Now().Text, -1) {
		if slices.Contains(shown, name) {
			t.Errorf("%s is on the first page and on the second", name)
		}
		shown = append(shown, name)
	}
	second.Click(w.anna, "Show page 3")
	third := w.ExpectPrivate(w.anna, "Open requests*, page 3")
	shown = append(shown, regexp.MustCompile(`Person \d\d`).FindAllString(third.Now().Text, -1)...)
	if slices.Sort(shown); len(slices.Compact(shown)) != people {
		t.Errorf("%d people on three pages, want %d", len(shown), people)
	}
	third.ExpectButtons()
	w.quiet()
}

// A button under the list is no right to read it, and its value is not believed.
func TestListButtonIsJudgedAtTheClick(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	card := w.Channel(w.channel).ExpectMessage("Reason: left")
	w.ExpectPrivate(w.rita, "Sent to")
	card.Click(w.otto, "Deny")
	w.ExpectModal(w.otto, "Deny").Close()
	press := func(user, value string) {
		payload := w.pressed(user, "list")
		action := payload["actions"].([]any)[0].(map[string]any)
		action["action_id"], action["value"] = "list", value
		if reply := w.SendEnvelope(slacksim.Interactive, payload); !reply.Acked {
			t.Fatalf("not acknowledged: %s", reply.Failure)
		}
	}
	press(w.mark, "2")
	w.ExpectPrivate(w.mark, "may ask or approve can use me")
	press(w.gary, "2")
	w.ExpectPrivate(w.gary, "Guests cannot")
	for _, value := range []string{"", "1", "-3", "two", "2 3", "99999999999999999999"} {
		press(w.anna, value)
		w.ExpectPrivate(w.anna, "I do not know this button")
	}
	press(w.anna, "7")
	w.ExpectPrivate(w.anna, "Open requests", "Jane Doe")
	w.quiet()
}
