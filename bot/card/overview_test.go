package card_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"pgregory.net/rapid"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// items are requests in every state. change is applied to each.
func items(t *testing.T, change ...func(*request.Request)) (all []card.Item) {
	t.Helper()
	for _, s := range scenes(t) {
		for _, f := range change {
			f(s.r)
		}
		all = append(all, card.Item{Request: s.r, Link: permalink})
	}
	return all
}

func asksForms() map[string]slack.ModalViewRequest {
	ask := card.RequestForm{Action: request.Deactivate, Opener: "URITA", From: "C1", Zone: "Europe/Berlin", Offset: 7200}
	back := ask
	back.Action = request.Reactivate
	return map[string]slack.ModalViewRequest{
		"form_ask": ask.View(""), "form_ask_fixed_channel": ask.View("C1"), "form_ask_back": back.View("C1"),
	}
}

func homes(t *testing.T) map[string]slack.HomeTabViewRequest {
	t.Helper()
	all := items(t)
	i := slices.IndexFunc(all, func(item card.Item) bool { return item.Request.State == request.Pending })
	ended := slices.DeleteFunc(slices.Clone(all), func(item card.Item) bool { return !item.Request.State.Ended() })
	return map[string]slack.HomeTabViewRequest{
		"home":           card.HomeTab(card.Home{MayAsk: true, Waiting: all[i : i+1], Asked: all[:3], Ended: ended[len(ended)-4:]}),
		"home_empty":     card.HomeTab(card.Home{MayAsk: true}),
		"home_approver":  card.HomeTab(card.Home{Waiting: all[i : i+2]}),
		"home_of_others": card.HomeOfOthers(),
	}
}

// overviews are the private answers.
func overviews(t *testing.T) map[string]string {
	t.Helper()
	all := items(t)
	words := map[string]string{
		"list_empty": list(nil, false, 1), "list_more": list(all[:2], true, 1),
		"list_cut": list(slices.Repeat(all, 3), false, 1), "list_second_page": list(slices.Repeat(all, 3), false, 2), "list_cut_more": list(slices.Repeat(all, 3), true, 1),
		"status_none": card.StatusOf("jane@acme.com", nil), "status": card.StatusOf("jane@acme.com", all[3:7]),
	}
	n := 0
	for some := range slices.Chunk(all, 10) { // as many as are shown at once
		n++
		words[fmt.Sprintf("list_%02d", n)] = list(some, false, 1)
	}
	return words
}

// list is a page of the open requests.
func list(items []card.Item, more bool, page int) string {
	words, _ := card.List(items, more, page, 0)
	return words
}

// page is a page of the open requests in blocks.
func page(items []card.Item, number int) []slack.Block {
	_, blocks := card.List(items, true, number, 2)
	return blocks
}

func overviewFiles() []string {
	return []string{"form_ask", "form_ask_fixed_channel", "form_ask_back", "home", "home_empty", "home_approver", "home_of_others", "overviews", "list_page"}
}

func TestOverviewGolden(t *testing.T) {
	t.Parallel()
	for name, form := range asksForms() {
		golden(t, name, form)
	}
	for name, home := range homes(t) {
		golden(t, name, home)
	}
	golden(t, "overviews", overviews(t))
	text, blocks := card.List(slices.Repeat(items(t), 2), true, 2, 2)
	golden(t, "list_page", map[string]any{"text": text, "blocks": blocks})
}

// TestListSaysWhatItLeavesOut counts what is shown and what is said to be left out.
func TestListSaysWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	for n := range 60 {
		words := list(slices.Repeat(items(t)[:1], n+1), false, 1)
		shown, left := strings.Count(words, "\n• "), 0
		if _, rest, cut := strings.Cut(words, "\n… and "); cut {
			if _, err := fmt.Sscanf(rest, "%d more.", &left); err != nil {
				t.Fatalf("%q: %v", rest, err)
			}
		}
		if shown+left != n+1 {
			t.Errorf("of %d requests %d are shown and %d are left out", n+1, shown, left)
		}
	}
}

