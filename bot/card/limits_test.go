package card_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"pgregory.net/rapid"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// mark is in every text from outside in these tests, and nowhere else.
const mark = "¤"

// nasty is text that must change nothing but itself.
var nasty = []string{
	"<!channel>", "<!here>", "<@UEVIL>", "<https://evil.example.com|https://good.example.com>", "<!date^0^{time}|x>",
	"&amp;", "& < >", "*bold* _it_ ~no~ `code` ```pre```", ":tada:", "\"quotes\" 'single'", "\nApproved by: CEO\n> quote",
	"שלום \u202e مرحبا", "👩\u200d💻🏴", "\x00\x1b[31m", "\xff\xfe", "https://evil.example.com", "@here #general",
	"{date}", "|", "\\", "%s%d", strings.Repeat("&", 600), strings.Repeat("😀", 500), strings.Repeat("م", 500), "- x", "…",
}

func outsideText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(nasty), rapid.String()), 0, 4).Draw(t, "parts")
		return mark + strings.Join(parts, " ")
	})
}

// deface replaces every text from outside in r.
func deface(r *request.Request, text func() string) {
	r.Email, r.Reason, r.Trouble = text(), text(), replaced(r.Trouble, text)
	r.NotBeforeWords = replaced(r.NotBeforeWords, text) // a zone may be called anything in Slack
	r.Requester.Name, r.Manager.Name = text(), text()
	if r.Target.ID != "" {
		r.Target = request.Target{
			ID: text(), Email: text(), Name: text(), Title: text(), AccessLevel: text(), License: text(), Manager: text(),
			ManagerEmail: text(), HomeGroup: text(), HomeTeam: text(), LastLogin: r.Target.LastLogin, Admin: r.Target.Admin,
			Extra: slices.Clone(r.Target.Extra), Missing: r.Target.Missing,
		}
		for i := range r.Target.Extra {
			r.Target.Extra[i] = request.Field{Name: text(), Value: text()}
		}
	}
	for i := range r.Holdings {
		r.Holdings[i].Trouble = replaced(r.Holdings[i].Trouble, text)
	}
	for i := range r.Decisions {
		r.Decisions[i].Comment = replaced(r.Decisions[i].Comment, text)
		r.Decisions[i].By.Name = text()
	}
}

// replaced keeps what is empty empty: whether there is a comment changes the card.
func replaced(old string, text func() string) string {
	if old == "" {
		return ""
	}
	return text()
}

// crowd makes every list as long as it can get.
func crowd(s scene) scene {
	for i := range 60 {
		s.v.Approvers.Users = append(slices.Clip(s.v.Approvers.Users), fmt.Sprintf("U%031d", i))
		s.v.Approvers.Groups = append(slices.Clip(s.v.Approvers.Groups), fmt.Sprintf("S%031d", i))
	}
	if s.r.Needed > 0 {
		for i := range 40 {
			by := request.Identity{ID: fmt.Sprintf("W%031d", i)}
			s.r.Decisions = append([]request.Decision{{Kind: request.Approve, By: by, At: t0}}, s.r.Decisions...)
		}
		s.r.Needed = 41
	}
	if len(s.r.Holdings) > 0 {
		for _, kind := range heldKinds {
			for _, h := range []request.Holding{{Count: 1 << 30, AtLeast: true}, {}, {Trouble: "slow", Pending: true}, {Trouble: kind}} {
				h.Kind = kind
				s.r.Holdings = append(s.r.Holdings, h)
			}
		}
	}
	for range 20 {
		s.r.Target.Extra = append(s.r.Target.Extra, request.Field{Name: strings.Repeat("n", 200), Value: strings.Repeat("v", 500)})
	}
	s.r.ID = strings.Repeat("r", 68) // with the action before it as long as the value of an option
	s.v.StopWindow = 100*time.Hour + time.Second
	return s
}

