package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// figure is what was measured of one thing, in one setting.
type figure struct {
	times  outcome
	number float64 // where it is no time
	isTime bool
}

// key names a figure: what it is, and its setting.
func key(name string, set setting) string {
	words := fmt.Sprintf("%s, Slack %v, Workfront %v", name, set.slack, set.workfront)
	if set.tiers {
		words += ", tiers"
	}
	if set.bare {
		words += ", bare"
	}
	if set.old {
		words += ", old"
	}
	if set.noBatch {
		words += ", no batch"
	}
	return words
}

// note keeps times, unless the program does not know what they are of.
func (b *bench) note(name string, set setting, times outcome) {
	if set.bare && strings.HasPrefix(name, "complete") {
		return
	}
	b.figures[key(name, set)] = figure{times: times, isTime: true}
}

func (b *bench) noteNumber(name string, set setting, number float64) {
	b.figures[key(name, set)] = figure{number: number}
}

// quantile is the time within which so much of what was awaited came, between 0 and
// 1; not ok if less came.
func (o outcome) quantile(q float64) (time.Duration, bool) {
	if n := int(q * float64(o.of)); n >= len(o.came) {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(o.came))
	return sorted[int(q*float64(o.of))], true
}

// at is a figure as the page shows it: of times the median, or another quantile.
func (b *bench) at(name string, set setting, q float64) string {
	f, ok := b.figures[key(name, set)]
	switch {
	case !ok:
		return "–"
	case !f.isTime:
		return number(f.number)
	}
	d, ok := f.times.quantile(q)
	if !ok {
		return fmt.Sprintf("> %d", cmp.Or(f.times.limit, patience).Milliseconds())
	}
	return number(float64(d) / 1e6)
}

func number(n float64) string {
	switch {
	case n >= 100:
		return fmt.Sprintf("%.0f", n)
	case n >= 10:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", n), ".0")
	}
	return strings.TrimSuffix(fmt.Sprintf("%.2f", n), ".00")
}

// call is a call that a request makes, and how often on average.
type call struct {
	service, name string
	times         float64
}

// noteCalls keeps which calls n requests have made.
func (b *bench) noteCalls(w *world, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for service, all := range map[string]map[string]int{"Slack": w.slackN, "Workfront": w.workN} {
		together := map[string]int{}
		for name, times := range all {
			if _, kind, ok := strings.Cut(name, "/"); ok && kind == "count" {
				name = counting
			}
			together[name] += times
		}
		delete(together, "apps.connections.open") // of the process, not of a request
		for _, name := range slices.Sorted(maps.Keys(together)) {
			b.calls = append(b.calls, call{service, name, float64(together[name]) / float64(n)})
		}
	}
	slices.SortStableFunc(b.calls, func(x, y call) int { return cmp.Compare(x.service, y.service) })
}

// counting stands for the counts, a call for each kind of thing.
const counting = "…/count"

// reasons say why a request makes a call.
var reasons = map[string]string{
	"users.info":            "who asks, and later who approves: not a guest, a bot, or somebody who has left. At most a minute old; two different people, so two calls",
	"usergroups.users.list": "who is in the groups that may ask or approve. At most a minute old, so less than one call a request",
	"conversations.info":    "whether the card may be posted where the command was typed: asked beside who asks, and at most a minute old when it is posted",
	"users.lookupByEmail":   "who in Slack is the person in question: they must not decide about themselves. Asked beside the look-up in Workfront",
	"chat.postMessage":      "the card, and the word to the requester how it ended",
	"chat.update":           "the buttons with what is held, which the card has not before its place is stored; the approval, so that who pressed sees it; the outcome",
	"chat.postEphemeral":    "a private answer where Slack's own way for it is gone",
	"response_url":          "the word to the requester that people have been asked, and where",
	"user/search":           "the look-up by e-mail",
	"user/get":              "just before the write, and the reading back after it",
	"user/put":              "the write",
	counting:                "what the person holds, a call for each kind",
	"batch":                 "what the person holds, all kinds in one call",
}

