package card_test

import (
	"strings"
	"testing"
	"time"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// inTurn is a card about three pending people whose requester knows that they were
// asked about.
func inTurn(t *testing.T, change ...func(*request.Request)) crew {
	t.Helper()
	c := gathered(t, 3, change...).posted()
	for i := range c.Requests {
		c.find(i, 1)
	}
	c.TellRequester(c.News())
	return c
}

// again has the i-th of the crew ask for approval once more.
func (c crew) again(i int) {
	c.t.Helper()
	r := c.Requests[i]
	c.do(r.Approve(anna, 0, after(5)))
	c.do(r.AskAgain(after(5).Add(25 * time.Hour)))
}

// fail has the i-th of the crew fail.
func (c crew) fail(i int) {
	c.t.Helper()
	r := c.Requests[i]
	c.do(r.Approve(anna, 0, after(5)))
	c.do(r.Begin(after(5)))
	c.do(r.Fail("Workfront refused it.", after(7)))
}

// TestNoticeAboutSeveral: of all that can be told about several people it is what is new
// and matters most, with a line for each person that it is about and no other.
func TestNoticeAboutSeveral(t *testing.T) {
	t.Parallel()
	told := func(c crew, i int) { c.Requests[i].Told = c.Requests[i].News }
	for _, row := range []struct {
		name   string
		c      crew
		change func(crew)
		says   string
		lines  int
	}{
		{"asked", gathered(t, 3).posted(), func(c crew) { c.find(0, 1); c.find(1, 1); c.find(2, 1) }, "Sent to <#C1>: deactivate 3 people.", 0},
		{"asked about one", gathered(t, 3).posted(), func(c crew) {
			c.find(0, 1)
			c.do(c.Requests[2].Reject(request.RefusedNotFound, "", after(1)))
		}, "1 of them is not looked up yet. I keep trying, and the card shows it.", 1},
		{"nothing new", inTurn(t), func(crew) {}, "Sent to <#C1>", 0},
		{"again", inTurn(t), func(c crew) { c.again(1) }, "3 people: 1 of them was approved, but it did not happen within", 1},
		{"again, and that is known", inTurn(t), func(c crew) { c.again(1); told(c, 1) }, "1 of them was approved, but it did not happen", 1},
		{"again, known, and one failed", inTurn(t), func(c crew) { c.again(1); told(c, 1); c.fail(0) }, "something went wrong for 1 of them.", 1},
		{"again, and one failed", inTurn(t), func(c crew) { c.again(1); c.fail(0) }, "1 of them was approved, but it did not happen", 1},
		{"one failed before anything was told", inTurn(t), func(c crew) { c.fail(0); c.Told = false }, "Sent to <#C1>", 0},
		{"approved again, then failed", inTurn(t), func(c crew) { c.again(1); c.fail(1) }, "something went wrong for 1 of them.", 1},
		{"too few", inTurn(t), func(c crew) { c.Requests[1].ManagerFound(request.Managing{}, false, after(5)) }, "cannot be approved for 1 of them now", 1},
		{"too few before anything was told", inTurn(t), func(c crew) {
			c.Requests[1].ManagerFound(request.Managing{}, false, after(5))
			c.Told = false
		}, "Sent to <#C1>", 0},
		{"too few, and one failed", inTurn(t), func(c crew) {
			c.Requests[1].ManagerFound(request.Managing{}, false, after(5))
			c.fail(0)
		}, "something went wrong for 1 of them.", 1},
		{"too few, then denied", inTurn(t), func(c crew) {
			c.Requests[1].ManagerFound(request.Managing{}, false, after(5))
			c.do(c.Requests[1].Deny(bert, "", after(6)))
		}, "Sent to <#C1>", 0},
		{"a dry run that ended otherwise", inTurn(t, dryRun), func(c crew) {
			for _, r := range c.Requests {
				c.do(r.Deny(bert, "", after(6)))
			}
		}, "Your request to deactivate 3 people has ended. <", 3},
	} {
		row.change(row.c)
		words := card.Notice(row.c.Card, permalink)
		if n := strings.Count(words, "\n• "); !strings.Contains(words, row.says) || n != row.lines {
			t.Errorf("%s: %d lines, want %d and %q: %s", row.name, n, row.lines, row.says, words)
		}
	}
}

// TestLinesAboutSeveral: each is named by what is known of them.
func TestLinesAboutSeveral(t *testing.T) {
	t.Parallel()
	c := gathered(t, 3)
	for _, r := range c.Requests {
		c.do(r.Reject(request.RefusedNotFound, "", after(1)))
	}
	c.Requests[1].Target.Name = "Jane Doe"
	c.Requests[2].Target.Name, c.Requests[2].Email = "Joe Roe", ""
	words := card.Notice(c.Card, "")
	for _, want := range []string{
		"• `person1@acme.com`: not found in Workfront\n", "• Jane Doe (`person2@acme.com`): not found in Workfront\n", "• Joe Roe: not found in Workfront",
	} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is not in %s", want, words)
		}
	}
}