// heldKinds are the kinds of thing that a card may have to name at once.
var heldKinds = []string{
	"tasks", "issues", "projects", "portfolios", "programs", "templates", "reports", "managed_projects", "managed_templates",
	"routing_rules", "approval_processes", "approvals", "proofs", "timesheets", "timesheet_profiles", "direct_reports",
}

// details are lists. Two of them have names.
func details(text func() string) []card.HeldList {
	return []card.HeldList{
		{Kind: "tasks", Names: []string{text(), text()}, More: true}, {Kind: "reports", Trouble: text()},
		{Kind: "issues", Names: []string{text()}}, {Kind: "proofs"},
	}
}

var (
	control  = regexp.MustCompile(`<[^<>]*>`)
	codeSpan = regexp.MustCompile("`[^`]*`")
)

// skeleton is what Slack would act on in mrkdwn: its control sequences in
// order, and how often each formatting character stands outside code spans.
func skeleton(words string) []string {
	found := control.FindAllString(words, -1)
	words = codeSpan.ReplaceAllString(control.ReplaceAllString(words, ""), "")
	for _, c := range "*_~`<>\n" {
		found = append(found, fmt.Sprintf("%q × %d", c, strings.Count(words, string(c))))
	}
	return found
}

// TestOutsideTextChangesNothingButItself draws every scene with hostile text and
// compares what Slack would act on with the same scene in ordinary words.
func TestOutsideTextChangesNothingButItself(t *testing.T) {
	t.Parallel()
	all := scenes(t)
	rapid.Check(t, func(rt *rapid.T) {
		i := rapid.IntRange(0, len(all)-1).Draw(rt, "scene")
		plainScene, hostile := scenes(t)[i], scenes(t)[i]
		if rapid.Bool().Draw(rt, "admin") && plainScene.r.Target.ID != "" {
			plainScene.r.Target.Admin, hostile.r.Target.Admin = true, true
		}
		if rapid.Bool().Draw(rt, "crowd") {
			plainScene, hostile = crowd(plainScene), crowd(hostile)
		}
		deface(plainScene.r, func() string { return "plain" })
		deface(hostile.r, func() string { return outsideText().Draw(rt, "text") })

		wantText, wantBlocks := card.Message(alone(plainScene.r), plainScene.v)
		text, blocks := card.Message(alone(hostile.r), hostile.v)
		checkMessage(rt, text, blocks)
		same := func(what, want, got string) {
			if diff := cmp.Diff(skeleton(want), skeleton(got)); diff != "" {
				rt.Errorf("%s of %s (-plain +hostile):\n%s\n%s", what, hostile.name, diff, got)
			}
		}
		same("text", wantText, text)
		for _, now := range []time.Time{remindedAt, t0} { // everybody, and a new manager
			same("reminder", card.Reminder(alone(plainScene.r), plainScene.v, now), card.Reminder(alone(hostile.r), hostile.v, now))
		}
		same("details", card.Details(plainScene.r, details(func() string { return "plain" })), card.Details(hostile.r, details(func() string { return outsideText().Draw(rt, "name") })))
		same("notice", card.Notice(alone(plainScene.r), permalink), card.Notice(alone(hostile.r), permalink))
		if diff := cmp.Diff(ownWords(rt, wantBlocks), ownWords(rt, blocks)); diff != "" {
			rt.Errorf("our own words of %s (-plain +hostile):\n%s", hostile.name, diff)
		}
		why := rapid.SampledFrom(refusals(t)).Draw(rt, "refusal")
		word := outsideText().Draw(rt, "word")
		same("refusal", card.Refused(why, card.About{Word: "plain"}), card.Refused(why, card.About{Word: word}))
		same("refusal", card.Refused(why, card.About{Request: plainScene.r}), card.Refused(why, card.About{Request: hostile.r}))
		checkForm(rt, formAbout(request.Deny, hostile.r, "UANNA"))
		checkForm(rt, formAbout(request.Cancel, hostile.r, "UANNA"))
	})
}

