package bot_test

import (
	"fmt"
	"testing"
	"time"

	"wfbot/bot/request"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// tomorrow is a wall-clock date on the day after today in the zone that slacksim
// gives people.
func (w *world) tomorrow() (typed string, at time.Time) {
	w.t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		w.t.Fatal(err)
	}
	day := w.clock.Now().In(london).AddDate(0, 0, 1)
	return day.Format("2006-01-02") + " 17:00", time.Date(day.Year(), day.Month(), day.Day(), 17, 0, 0, 0, london)
}

func token(at time.Time) string { return fmt.Sprintf("<!date^%d^", at.Unix()) }

func TestCarriedOutAtTheTimeAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	typed, at := w.tomorrow()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com on "+typed+" contract ends")
	card := w.Channel(w.channel).ExpectMessage("Jane Doe", "contract ends", token(at))
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to", token(at))
	if confirm := card.Button("Approve").Confirm.Text; !contains(confirm, at.UTC().Format("2006-01-02 15:04")+" UTC") {
		t.Errorf("the dialog does not name the time: %s", confirm)
	}
	card.Click(w.anna, "Approve")
	card.ExpectText("Approved", "It takes effect "+token(at)).ExpectButtons("Cancel request")
	w.skip(at.Sub(w.clock.Now()) - time.Minute)
	w.settleExceptRetries()
	if !w.active() || len(w.writes()) > 0 {
		t.Fatal("jane was switched off too early")
	}
	w.clock.Skip(time.Minute)
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("Confirmed in Workfront")
	w.quiet()
	if due := w.requests()[0].DueAt; !due.Equal(at) {
		t.Errorf("due at %v, want %v", due, at)
	}
}

func TestCancelledBeforeItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	typed, at := w.tomorrow()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com on "+typed)
	card := w.Channel(w.channel).ExpectMessage("Jane Doe")
	w.ExpectPrivate(w.rita, "Sent to")
	card.Click(w.anna, "Approve")
	card.ExpectText("takes effect")
	w.skip(at.Sub(w.clock.Now()) - 10*time.Minute)
	w.cancels(card, w.rita, "the contract goes on")
	card.ExpectText("Cancelled", "the contract goes on").ExpectButtons()
	w.ExpectDM(w.rita, "ancelled")
	w.skip(time.Hour)
	w.quiet()
	if len(w.writes()) > 0 {
		t.Error("it was written all the same")
	}
}

// The user that the request is about is looked at again when its time has come.
func TestWhoChangedBeforeTheTimeIsLeft(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		change func(*workfrontsim.User)
		says   string
	}{
		"has become an administrator": {func(u *workfrontsim.User) { u.AccessLevelID = workfrontsim.AccessAdministrator }, "become a Workfront administrator"},
		"is somebody else":            {func(u *workfrontsim.User) { u.Name = "Joan Doe" }, "not who was approved any more"},
		"has become protected":        {func(u *workfrontsim.User) { u.Email = "boss@acme.com" }, "not who was approved any more"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			typed, at := w.tomorrow()
			w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com on "+typed)
			card := w.Channel(w.channel).ExpectMessage("Jane Doe")
			w.ExpectPrivate(w.rita, "Sent to")
			card.Click(w.anna, "Approve")
			card.ExpectText("takes effect")
			w.settle()
			w.workfront.UpdateUser(w.target.ID, row.change)
			w.clock.Skip(at.Sub(w.clock.Now()))
			card.ExpectText("Failed", row.says, "Nothing was changed")
			w.ExpectDM(w.rita, "Failed: ", row.says)
			card.ExpectReply("Failed: ", row.says)
			w.quiet()
			if len(w.writes()) > 0 {
				t.Error("it was written all the same")
			}
		})
	}
}