// TestAnswerAboutSeveral: only after an approval there can be another one needed.
func TestAnswerAboutSeveral(t *testing.T) {
	t.Parallel()
	members := inTurn(t).Requests
	for kind, want := range map[request.DecisionKind]string{
		request.Approve:  "You approved this for 3 people. 3 of them need another approval.",
		request.Deny:     "You denied this for 3 people.",
		request.Cancel:   "You cancelled this for 3 people.",
		request.RunAgain: "I try again for 3 people.",
	} {
		if got := card.Decided(kind, members, nil); got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
}

// TestReminderOfANewManager: it is for a new manager alone, while they are that and
// nobody else is to be asked.
func TestReminderOfANewManager(t *testing.T) {
	t.Parallel()
	managed := func(r *request.Request, by request.Identity) {
		r.ManagerFound(request.Managing{Name: by.Name, Email: by.Email, Manager: by}, true, after(5))
	}
	const bertAndAll, all = "<@UBERT>, <!subteam^SLEADS>, <@UANNA>", "<!subteam^SLEADS>, <@UANNA>, <@UBERT>"
	for _, row := range []struct {
		name   string
		change func(*request.Card)
		now    time.Time
		asks   string
		alone  bool
	}{
		{"new", func(c *request.Card) { managed(c.One(), bert) }, after(5), "<@UBERT>", true},
		{"replaced since", func(c *request.Card) { managed(c.One(), bert); managed(c.One(), maria) }, after(5), "<@UMARIA>, " + all, false},
		{"none any more", func(c *request.Card) {
			managed(c.One(), bert)
			c.One().ManagerFound(request.Managing{NoManager: request.ManagerNone}, true, after(5))
		}, after(5), all, false},
		{"none", func(*request.Card) {}, remindedAt, "<@UMARIA>, " + all, false},
		{"new, when all are reminded", func(c *request.Card) { managed(c.One(), bert) }, remindedAt, bertAndAll, false},
		{"new, and asked again", func(c *request.Card) { managed(c.One(), bert); c.One().Ask++ }, after(5), bertAndAll, false},
		{"reminded before", func(c *request.Card) {
			managed(c.One(), bert)
			c.Reminded(c.Asks(), after(6))
		}, after(6).Add(24 * time.Hour), bertAndAll, false},
	} {
		c := alone(found(t, 1).r)
		row.change(c)
		words := card.Reminder(c, painted(), row.now)
		_, asks, _ := strings.Cut(words, "UTC>. ")
		asks, _, _ = strings.Cut(asks, "\n")
		if asks != row.asks || strings.Contains(words, "a new manager") != row.alone {
			t.Errorf("%s: want %q: %s", row.name, row.asks, words)
		}
	}
}
