package card_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// TestOnlyDoneSaysDone: no card and no notice claims more than is known.
func TestOnlyDoneSaysDone(t *testing.T) {
	t.Parallel()
	for _, s := range scenes(t) {
		text, _ := card.Message(alone(s.r), s.v)
		said := text + card.Notice(alone(s.r), permalink)
		done := s.r.State == request.Done
		for _, claim := range []string{"Done", "✅", "eactivated:", "onfirmed in Workfront"} {
			if strings.Contains(said, claim) && !done {
				t.Errorf("%s says %q: %s", s.name, claim, said)
			}
		}
		if done && !strings.Contains(said, "✅") && !strings.Contains(said, "Done") {
			t.Errorf("%s does not say so: %s", s.name, said)
		}
		if s.r.WriteOpen && strings.Contains(said, "Nothing was changed") {
			t.Errorf("%s: a write is open: %s", s.name, said)
		}
	}
}

// TestSeveralOnlyDoneSaysDone: what is said of nobody who is done claims nothing.
func TestSeveralOnlyDoneSaysDone(t *testing.T) {
	t.Parallel()
	for name, c := range crews(t) {
		if slices.ContainsFunc(c.Requests, func(r *request.Request) bool { return r.State == request.Done }) {
			continue
		}
		text, _ := card.Message(c.Card, c.v)
		for _, claim := range []string{"Done", "✅", "onfirmed in Workfront"} {
			if said := text + card.Notice(c.Card, permalink); strings.Contains(said, claim) {
				t.Errorf("%s says %q: %s", name, claim, said)
			}
		}
	}
}

func TestBlockIDsChangeWithEveryUpdate(t *testing.T) {
	t.Parallel()
	s := found(t, 2)
	c, seen := alone(s.r), map[string]bool{}
	paint := func(v card.View) {
		c.Look++ // as the store does, whatever has changed
		_, blocks := card.Message(c, v)
		for _, b := range blocks {
			if seen[b.ID()] {
				t.Errorf("block_id %s stands for two contents", b.ID())
			}
			seen[b.ID()] = true
		}
	}
	paint(card.View{})
	paint(painted())
	paint(painted())
	s.do(s.r.Approve(anna, 0, after(5)))
	paint(painted())
	s.do(s.r.Approve(bert, 0, after(6)))
	paint(painted())
}

func TestThoseWhoCannotDecideAreNotAsked(t *testing.T) {
	t.Parallel()
	s := found(t, 2)
	s.do(s.r.Approve(anna, 0, after(5)))
	v := painted()
	v.Approvers.Users = append(v.Approvers.Users, "UJANE", "UBERT")
	text, _ := card.Message(alone(s.r), v)
	_, asked, _ := strings.Cut(text, "Approvers ")
	asked, _, _ = strings.Cut(asked, " · ")
	if want := "<@UMARIA>, <!subteam^SLEADS>, <@UBERT>"; asked != want {
		t.Errorf("asked are %q, want %q: not the requester, the target or who approved, and nobody twice", asked, want)
	}
}

// TestSeveralAskThoseWhoCanDecide: managers first, nobody twice, not the requester,
// and not who can decide about nobody any more.
func TestSeveralAskThoseWhoCanDecide(t *testing.T) {
	t.Parallel()
	c := gathered(t, 2).posted()
	c.do(c.find(0, 2).Approve(anna, 0, after(5)))
	c.find(1, 2)
	asked := func() string {
		text, _ := card.Message(c.Card, c.v)
		_, rest, _ := strings.Cut(text, "Approvers ")
		rest, _, _ = strings.Cut(rest, "\n")
		rest, _, _ = strings.Cut(rest, " · ")
		return rest
	}
	if got, want := asked(), "<@UMARIA>, <!subteam^SLEADS>, <@UANNA>, <@UBERT>"; got != want {
		t.Errorf("asked are %q, want %q: anna can still approve for the second", got, want)
	}
	c.do(c.Requests[1].Approve(anna, 0, after(5)))
	if got, want := asked(), "<@UMARIA>, <!subteam^SLEADS>, <@UBERT>"; got != want {
		t.Errorf("asked are %q, want %q", got, want)
	}
}

