package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/card"
	"wfbot/bot/request"
	"wfbot/bot/store"
)

// TestMain is the bare program where it is started as that.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == bareArgument {
		main()
		return
	}
	os.Exit(m.Run())
}

// The bench finds in what it sees of both programs what it looks for.
func TestBench(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "runs the real program")
	b := &bench{dir: t.TempDir(), figures: map[string]figure{}, started: time.Now()}
	b.binary = filepath.Join(b.dir, "wfbot")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", b.binary, "wfbot/cmd/wfbot").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, set := range b.variants(ms(1, 1)) {
		err := b.with(t.Context(), set, func(w *world, p *program) error {
			w.forget()
			c := w.plan(1)
			if err := c.whole(t.Context()); err != nil {
				return err
			}
			b.note("card", set, between([]*conversation{c}, typed, posted))
			b.noteCalls(w, 1)
			if _, err := p.used(); err != nil {
				return err
			}
			if now, peak, err := p.memory(); err != nil || now <= 0 || peak < now {
				return fmt.Errorf("memory %v, at most %v: %w", now, peak, err)
			}
			return nil
		})
		if err != nil {
			t.Fatalf("%+v: %v", set, err)
		}
		if f := b.figures[key("card", set)]; len(f.times.came) != 1 || f.times.came[0] < set.slack {
			t.Errorf("%+v: a card took %v", set, f.times.came)
		}
	}
	page := b.report()
	for _, c := range b.calls {
		if reasons[c.name] == "" {
			t.Errorf("nobody says why %s %s is called", c.service, c.name)
		}
		if !strings.Contains(page, "`"+c.name+"`") {
			t.Errorf("the page lacks %s", c.name)
		}
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	o := outcome{came: sample{3, 1, 2}, of: 4}
	for q, want := range map[float64]time.Duration{0: 1, .5: 3, .25: 2} {
		if d, ok := o.quantile(q); !ok || d != want {
			t.Errorf("quantile %v is %v, %v; want %v", q, d, ok, want)
		}
	}
	if d, ok := o.quantile(.9); ok {
		t.Errorf("of four one has not come, and nine tenths did within %v", d)
	}
	if _, ok := (outcome{}).quantile(.5); ok {
		t.Error("nothing was awaited, and half of it came")
	}
}

// newCard is a card about so many people who wait for approval.
func newCard(people int) *request.Card {
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	var all []*request.Request
	for i := range people {
		all = append(all, request.New(request.Request{
			ID: fmt.Sprintf("req-%d", i), CardID: "card-1", Action: request.Deactivate, Email: fmt.Sprintf("leaver%d@acme.com", i), Reason: "left the company",
			Requester: request.Identity{ID: "URITA", Name: "Rita"}, Place: request.Place{Channel: "C1"},
		}, now, 72*time.Hour))
	}
	return request.NewCard(request.Card{
		ID: "card-1", Action: request.Deactivate, Requester: request.Identity{ID: "URITA", Name: "Rita"}, Place: request.Place{Channel: "C1"},
	}, all, now)
}

func BenchmarkDrawCard(b *testing.B) {
	for _, people := range []int{1, 50} {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			c := newCard(people)
			for b.Loop() {
				card.Message(c, card.View{Buttons: true})
			}
		})
	}
}

func BenchmarkParseCommand(b *testing.B) {
	for b.Loop() {
		if _, err := request.ParseCommand("<mailto:jane@acme.com|jane@acme.com> on 2026-12-31 17:00 left the company"); err != nil {
			b.Fatal(err)
		}
	}
}

func openStore(b *testing.B) *store.Store {
	b.Helper()
	st, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "wfbot.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	return st
}

// BenchmarkAccept is what an acknowledgement waits for.
func BenchmarkAccept(b *testing.B) {
	st, n := openStore(b), 0
	for b.Loop() {
		n++
		fresh, err := st.Accept(b.Context(), store.Interaction{
			ID: fmt.Sprint("in-", n), Key: fmt.Sprint("key-", n), Kind: store.Command, UserID: "URITA", ChannelID: "C1",
			Command: "/wf-deactivate", Text: "jane@acme.com left", ReceivedAt: time.Now().UTC().Truncate(time.Millisecond),
		})
		if err != nil || !fresh {
			b.Fatal(fresh, err)
		}
	}
}

// BenchmarkClaimNothing is a look for work where there is none.
func BenchmarkClaimNothing(b *testing.B) {
	st := openStore(b)
	for b.Loop() {
		if r, _, err := st.ClaimRequest(b.Context(), time.Now(), time.Minute); r != nil || err != nil {
			b.Fatal(r, err)
		}
	}
}

// BenchmarkTransaction is a transaction that changes nothing but what each does.
func BenchmarkTransaction(b *testing.B) {
	st := openStore(b)
	for b.Loop() {
		if err := st.Update(b.Context(), time.Now(), func(*store.Tx) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