// aim is a row of the table of aims.
type aim struct {
	what string
	once string // the figure when the aim was set, on a machine at rest; empty: none was taken
	aim  string
	name string // of the figure
	set  setting
	q    float64 // of times
}

func ms(slack, workfront int) setting {
	return setting{slack: time.Duration(slack) * time.Millisecond, workfront: time.Duration(workfront) * time.Millisecond}
}

// noBatch is ms with a Workfront that takes no several reads in one call.
func noBatch(slack, workfront int) setting {
	set := ms(slack, workfront)
	set.noBatch = true
	return set
}

// aims are the table of aims. Times are in milliseconds.
var aims = []aim{
	{"command → card on screen, 80 ms a call", "1348", "bare + 1 call (≤ 340)", "card", ms(80, 80), .5},
	{"command → card with counts and buttons, 80 ms", "1348", "≤ 520", "complete", ms(80, 80), .5},
	{"the same where Workfront takes no batch", "1348", "≤ 1000", "complete", noBatch(80, 80), .5},
	{"command → card with counts, ten commands a second for 10 s, 80 ms", "15567", "≤ 2 × the figure at rest", "complete at 10/s", ms(80, 80), .5},
	{"command → card on screen, ten commands a second for 10 s, 80 ms", "", "", "card at 10/s", ms(80, 80), .5},
	{"approve → PUT, 80 ms", "219", "≤ 170", "put", ms(80, 80), .5},
	{"approve → PUT while 50 others are being looked at, 200 ms", "5600", "≤ three calls + 500", "put while busy", ms(200, 200), .5},
	{"command → card on screen, 300 ms", "3400", "≤ four calls + 300", "card", ms(300, 300), .5},
	{"50 people in one command, Workfront 300 ms, Slack 100 ms: card complete", "", "≤ 20000", "fifty complete", ms(100, 300), .5},
	{"the same where Workfront takes no batch", "", "≤ 45000", "fifty complete", noBatch(100, 300), .5},
	{"the same 50 people: approve all → all done and told", "", "≤ 20000", "fifty done", ms(100, 300), .5},
	{"whole requests a second, 0 ms", "21", "≥ 100", "whole requests a second", ms(0, 0), 0},
	{"whole requests a second, 80 ms", "0.8", "≥ 12 with batch", "whole requests a second", ms(80, 80), 0},
	{"acknowledgement at 150 commands a second, p99", "63", "≤ bare + 2 × p99 of an fsync", "acknowledgement at 150/s", ms(0, 0), .99},
	{"CPU seconds per 1000 requests, 0 ms", "38", "≤ 10", "CPU seconds per 1000 requests", ms(0, 0), 0},
	{"idle CPU, % of a core", "", "< 0.3", "idle CPU, % of a core", ms(0, 0), 0},
	{"RSS idle, MB", "24", "≤ 30", "idle RSS, MB", ms(0, 0), 0},
	{"RSS peak at 0 ms under load, MB", "35", "≤ 60", "peak RSS, MB", ms(0, 0), 0},
	{"kill -9 of one of two on PostgreSQL → all cards that were asked for, Workfront 300 ms", "60000", "≤ 2000", "kill to cards", ms(0, 300), .5},
	{"the same, the worst of five", "", "≤ 2000", "kill to cards", ms(0, 300), .8},
	{"start → connected", "117", "≤ 150", "start to connected", ms(0, 0), .5},
}