// TestListHasPages: each request is on one page, and every page but the last names the
// next, and has a button that shows it.
func TestListHasPages(t *testing.T) {
	t.Parallel()
	all, last := slices.Repeat(items(t)[:1], 50), ""
	shown := 0
	for page := 1; shown < len(all); page++ {
		words, blocks := card.List(all, false, page, 0)
		checkMessage(t, words, blocks)
		n := strings.Count(words, "\n• ")
		want := strconv.Itoa(page + 1)
		if shown += n; shown == len(all) {
			want = ""
		}
		if n == 0 || nextPage(t, blocks) != want || strings.Contains(words, " list "+strconv.Itoa(page+1)+"`") != (want != "") {
			t.Fatalf("page %d, %d shown until then: %s", page, shown, words)
		}
		if drawn := strings.Count(fmt.Sprint(asJSON(t, blocks)), "Asked by"); drawn != n {
			t.Errorf("page %d shows %d requests in words and %d in blocks", page, n, drawn)
		}
		last = words
	}
	if shown != len(all) || list(all, false, 1000) != last || list(all, false, 0) != list(all, false, 1) {
		t.Errorf("%d of %d are shown, or a page that there is not is another than the last", shown, len(all))
	}
}

// nextPage is the value of the button under a page; empty if there is none.
func nextPage(t *testing.T, blocks []slack.Block) string {
	t.Helper()
	actions, ok := blocks[len(blocks)-1].(*slack.ActionBlock)
	if !ok {
		return ""
	}
	button := actions.Elements.ElementSet[0].(*slack.ButtonBlockElement)
	if button.ActionID != card.ActionList || button.Text.Text != "Show page "+button.Value {
		t.Errorf("the button is %+v", button)
	}
	return button.Value
}

// TestOverviewLimits draws everything as long as it gets.
func TestOverviewLimits(t *testing.T) {
	t.Parallel()
	long := func(r *request.Request) {
		deface(r, func() string { return mark + strings.Repeat("&<😀", 300) })
		for i := range r.Decisions {
			r.Decisions[i].By.ID = strings.Repeat("W", 32)
		}
		r.Requester.ID, r.Needed, r.NotBefore = strings.Repeat("W", 32), 1000, t0
	}
	all := slices.Repeat(items(t, long), 10)
	for i := range all {
		all[i].Link = "https://acme.slack.com/" + strings.Repeat("x", i)
	}
	for what, words := range map[string]string{
		"list": list(all, true, 1), "status": card.StatusOf(strings.Repeat("&", 300), all), "help": card.Help(strings.Repeat("C", 32)),
	} {
		if n := units(words); n == 0 || n > 4000 {
			t.Errorf("%s has %d characters", what, n)
		}
	}
	text, blocks := card.List(all, true, 1, 3)
	checkMessage(t, text, blocks)
	checkHome(t, card.HomeTab(card.Home{MayAsk: true, Waiting: all, Asked: all, Ended: all}))
	checkForm(t, card.RequestForm{
		Action: request.Deactivate, Opener: strings.Repeat("W", 32), From: strings.Repeat("C", 32), Zone: strings.Repeat("z", 300),
	}.View(""))
}

func checkHome(t rapid.TB, home slack.HomeTabViewRequest) {
	t.Helper()
	checkBlocks(t, home.Blocks.BlockSet)
	if n := len(home.Blocks.BlockSet); n == 0 || n > 100 {
		t.Errorf("%d blocks", n)
	}
	if raw, err := json.Marshal(home); err != nil || len(raw) > 250_000 {
		t.Errorf("a view of %d bytes, %v", len(raw), err)
	}
}