// What Workfront says of dates is on the card: a deactivation that it has planned
// itself before, its own date of the deactivation after the proof, and since when
// somebody is inactive who is to come back.
func TestDatesOfWorkfront(t *testing.T) {
	t.Parallel()
	scheduled := found(t, 1)
	scheduled.r.Target.ScheduledOff = after(60 * 24)
	missed := found(t, 1)
	missed.r.Target.ScheduledOff = after(-60 * 24)
	back := found(t, 1, backwards)
	back.r.Target.InactiveSince, back.r.Target.ScheduledOff = after(-60*24), after(60)
	done := written(t)
	done.do(done.r.Succeed(after(7)))
	done.r.Dated(after(6))
	already := begun(t)
	already.do(already.r.Succeed(after(7)))
	already.r.Dated(after(-60))
	for _, row := range []struct {
		name         string
		r            *request.Request
		says, silent string
	}{
		{"scheduled", scheduled.r, "Scheduled in Workfront: deactivation <!date^1777971600^", "did not happen"},
		{"scheduled for a day gone by", missed.r, "Scheduled in Workfront: deactivation <!date^1777798800^{date_short_pretty} at {time}|2026-05-03 09:00 UTC>, which did not happen", "Inactive since"},
		{"to come back", back.r, "Inactive since: <!date^1777798800^", "Scheduled in Workfront"},
		{"done", done.r, "*Confirmed in Workfront* <!date^1777885620^{date_short_pretty} at {time}|2026-05-04 09:07 UTC>, approved by <@UANNA>, asked by <@URITA>. Deactivation date in Workfront: <!date^1777885560^", "Scheduled"},
		{"already", already.r, "asked by <@URITA>. Deactivation date in Workfront: <!date^1777881600^", "Scheduled"},
		{"not given", found(t, 1).r, "Jane Doe", "Scheduled in Workfront"},
	} {
		_, blocks := card.Message(alone(row.r), painted())
		var b strings.Builder
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(blocks); err != nil {
			t.Fatal(err)
		}
		if text := b.String(); !strings.Contains(text, row.says) || strings.Contains(text, row.silent) {
			t.Errorf("%s: %s", row.name, text)
		}
	}
}

// TestLinesOfSeveral: what each line of a card says of a person, and when.
func TestLinesOfSeveral(t *testing.T) {
	t.Parallel()
	approve := func(r *request.Request) error { return r.Approve(anna, 0, after(5)) }
	pending := func(*request.Request) error { return nil }
	for _, row := range []struct {
		name   string
		change func(*request.Request)
		then   func(*request.Request) error
		back   bool
		says   bool
		words  string
	}{
		{"an administrator", func(r *request.Request) { r.Target.Admin = true }, pending, false, true, ": waiting for approval, administrator"},
		{"an administrator", func(r *request.Request) { r.Target.Admin = true }, pending, false, true, "⚠️ Workfront administrator"},
		{"no longer to decide", func(r *request.Request) { r.Target.Admin = true }, approve, false, false, "dministrator"},
		{"no name", func(r *request.Request) { r.Target.Name = "" }, pending, false, true, "2. person2@acme.com\\nDesigner"},
		{"no e-mail", func(r *request.Request) { r.Target.Email, r.Email = "", "" }, pending, false, true, "2. Person Number 2\\nDesigner"},
		{"a title", func(*request.Request) {}, pending, false, true, "person2@acme.com\\nDesigner"},
		{"no title", func(r *request.Request) { r.Target.Title = "" }, pending, false, true, "2. Person Number 2\\nperson2@acme.com\""},
		{"a title of one who cannot be asked about", func(r *request.Request) { r.State = request.Rejected }, pending, false, false, "person2@acme.com\\nDesigner"},
		{"planned", func(r *request.Request) { r.Target.ScheduledOff = after(600) }, pending, false, true, "Scheduled in Workfront: deactivation"},
		{"planned, of one to come back", func(r *request.Request) { r.Target.ScheduledOff = after(600) }, pending, true, false, "Scheduled in Workfront: deactivation"},
		{"not planned", func(*request.Request) {}, pending, false, false, "Scheduled in Workfront: deactivation"},
		{"no manager", func(r *request.Request) { r.Manager = request.Identity{} }, pending, false, true, "Manager cannot be asked"},
	} {
		var changes []func(*request.Request)
		if row.back {
			changes = append(changes, backwards)
		}
		c := inTurn(t, changes...)
		row.change(c.Requests[1])
		c.do(row.then(c.Requests[1]))
		text, blocks := card.Message(c.Card, c.v)
		if got := text + shownOf(t, blocks); strings.Contains(got, row.words) != row.says {
			t.Errorf("%s: %q is said: %v, want %v: %s", row.name, row.words, !row.says, row.says, got)
		}
	}
	// The manager is missed only where one may approve.
	c := inTurn(t)
	c.Requests[1].Manager = request.Identity{}
	c.v.Approvers.Manager = false
	s := found(t, 1)
	s.r.Manager = request.Identity{}
	_, several := card.Message(c.Card, c.v)
	_, one := card.Message(alone(s.r), c.v)
	if words := shownOf(t, several) + shownOf(t, one); strings.Contains(words, "Manager cannot be asked") || strings.Contains(words, "Their manager cannot be asked") {
		t.Errorf("a manager who may not approve is missed: %s", words)
	}
}