// Each requester's own clock counts.
func TestDatesAreInTheRequestersZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			zone, err := time.LoadLocation(name)
			if err != nil {
				t.Fatal(err)
			}
			nora := w.AddUser(slacksim.User{Name: "nora", Email: "nora@acme.com", TZ: name}).ID
			w.Invite(w.channel, nora)
			w.config.Policy.Requesters.Users = append(w.config.Policy.Requesters.Users, nora)
			w.start()
			day := w.clock.Now().In(zone).AddDate(0, 0, 2)
			w.As(nora).Types(w.channel, "/wf-deactivate jane@acme.com on "+day.Format("2006-01-02")+" contract ends")
			at := time.Date(day.Year(), day.Month(), day.Day(), 23, 59, 0, 0, zone) // so that the last day can be worked
			w.Channel(w.channel).ExpectMessage("Jane Doe", token(at))
			w.ExpectPrivate(nora, "Sent to", token(at))
			w.quiet()
		})
	}
}

func TestDatesThatAreRefused(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC()
	rows := map[string]struct{ typed, says string }{
		"gone by":          {now.AddDate(0, 0, -2).Format("2006-01-02"), "is in the past"},
		"in years":         {now.AddDate(3, 0, 0).Format("2006-01-02"), "Please check the year"},
		"in no calendar":   {fmt.Sprintf("%d-02-30", now.Year()+1), "no such day"},
		"an unclear order": {"12/31/" + now.AddDate(1, 0, 0).Format("06"), "not sure which day"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com on "+row.typed+" contract ends")
			w.ExpectPrivate(w.rita, row.says)
			w.quiet()
			if len(w.requests()) > 0 {
				t.Error("it was asked for all the same")
			}
		})
	}
}

// An hour that the requester's clocks skip is refused, with the times around it.
func TestSkippedHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	// The clocks are put forward on the last Sunday of March at 1 o'clock.
	now := w.clock.Now().In(zone)
	year := now.Year()
	if !now.Before(time.Date(year, time.March, 20, 0, 0, 0, 0, zone)) {
		year++
	}
	day := time.Date(year, time.March, 31, 12, 0, 0, 0, zone)
	day = day.AddDate(0, 0, -int(day.Weekday()))
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com on "+day.Format("2006-01-02")+" 01:30")
	w.ExpectPrivate(w.rita, "The clocks skip", day.Format("2006-01-02")+" 00:59", day.Format("2006-01-02")+" 02:00")
	w.quiet()
}

// More than a day late, people are asked again: at once, and those who approved
// before too.
func TestLongOverdueAsksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	typed, at := w.tomorrow()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com on "+typed)
	card := w.Channel(w.channel).ExpectMessage("Jane Doe")
	w.ExpectPrivate(w.rita, "Sent to")
	card.Click(w.anna, "Approve")
	card.ExpectText("takes effect")
	w.settle()
	w.stop() // for two days
	w.clock.Skip(at.Add(25 * time.Hour).Sub(w.clock.Now()))
	w.start()
	card.ExpectText("Please decide again", "Approved before", "0 of 1").ExpectButtons("Approve", "Deny", "Cancel request")
	card.ExpectReply("Approval needed again", "<@"+w.anna+">", "<!subteam^"+w.group+">")
	w.ExpectDM(w.rita, "Approval needed again")
	w.settle()
	if r := w.requests()[0]; r.State != request.Pending || len(w.writes()) > 0 {
		t.Fatalf("it is %s, with %d writes", r.State, len(w.writes()))
	}
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("Confirmed in Workfront")
	w.quiet()
}

// What the person holds is counted again when people are asked again.
func TestLongOverdueCountsAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.StopWindow = time.Hour
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 2})
	w.start()
	card := w.askHolding()
	card.ExpectText("2 tasks")
	card.Click(w.anna, "Approve")
	card.ExpectText("takes effect")
	w.settle()
	w.stop()
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3})
	w.clock.Skip(48 * time.Hour)
	w.start()
	card.ExpectText("Please decide again", "5 tasks").ExpectButtons("See all", "Approve", "Deny", "Cancel request")
	card.ExpectReply("Approval needed again")
	w.ExpectDM(w.rita, "Approval needed again")
	w.quiet()
}

