package card_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// refusals reads every constant of type Refusal from the source of package
// request, so that a new one cannot be left without a sentence.
func refusals(t *testing.T) []request.Refusal {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../request/refusal.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []request.Refusal
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Refusal" {
			t.Errorf("constant %s has no explicit type Refusal", spec.Names[0].Name)
		}
		for _, value := range spec.Values {
			code, err := strconv.Unquote(value.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := request.Refusal(code); why != request.Allowed {
				all = append(all, why)
			}
		}
		return true
	})
	if len(all) < 30 {
		t.Fatalf("only %d refusals found", len(all))
	}
	return all
}

func TestEveryRefusalHasASentence(t *testing.T) {
	t.Parallel()
	abouts := []card.About{
		{}, // nothing is known
		{Word: "jane@acme.com"},
		{Request: found(t, 2).r, Link: permalink},
	}
	unknown := card.Refused("a refusal that does not exist", card.About{})
	sentences := map[request.Refusal][]string{}
	for _, about := range abouts {
		seen := map[string]request.Refusal{}
		for _, why := range refusals(t) {
			words := card.Refused(why, about)
			if !slices.Contains(sentences[why], words) {
				sentences[why] = append(sentences[why], words)
			}
			if words == "" || words == unknown {
				t.Errorf("%q has no sentence of its own", why)
			}
			if other, ok := seen[words]; ok {
				t.Errorf("%q and %q have the same sentence: %s", why, other, words)
			}
			seen[words] = why
			plainlySaid(t, words)
			if strings.Contains(words, "refused:") || strings.ContainsAny(words, "{}") {
				t.Errorf("%q shows a code or the name of a blank: %s", why, words)
			}
		}
	}
	plainlySaid(t, unknown)
	plainlySaid(t, card.NotStored)
	plainlySaid(t, card.PerhapsNotStored)
	golden(t, "refusals", sentences)
}

// plainlySaid checks for a line of two or three short sentences: why, and what to do
// instead.
func plainlySaid(t *testing.T, words string) {
	t.Helper()
	const most = 25
	sentences := strings.Split(strings.TrimSuffix(words, "."), ". ")
	switch {
	case words == "":
		t.Error("empty sentence")
	case !strings.HasSuffix(words, ".") || strings.Contains(words, "\n"):
		t.Errorf("not a line of sentences: %s", words)
	case len(sentences) < 2 || len(sentences) > 3:
		t.Errorf("does not say why and what to do instead, or more than that: %s", words)
	case strings.Contains(strings.ReplaceAll(words, "&gt;", ""), "; "):
		t.Errorf("sentences that could be two: %s", words)
	}
	for _, s := range sentences {
		if s != "" && strings.ToUpper(s[:1]) != s[:1] {
			t.Errorf("does not begin like a sentence: %s", s)
		}
		if n := len(strings.Fields(quotedCode.ReplaceAllString(s, "example"))); n > most {
			t.Errorf("a sentence of %d words, want at most %d: %s", n, most, s)
		}
	}
}

var quotedCode = regexp.MustCompile("`[^`]*`")

func TestRefusedSaysWhereTheRequestStands(t *testing.T) {
	t.Parallel()
	if got := card.Refused(request.Allowed, card.About{}); got != "" {
		t.Errorf("Allowed is refused: %s", got)
	}
	seen := map[string]request.State{}
	for _, s := range scenes(t) {
		words := card.Refused(request.RefusedNotOpen, card.About{Request: s.r})
		plainlySaid(t, words)
		if state, ok := seen[words]; ok && state != s.r.State && state != request.Received && s.r.State != request.Received {
			t.Errorf("%s and %s are told the same: %s", state, s.r.State, words)
		}
		seen[words] = s.r.State
	}
}

func TestRefusedExpired(t *testing.T) {
	t.Parallel()
	s := begun(t)
	s.do(s.r.Fail("Workfront refused it", after(7)))
	if got := card.Refused(request.RefusedExpired, card.About{Request: s.r}); !strings.Contains(got, "too late to retry") {
		t.Errorf("a failed request: %s", got)
	}
	if got := card.Refused(request.RefusedExpired, card.About{Request: found(t, 1).r}); !strings.Contains(got, "has expired") {
		t.Errorf("a pending request: %s", got)
	}
}

// TestRefusedQuotesWhatWasTyped reads the sentences with what they are about in
// real life.
func TestRefusedQuotesWhatWasTyped(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why   request.Refusal
		about card.About
		says  string
	}{
		{request.RefusedTooManyPeople, card.About{Word: "51"}, "at most 50 people at once, and you named 51."},
		{request.RefusedNamedLate, card.About{Word: "bob@acme.com"}, "`bob@acme.com` stands among other words"},
		{request.RefusedNotAnEmail, card.About{Word: "jаne@acme.com"}, "because of “а” (Cyrillic, U+0430)."},
		{request.RefusedNotAnEmail, card.About{Word: "jаne doe@acme.com"}, "is not an e-mail address. Please type"},
		{request.RefusedNotAnEmail, card.About{Word: "<jane@ac<me.com"}, "because of “&lt;”."},
		{request.RefusedColumns, card.About{Word: "Manager"}, "what Manager means in the rows"},
		{request.RefusedNobodyNamed, card.About{Word: "2026-12-31"}, "before 2026-12-31."},
		{request.RefusedUnclearDate, card.About{Word: "on 12/31/2026"}, "mean with `on 12/31/2026`, so I did nothing."},
		{
			request.RefusedDateInReason, card.About{Word: "12/1/2026", Instead: []string{"2026-12-01"}},
			"names a future day, `12/1/2026`, so I did nothing. Behind the e-mail, please type `on 2026-12-01 …` to do it then, or `now …` to do it on approval.",
		},
		{
			request.RefusedDateInReason, card.About{Word: "2/3/2027", Instead: []string{"2027-03-02", "2027-02-03"}},
			"`on 2027-03-02 …` to do it then, `on 2027-02-03 …` to do it then, or `now …`",
		},
		{request.RefusedDateInReason, card.About{Word: "31 Dec 2029"}, "Behind the e-mail, please type `now …` to do it on approval."},
		{request.RefusedUnclearTime, card.About{Word: "on 2026-12-31 5pm PT"}, "time zone you mean with on 2026-12-31 5pm PT, so I did nothing."},
		{request.RefusedUnknownZone, card.About{Word: "Europe/Berlyn"}, "the time zone `Europe/Berlyn`, so"},
		{request.RefusedUnclearDate, card.About{Word: "on <!channel> 5"}, "`on &lt;!channel&gt; 5`"},
		{request.RefusedImpossibleDate, card.About{Word: "on 2026-02-30"}, "as on 2026-02-30."},
		{request.RefusedPast, card.About{Word: "2026-01-31 17:00"}, "`2026-01-31 17:00` is in the past."},
		{request.RefusedSkippedTime, card.About{Word: "2026-03-29 02:30", Instead: []string{"2026-03-29 01:59", "2026-03-29 03:00"}},
			"skip `2026-03-29 02:30` when they are put forward. Please type `on 2026-03-29 01:59` or `on 2026-03-29 03:00` instead."},
	}
	for _, tt := range tests {
		words := card.Refused(tt.why, tt.about)
		plainlySaid(t, words)
		if !strings.Contains(words, tt.says) {
			t.Errorf("%q about %+v does not say %q: %s", tt.why, tt.about, tt.says, words)
		}
	}
}