// TestDecidersByWhoeverTheyAre: a person with two Slack ids is one person, and a
// manager is asked for the people that they manage.
func TestDecidersByWhoeverTheyAre(t *testing.T) {
	t.Parallel()
	who := func(text string) string {
		_, rest, _ := strings.Cut(text, "Approvers ")
		rest, _, _ = strings.Cut(rest, "\n")
		rest, _, _ = strings.Cut(rest, " · ")
		return rest
	}
	boss := request.Identity{ID: "WBOSS", OtherID: "UBOSS"}
	for _, row := range []struct {
		name   string
		change func(*request.Request)
		want   string
	}{
		{"manager and approver", func(*request.Request) {}, "<@WBOSS>, <@UANNA>"},
		{"approved as a manager", func(r *request.Request) {
			r.Decisions = []request.Decision{{Kind: request.Approve, By: request.Identity{ID: "WBOSS"}}}
		}, "<@UANNA>"},
		{"approved as an approver", func(r *request.Request) {
			r.Decisions = []request.Decision{{Kind: request.Approve, By: request.Identity{ID: "UBOSS"}}}
		}, "<@UANNA>"},
		{"the requester", func(r *request.Request) { r.Requester = boss }, "<@UANNA>"},
		{"somebody else approved", func(r *request.Request) { r.Decisions = []request.Decision{{Kind: request.Approve, By: anna}} }, "<@WBOSS>"},
	} {
		s := found(t, 2)
		s.r.Manager = boss
		row.change(s.r)
		v := card.View{Approvers: request.Members{Manager: true, Users: []string{"", "UBOSS", "UANNA"}}}
		if text, _ := card.Message(alone(s.r), v); who(text) != row.want {
			t.Errorf("%s: %q are asked, want %q", row.name, who(text), row.want)
		}
	}
	// A manager who has approved for the one person they manage has nothing left to
	// decide.
	c := gathered(t, 2).posted()
	c.find(0, 2)
	c.find(1, 2)
	c.Requests[0].Manager = boss
	c.Requests[0].Decisions = []request.Decision{{Kind: request.Approve, By: boss}}
	c.v.Approvers = request.Members{Manager: true}
	if text, _ := card.Message(c.Card, c.v); who(text) != "<@UMARIA>" {
		t.Errorf("%q are asked, want only the manager of the other", who(text))
	}
}

// TestApprovalsBefore: those that no longer count are named once each, and nothing
// else that was decided then.
func TestApprovalsBefore(t *testing.T) {
	t.Parallel()
	s := found(t, 1)
	s.r.Decisions = []request.Decision{
		{Kind: request.Approve, By: anna, At: after(5)}, {Kind: request.RunAgain, By: maria, At: after(6)},
		{Kind: request.Approve, By: anna, At: after(7)}, {Kind: request.Approve, By: bert, At: after(8)},
	}
	s.r.Void = 4
	_, blocks := card.Message(alone(s.r), painted())
	if words := shownOf(t, blocks); !strings.Contains(words, "· 0 of 1 · expires <!date^1778144460^{date_short_pretty} at {time}|2026-05-07 09:01 UTC>\\nApproved before by <@UANNA>, <@UBERT>\"") {
		t.Error(words)
	}
}