// A zone that was typed counts instead of the requester's, whose answer names it.
func TestATypedZone(t *testing.T) {
	t.Parallel()
	for typed, name := range map[string]string{
		"America/New_York": "America/New_York", "america/port-au-prince": "America/Port-au-Prince", "us/pacific": "US/Pacific",
		"africa/dar_es_salaam": "Africa/Dar_es_Salaam", "utc+5:30": "UTC+5:30", "(GMT-3)": "UTC-3",
	} {
		t.Run(typed, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.UpdateUser(w.rita, func(u *slacksim.User) { u.TZ = "" }) // does not matter then
			w.start()
			zone := request.FixedZone(name)
			if zone == nil {
				var err error
				if zone, err = time.LoadLocation(name); err != nil {
					t.Fatal(err)
				}
			}
			day := w.clock.Now().In(zone).AddDate(0, 0, 2)
			at := time.Date(day.Year(), day.Month(), day.Day(), 17, 0, 0, 0, zone)
			w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com on "+day.Format("2006-01-02")+" 5pm "+typed+" contract ends")
			w.Channel(w.channel).ExpectMessage("Jane Doe", "Reason: contract ends", token(at))
			w.ExpectPrivate(w.rita, "it takes effect `"+at.Format("Jan 2, 2006, 15:04 ")+name+"`", token(at))
			w.quiet()
			if r := w.requests()[0]; !r.NotBefore.Equal(at) || r.Reason != "contract ends" {
				t.Errorf("it is for %v, because %q; want %v", r.NotBefore, r.Reason, at)
			}
		})
	}
}

// Without one, the answer names the requester's own.
func TestTheAnswerNamesTheZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.AddUser(workfrontsim.User{Name: "Joe Roe", Email: "joe@acme.com", Active: true})
	w.start()
	typed, at := w.tomorrow()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com joe@acme.com on "+typed+" contract ends")
	w.Channel(w.channel).ExpectMessage("Jane Doe", "Joe Roe", token(at))
	w.ExpectPrivate(w.rita, "2 people", "it takes effect `"+at.Format("Jan 2, 2006, 15:04")+" Europe/London`")
	w.quiet()
}

// Whatever may be a zone or a time never becomes part of the reason.
func TestUnclearTimesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	typed, _ := w.tomorrow()
	for behind, says := range map[string]string{
		" Europe/Berlyn contract ends": "do not know the time zone `Europe/Berlyn`",
		" SGT contract ends":           "17:00 SGT`, so I did nothing",
		" Berlin time":                 "like `on 2026-12-31 17:00 Europe/Berlin`",
	} {
		w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com on "+typed+behind)
		w.ExpectPrivate(w.rita, says)
	}
	w.quiet()
	if len(w.requests()) > 0 {
		t.Error("it was asked for all the same")
	}
}

// A reason that names a future day is refused with what can be typed instead; that
// is then understood.
func TestADayInTheReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	_, at := w.tomorrow()
	us, iso := at.Format("01/02/2006"), at.Format("2006-01-02")
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com last day "+us)
	w.ExpectPrivate(w.rita, "names a future day, `"+us+"`", "`on "+iso+" …` to do it then", "`now …` to do it on approval")
	w.settle()
	if len(w.requests()) > 0 {
		t.Fatal("it was asked for all the same")
	}

	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com now last day "+us)
	card := w.Channel(w.channel).ExpectMessage("Jane Doe", "Reason: last day "+us, "on approval, although the reason says `“"+us+"”`")
	w.ExpectPrivate(w.rita, "It takes effect on approval, although the reason says `“"+us+"”`")
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("Confirmed in Workfront")
	w.quiet()
}

// Softer words are no refusal, but whoever asks and decides is told.
func TestSofterWordsInTheReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com leaves Friday")
	w.Channel(w.channel).ExpectMessage("Jane Doe", "on approval, although the reason says “Friday”")
	w.ExpectPrivate(w.rita, "It takes effect on approval, although the reason says “Friday”")
	w.quiet()
}