// TestOverviewOutsideTextChangesNothingButItself compares what Slack would act on
// with the same in ordinary words.
func TestOverviewOutsideTextChangesNothingButItself(t *testing.T) {
	t.Parallel()
	n := len(scenes(t))
	rapid.Check(t, func(rt *rapid.T) {
		i := rapid.IntRange(0, n-1).Draw(rt, "scene")
		plain := items(t, func(r *request.Request) { deface(r, func() string { return "plain" }) })[i : i+1]
		hostile := items(t)[i : i+1]
		deface(hostile[0].Request, func() string { return outsideText().Draw(rt, "text") })
		email := outsideText().Draw(rt, "e-mail")
		for what, pair := range map[string][2]string{
			"list":           {list(plain, true, 1), list(hostile, true, 1)},
			"status":         {card.StatusOf("plain", plain), card.StatusOf(email, hostile)},
			"unknown status": {card.StatusOf("plain", nil), card.StatusOf(email, nil)},
		} {
			if diff := cmp.Diff(skeleton(pair[0]), skeleton(pair[1])); diff != "" {
				rt.Errorf("%s (-plain +hostile):\n%s\n%s", what, diff, pair[1])
			}
		}
		home := func(items []card.Item) slack.HomeTabViewRequest {
			return card.HomeTab(card.Home{MayAsk: true, Waiting: items, Asked: items, Ended: items})
		}
		checkHome(rt, home(hostile))
		if diff := cmp.Diff(ownWords(rt, home(plain).Blocks.BlockSet), ownWords(rt, home(hostile).Blocks.BlockSet)); diff != "" {
			rt.Errorf("our own words on the Home tab (-plain +hostile):\n%s", diff)
		}
		form := card.RequestForm{Action: request.Deactivate, Opener: "URITA", Zone: email}.View("")
		checkForm(rt, form)
		if _, err := card.ParseRequestForm(form.PrivateMetadata); err != nil {
			rt.Error(err)
		}
	})
}

// TestSlackTakesEveryOverview publishes and opens everything at the simulator.
func TestSlackTakesEveryOverview(t *testing.T) {
	t.Parallel()
	page := newSlackPage(t)
	api := slack.New(page.sim.BotToken(), slack.OptionAPIURL(page.sim.APIURL()))
	all := homes(t)
	many := slices.Repeat(items(t, func(r *request.Request) { deface(r, func() string { return mark + nasty[len(nasty)-4] }) }), 10)
	all["as long as it gets"] = card.HomeTab(card.Home{MayAsk: true, Waiting: many, Asked: many, Ended: many})
	for name, home := range all {
		if _, err := api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: page.user, View: home}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, form := range asksForms() {
		if _, err := api.OpenViewContext(t.Context(), page.trigger(), form); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestHomeShowsWhatThereIs: a part for whoever asked or may ask, and how many are
// left out only where some are.
func TestHomeShowsWhatThereIs(t *testing.T) {
	t.Parallel()
	all := slices.Repeat(items(t)[:1], card.HomeWaiting+1)
	for _, row := range []struct {
		name string
		home card.Home
		says string
		want bool
	}{
		{"may ask", card.Home{MayAsk: true}, "What you asked for", true},
		{"asked before", card.Home{Asked: all[:1]}, "What you asked for", true},
		{"neither", card.Home{}, "What you asked for", false},
		{"as many as are shown", card.Home{Waiting: all[:card.HomeWaiting]}, " more.", false},
		{"one more", card.Home{Waiting: all}, "… and 1 more.", true},
	} {
		if got := shownOf(t, card.HomeTab(row.home)); strings.Contains(got, row.says) != row.want {
			t.Errorf("%s: %q is said: %v, want %v", row.name, row.says, !row.want, row.want)
		}
	}
	for _, row := range []struct {
		address string
		want    bool
	}{{permalink, true}, {"", false}, {"https://a.example.com/" + strings.Repeat("x", 278), true}, {"https://a.example.com/" + strings.Repeat("x", 279), false}} {
		words := list([]card.Item{{Request: found(t, 1).r, Link: row.address}}, false, 1)
		if got := strings.Contains(words, " · <"+strings.ReplaceAll(row.address, "&", "&amp;")); got != row.want || strings.Contains(words, " · ") != row.want {
			t.Errorf("an address of %d characters is shown: %v", len(row.address), got)
		}
	}
}