// report is the page.
func (b *bench) report() string {
	var page strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&page, format+"\n", args...) }
	say("# How fast it is\n")
	say("`make bench` writes this page. It runs wfbot as a process against the simulators of Slack and Workfront, on one")
	say("machine, with a fresh SQLite database on disk. The bare program beside it is `bot/bottest/bench/bare.go`: slack-go, two")
	say("calls to Workfront and five to Slack for a request, no database, no checks, no promises.\n")
	say("| | |\n|---|---|")
	say("| date | %s, it took %v |", b.started.UTC().Format("2006-01-02 15:04 UTC"), time.Since(b.started).Round(time.Second))
	say("| commit | %s |", commit())
	say("| machine | %d × %s, %s |", runtime.NumCPU(), processor(), runtime.Version())
	say("| load of the machine before and while it ran | %s |", span(b.loads))
	say("| an fsync of 4 KiB, median and p99 | %s ms and %s ms |\n", number(float64(b.fsync.quantile(.5))/1e6), number(float64(b.fsync.quantile(.99))/1e6))
	say("A load of more than the number of processors means that other work took part of the machine: then all times are too")
	say("long, and only what was taken in one run, of both programs, can be compared. Times are medians in milliseconds where")
	say("nothing else is said. \"80 ms\" is how long each call to Slack and to Workfront takes. Where there is no figure the part")
	say("was not run, or the program cannot do it; \"> %d\" did not come before the bench gave up. \"Before\" is what was measured", patience.Milliseconds())
	if b.old == "" {
		say("when the aims were set, on another machine of this size at rest.\n")
	} else {
		say("of an older wfbot in the same run.\n")
	}
	say("## Against the aims\n")
	say("| figure | before | now | bare program | aim |\n|---|---|---|---|---|")
	for _, row := range aims {
		old, bare := row.set, row.set
		old.old, bare.bare = true, true
		before := cmp.Or(row.once, "–")
		if b.old != "" {
			before = b.at(row.name, old, row.q)
		}
		say("| %s | %s | %s | %s | %s |", row.what, before, b.at(row.name, row.set, row.q), b.at(row.name, bare, row.q), row.aim)
	}
	b.reportTiers(say)
	b.reportCalls(say)
	return page.String()
}

// reportTiers is what people get where Slack counts calls.
func (b *bench) reportTiers(say func(string, ...any)) {
	say("\n## With Slack's tiers\n")
	say("Slack takes only so many calls of a method in a minute: 50 of chat.update and conversations.info, say. Ten commands a")
	say("second for 10 s are more than it takes, so that this is what people get from Slack, and not what wfbot costs.\n")
	say("| ten commands a second for 10 s, 80 ms | tiers off | tiers on | bare, tiers on |\n|---|---|---|---|")
	off := ms(80, 80)
	on, bare := off, off
	on.tiers, bare.tiers, bare.bare = true, true, true
	for _, row := range []struct{ what, name string }{{"command → card on screen", "card at 10/s"}, {"command → card with counts and buttons", "complete at 10/s"}} {
		for _, q := range []float64{.5, .9} {
			say("| %s, p%.0f | %s | %s | %s |", row.what, q*100, b.at(row.name, off, q), b.at(row.name, on, q), b.at(row.name, bare, q))
		}
	}
}

// reportCalls lists the calls of a request.
func (b *bench) reportCalls(say func(string, ...any)) {
	say("\n## The calls of a request\n")
	say("For a request about one person, asked for and approved by people who were not known a minute before.\n")
	say("| call | how often | why |\n|---|---|---|")
	total := map[string]float64{}
	for _, c := range b.calls {
		total[c.service] += c.times
		say("| %s `%s` | %s | %s |", c.service, c.name, number(c.times), reasons[c.name])
	}
	say("| **all** | Slack %s, Workfront %s | |", number(total["Slack"]), number(total["Workfront"]))
}

func span(loads []float64) string {
	if len(loads) == 0 {
		return "–"
	}
	return fmt.Sprintf("%s to %s", number(slices.Min(loads)), number(slices.Max(loads)))
}

// commit names the commit of the working directory, and whether something is changed.
func commit() string {
	hash, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "–"
	}
	name := string(bytes.TrimSpace(hash))
	if changed, err := exec.Command("git", "status", "--porcelain", "--untracked-files=no").Output(); err == nil && len(changed) > 0 {
		name += ", with changes"
	}
	return name
}

// processor is what the machine calls its processors.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