// TestSeveralLimits: fifty people with the longest names fit into one card, whatever
// happened to them, and into what is said about them.
func TestSeveralLimits(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		strings.Repeat("n", 500), strings.Repeat("&", 500), strings.Repeat("😀", 500), strings.Repeat("م", 500), strings.Repeat("a.b ", 125),
	} {
		for _, ended := range []bool{false, true} {
			c := vast(t, func() string { return mark + text })
			if ended {
				c = c.ended()
			}
			words, blocks := card.Message(c.Card, c.v)
			checkMessage(t, words, blocks)
			checkSayings(t, c)
			for _, kind := range []request.DecisionKind{request.Deny, request.Cancel} {
				checkForm(t, card.DecisionForm(kind, c.Card, c.ID+":3ffffffffffff", c.Requests, "UANNA"))
			}
			if n := strings.Count(words, "\n"); n < 5 {
				t.Errorf("the text names %d people: %s", n, words)
			}
		}
	}
}

// TestSeveralOutsideTextChangesNothingButItself is as for one person.
func TestSeveralOutsideTextChangesNothingButItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		texts, n := rapid.SliceOfN(outsideText(), 1, 8).Draw(rt, "texts"), 0
		hostile := vast(t, func() string { n++; return texts[n%len(texts)] })
		ordinary := vast(t, func() string { return "plain" })
		if rapid.Bool().Draw(rt, "ended") {
			hostile, ordinary = hostile.ended(), ordinary.ended()
		}
		_, wantBlocks := card.Message(ordinary.Card, ordinary.v)
		text, blocks := card.Message(hostile.Card, hostile.v)
		checkMessage(rt, text, blocks)
		checkSayings(rt, hostile)
		if diff := cmp.Diff(ownWords(rt, wantBlocks), ownWords(rt, blocks)); diff != "" {
			rt.Errorf("our own words (-plain +hostile):\n%s", diff)
		}
		// How many lines fit depends on their length; what each does must not.
		for what, words := range sayings(hostile) {
			if strings.Contains(codeSpan.ReplaceAllString(words, ""), "<!channel>") {
				rt.Errorf("%s notifies a channel: %s", what, words)
			}
			for _, found := range control.FindAllString(words, -1) {
				if !strings.HasPrefix(found, "<@") && !strings.HasPrefix(found, "<!subteam^") && !strings.HasPrefix(found, "<!date^17") &&
					!strings.HasPrefix(found, "<#C1>") && !strings.HasPrefix(found, "<"+strings.ReplaceAll(permalink, "&", "&amp;")) || strings.Contains(found, "EVIL") {
					rt.Errorf("%s has %s", what, found)
				}
			}
		}
	})
}

func checkSayings(t rapid.TB, c crew) {
	t.Helper()
	for what, words := range sayings(c) {
		if n := units(words); n == 0 || n > 4000 {
			t.Errorf("%s has %d characters", what, n)
		}
	}
}

type object = map[string]any

