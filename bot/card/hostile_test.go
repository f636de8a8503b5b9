package card_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/card"
	"wfbot/bot/request"
)

// harmless stands for every text from outside in a drawing that others are
// compared with; it is in none of our own words.
const harmless = "Xyzzy"

// frame is a text with holes where something from outside stands.
type frame struct {
	mrkdwn bool
	own    string // our own words, with harmless in each hole
}

// What may stand in a hole. In mrkdwn nothing that Slack acts on: it is one code
// span, or it has no formatting character; in plain text, anything in one line.
const (
	holeInMrkdwn = "(?:`[^`<>\\n]+`|[^`<>*_~\\n]+)"
	holeInPlain  = `[^\n]+`
)

// frames remembers the patterns of those met before: most are met often.
type frames map[frame]*regexp.Regexp

// fits reports whether got is the frame with something else in its holes.
func (all frames) fits(f frame, got string) bool {
	if pattern := all[f]; pattern != nil {
		return pattern.MatchString(got)
	}
	hole := holeInPlain
	if f.mrkdwn {
		hole = holeInMrkdwn
	}
	all[f] = regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(f.own), harmless, hole) + "$")
	return all[f].MatchString(got)
}

// differences are the places where got, as decoded JSON, is something else than
// want in other words from outside: only plain texts may have such words.
func (all frames) differences(want, got any, place string, plain bool) (found []string) {
	differ := func() []string { return []string{fmt.Sprintf("%s: %q, not %q", place, got, want)} }
	switch want := want.(type) {
	case object:
		got, ok := got.(object)
		if !ok || !slices.Equal(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))) {
			return differ()
		}
		for name := range want {
			inPlain := name == "text" && want["type"] == slack.PlainTextType || name == "accessibility_label" || name == "private_metadata"
			found = append(found, all.differences(want[name], got[name], place+"/"+name, inPlain)...)
		}
	case []any:
		got, ok := got.([]any)
		if !ok || len(want) != len(got) {
			return differ()
		}
		for i := range want {
			found = append(found, all.differences(want[i], got[i], fmt.Sprintf("%s/%d", place, i), false)...)
		}
	case string:
		if got, ok := got.(string); !ok || got != want && !(plain && all.fits(frame{false, want}, got)) {
			return differ()
		}
	default:
		if got != want {
			return differ()
		}
	}
	return found
}

// drawings are everything that is said about one request: sentences as strings,
// the rest as blocks and views.
func drawings(s scene) map[string]any {
	text, blocks := card.Message(alone(s.r), s.v)
	items := []card.Item{{Request: s.r, Link: permalink}}
	return map[string]any{
		"card": blocks, "text": text, "notice": card.Notice(alone(s.r), permalink), "reminder": card.Reminder(alone(s.r), s.v, remindedAt),
		"new manager": card.Reminder(alone(s.r), s.v, t0),
		"deny form":   formAbout(request.Deny, s.r, "UANNA"), "cancel form": formAbout(request.Cancel, s.r, "UANNA"),
		"list": list(items, true, 1), "list page": page(items, 1), "status": card.StatusOf(s.r.Email, items), "no status": card.StatusOf(s.r.Email, nil),
		"home":            card.HomeTab(card.Home{MayAsk: true, Waiting: items, Asked: items, Ended: items}),
		"details":         card.Details(s.r, details(func() string { return s.r.Email })),
		"details opening": card.DetailsOpening(s.r), "details modal": card.DetailsModal(s.r, details(func() string { return s.r.Email })),
		"ask form": card.RequestForm{Action: s.r.Action, Opener: "URITA", Zone: s.r.Email}.View(""),
	}
}