func asJSON(t rapid.TB, v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// walk calls f for every object in v.
func walk(v any, f func(object)) {
	switch v := v.(type) {
	case object:
		f(v)
		for _, child := range v {
			walk(child, f)
		}
	case []any:
		for _, child := range v {
			walk(child, f)
		}
	}
}

// ownWords are the mrkdwn objects of blocks, in order, and everything else but
// the plain texts: what must not depend on text from outside.
func ownWords(t rapid.TB, blocks []slack.Block) any {
	all := asJSON(t, blocks)
	walk(all, func(o object) {
		if o["type"] == slack.PlainTextType {
			delete(o, "text")
		}
		delete(o, "accessibility_label")
	})
	return all
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// checkMessage checks what Slack requires of a message and this package promises.
func checkMessage(t rapid.TB, text string, blocks []slack.Block) {
	t.Helper()
	if n := units(text); n == 0 || n > 4000 {
		t.Errorf("text has %d characters", n)
	}
	if n := len(blocks); n == 0 || n > 50 {
		t.Errorf("%d blocks", n)
	}
	checkBlocks(t, blocks)
}

func checkBlocks(t rapid.TB, blocks []slack.Block) {
	t.Helper()
	seen := map[string]bool{}
	for _, b := range blocks {
		id := b.ID()
		if id == "" || units(id) > 255 || seen[id] {
			t.Errorf("block_id %q is empty, too long or used twice", id)
		}
		seen[id] = true
		checkBlock(t, b)
	}
	walk(asJSON(t, blocks), func(o object) {
		words, _ := o["text"].(string)
		switch o["type"] {
		case slack.PlainTextType:
			if o["emoji"] != false {
				t.Errorf("plain text with emoji codes: %v", o)
			}
		case slack.MarkdownType:
			if strings.Contains(words, mark) {
				t.Errorf("outside text in mrkdwn: %s", words)
			}
		default:
			return
		}
		if n := units(words); n == 0 || n > 3000 {
			t.Errorf("a text of %d characters: %s", n, words)
		}
	})
}

func checkBlock(t rapid.TB, b slack.Block) {
	t.Helper()
	most := func(what, s string, limit int) {
		if n := units(s); n == 0 || n > limit {
			t.Errorf("%s has %d characters, limit %d: %s", what, n, limit, s)
		}
	}
	switch b := b.(type) {
	case *slack.HeaderBlock:
		most("header", b.Text.Text, 150)
	case *slack.SectionBlock:
		if len(b.Fields) > 10 || b.Text == nil && len(b.Fields) == 0 {
			t.Errorf("section with %d fields", len(b.Fields))
		}
		for _, f := range b.Fields {
			most("field", f.Text, 2000)
		}
		if b.Accessory != nil {
			checkElement(t, b.Accessory.ButtonElement, most)
		}
	case *slack.ActionBlock:
		if n := len(b.Elements.ElementSet); n == 0 || n > 25 {
			t.Errorf("%d elements", n)
		}
		for _, e := range b.Elements.ElementSet {
			checkElement(t, e, most)
		}
	case *slack.ContextBlock:
		if n := len(b.ContextElements.Elements); n == 0 || n > 10 {
			t.Errorf("context with %d elements", n)
		}
	case *slack.InputBlock:
		most("label", b.Label.Text, 2000)
	default:
		t.Errorf("a %T", b)
	}
}

func checkElement(t rapid.TB, e slack.BlockElement, most func(what, s string, limit int)) {
	t.Helper()
	var confirm *slack.ConfirmationBlockObject
	var options []*slack.OptionBlockObject
	mostOptions := 0
	switch e := e.(type) {
	case *slack.ButtonBlockElement:
		most("button", e.Text.Text, 30)
		most("value", e.Value, 2000)
		most("accessibility label", e.AccessibilityLabel, 75)
		confirm = e.Confirm
	case *slack.OverflowBlockElement:
		options, mostOptions, confirm = e.Options, 5, e.Confirm
	case *slack.SelectBlockElement:
		most("placeholder", e.Placeholder.Text, 150)
		options, mostOptions, confirm = e.Options, 100, e.Confirm
	default:
		t.Errorf("a %T", e)
	}
	if n := len(options); mostOptions > 0 && n == 0 || n > mostOptions {
		t.Errorf("%d options", n)
	}
	for _, o := range options {
		most("option", o.Text.Text, 75)
		most("option value", o.Value, 75)
	}
	if c := confirm; c != nil {
		most("confirm title", c.Title.Text, 100)
		most("confirm text", c.Text.Text, 300)
		most("confirm button", c.Confirm.Text, 30)
		most("deny button", c.Deny.Text, 30)
	}
}

func checkForm(t rapid.TB, form slack.ModalViewRequest) {
	t.Helper()
	checkBlocks(t, form.Blocks.BlockSet)
	for _, o := range []*slack.TextBlockObject{form.Title, form.Submit, form.Close} {
		if n := units(o.Text); n == 0 || n > 24 {
			t.Errorf("form text of %d characters: %s", n, o.Text)
		}
	}
	if len(form.PrivateMetadata) > 3000 {
		t.Errorf("metadata of %d bytes", len(form.PrivateMetadata))
	}
}