// severalDrawings are everything that is said about several people.
func severalDrawings(c crew) map[string]any {
	text, blocks := card.Message(c.Card, c.v)
	all := map[string]any{
		"card": blocks, "text": text,
		"deny form":   card.DecisionForm(request.Deny, c.Card, c.ID+":3", c.Requests[:2], "UANNA"),
		"cancel form": card.DecisionForm(request.Cancel, c.Card, c.ID+":3", c.Requests[:2], "UANNA"),
	}
	for what, words := range sayings(c) {
		all[what] = words
	}
	return all
}

// compare fails for whatever differs in more than its text from outside.
func (all frames) compare(t *testing.T, what string, want, got object) {
	t.Helper()
	for name := range want {
		words, isSentence := want[name].(string)
		if isSentence {
			if said := got[name].(string); !all.fits(frame{true, words}, said) {
				t.Errorf("%s of %s is %q, not %q", name, what, said, words)
			}
			continue
		}
		for _, difference := range all.differences(want[name], got[name], name, false) {
			t.Errorf("%s: %s", what, difference)
		}
	}
}

// drawAll draws everything, as decoded JSON, with one text in the place of every
// text from outside.
func drawAll(t *testing.T, text string) map[string]object {
	t.Helper()
	all := map[string]object{}
	same := func() string { return text }
	for _, s := range scenes(t) {
		deface(s.r, same)
		all[s.name] = asJSON(t, drawings(s)).(object)
	}
	for name, c := range crews(t) {
		c.Reason, c.Requester.Name = text, text
		for _, r := range c.Requests {
			deface(r, same)
		}
		all["several "+name] = asJSON(t, severalDrawings(c)).(object)
	}
	refused, pending := object{}, found(t, 1).r
	deface(pending, same)
	for _, why := range refusals(t) {
		refused[string(why)] = card.Refused(why, card.About{Word: text})
		refused[string(why)+" about somebody"] = card.Refused(why, card.About{Request: pending, Word: text, Link: permalink})
	}
	all["refused"] = refused
	return all
}

// TestHostileTextChangesOnlyItself compares everything that is drawn with hostile
// text with the same in harmless words: all but that text is as it was.
func TestHostileTextChangesOnlyItself(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "draws everything once for each text")
	all, want := frames{}, drawAll(t, harmless)
	for _, text := range nasty {
		for name, got := range drawAll(t, text) {
			all.compare(t, fmt.Sprintf("%s with %.20q", name, text), want[name], got)
		}
	}
}

// TestFrame: the comparison lets through only what stands in a hole.
func TestFrame(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why   string
		frame frame
		got   string
		fits  bool
	}{
		{"another word", frame{true, "Asked by Xyzzy."}, "Asked by Jane Doe.", true},
		{"a code span", frame{true, "Asked by Xyzzy."}, "Asked by `&lt;!channel&gt;`.", true},
		{"a mention", frame{true, "Asked by Xyzzy."}, "Asked by <!channel>.", false},
		{"bold", frame{true, "Asked by Xyzzy."}, "Asked by *Jane*.", false},
		{"two code spans", frame{true, "Asked by Xyzzy."}, "Asked by `a`*b*`c`.", false},
		{"a second line", frame{true, "Asked by Xyzzy."}, "Asked by Jane\nDenied.", false},
		{"nothing", frame{true, "Asked by Xyzzy."}, "Asked by .", false},
		{"our words changed", frame{true, "Asked by Xyzzy."}, "Denied by Jane.", false},
		{"our words cut off", frame{true, "Asked by Xyzzy."}, "Asked by Jane", false},
		{"no hole", frame{true, "*Denied*"}, "*Denied* ", false},
		{"anything in plain text", frame{false, "Name: Xyzzy"}, "Name: <!channel> *x* `", true},
		{"but one line", frame{false, "Name: Xyzzy"}, "Name: Jane\nTitle: CEO", false},
	}
	all := frames{}
	for _, tt := range tests {
		if got := all.fits(tt.frame, tt.got); got != tt.fits {
			t.Errorf("%s: %v", tt.why, got)
		}
	}
}
