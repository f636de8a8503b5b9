package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
	"wfbot/bot/request"
	"wfbot/bot/store"
)

// onOld runs a test on each kind of database as an older wfbot left it, and left it
// damaged if damage, SQL, says so. look is called before it is opened.
func onOld(t *testing.T, schema int, damage string, look func(*testing.T, *sql.DB), test func(t *testing.T, open func() *store.Store)) {
	dump, err := os.ReadFile("testdata/lone_and_batches.sql")
	if err != nil {
		t.Fatal(err)
	}
	run := func(t *testing.T, driver, name, address string) {
		t.Parallel()
		db, err := sql.Open(driver, name)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, text := range []string{string(dump), goose(driver, schema), damage} {
			if _, err := db.ExecContext(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		look(t, db)
		db.Close()
		test(t, func() *store.Store { return mustOpen(t, address) })
	}
	t.Run("sqlite", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "wfbot.db")
		run(t, "sqlite", file, "sqlite:"+file)
	})
	t.Run("postgres", func(t *testing.T) {
		address := freshPostgres(t)
		run(t, "pgx", address, address)
	})
}

// A database of the schema that told requests and batches apart opens in this
// version: each has its card, and goes on where it was.
func TestCardsAreMadeOfRequestsAndBatches(t *testing.T) {
	begun := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	soon, late := begun.Add(2*time.Minute), begun.Add(48*time.Hour+time.Minute)
	people := map[string]struct {
		card       string
		now        time.Time
		want       request.Step
		ask, asked int64
	}{
		"ADA": {"ADA", late, request.FindManager, 1, 1}, // pending
		"BEN": {"BEN", late, request.Execute, 1, 1},     // a write is open
		"CAT": {"CAT", late, request.Verify, 1, 1},      // done
		"DAN": {"DAN", soon, request.FindManager, 1, 0}, // found, and not posted
		"EVA": {"EVA", soon, request.FindManager, 2, 1}, // has a new manager that nobody has mentioned
		"FAY": {"FAY", late, request.FindManager, 1, 1}, // asks again
		"GUS": {"GUS", soon, request.LookUp, 0, 0},      // just received
		"M1":  {"B1", soon, request.FindManager, 1, 1},  // pending
		"M2":  {"B1", soon, request.FindManager, 1, 0},  // found late, nobody has been asked about it
		"M3":  {"B1", late, request.AskAnew, 1, 1},      // approved
		"M4":  {"B1", soon, request.Nothing, 1, 0},      // not found
		"N1":  {"B2", soon, request.LookUp, 0, 0},       // just received
		"N2":  {"B2", soon, request.LookUp, 0, 0},       // just received
	}
	cards := map[string]struct {
		now   time.Time
		ts    string
		about []string
		want  []request.Step // one after another
	}{
		"ADA": {late, "1793610001.000100", []string{"ADA"}, []request.Step{request.Remind}},
		"BEN": {late, "1793610002.000100", []string{"BEN"}, []request.Step{request.PaintCard}},
		"CAT": {late, "1793610003.000100", []string{"CAT"}, nil},
		"DAN": {soon, "", []string{"DAN"}, []request.Step{request.PostCard, request.PaintCard, request.Tell}},
		"EVA": {soon, "1793610004.000100", []string{"EVA"}, []request.Step{request.PaintCard, request.Remind}},
		"FAY": {late, "1793610005.000100", []string{"FAY"}, []request.Step{request.PaintCard, request.Tell, request.Remind}},
		"GUS": {soon, "", []string{"GUS"}, nil},
		"B1":  {soon, "1793610099.000100", []string{"M1", "M2", "M3", "M4"}, []request.Step{request.PaintCard, request.Remind}},
		"B2":  {soon, "", []string{"N1", "N2"}, []request.Step{request.PostCard, request.PaintCard, request.Tell}},
	}
	onOld(t, 5, "", func(*testing.T, *sql.DB) {}, func(t *testing.T, open func() *store.Store) {
		open().Close()
		s := open()
		all, err := s.Requests(t.Context())
		if err != nil || len(all) != len(people) {
			t.Fatalf("%d requests, %v", len(all), err)
		}
		for _, r := range all {
			want := people[r.ID]
			step, _ := r.Next(want.now)
			if r.CardID != want.card || r.Ask != want.ask || r.Asked != want.asked || step != want.want {
				t.Errorf("%s is on card %s, asked %d of %d, wants to %s; want %+v", r.ID, r.CardID, r.Asked, r.Ask, step, want)
			}
		}
		made, err := s.Cards(t.Context())
		if err != nil || len(made) != len(cards) {
			t.Fatalf("%d cards, %v", len(made), err)
		}
		for _, c := range made {
			want := cards[c.ID]
			if got := idsOf(c.Requests); !slices.Equal(got, want.about) || c.Channel != "C0IT" || c.TS != want.ts || c.RemindEvery == 0 && c.ID != "B2" {
				t.Errorf("card %s is about %q, in %+v, reminds every %v; want %+v", c.ID, got, c.Place, c.RemindEvery, want)
			}
			if want.ts != "" && !c.Requests[0].HasButtons("C0IT", want.ts) { // what was posted before the upgrade can be pressed
				t.Errorf("the buttons of %s count no more", c.ID)
			}
			if steps := stepsOf(t, c, want.now); !slices.Equal(steps, want.want) {
				t.Errorf("card %s wants to %q, one after another, want %q", c.ID, steps, want.want)
			}
		}
		for _, table := range []string{"requests", "cards", "interactions"} {
			var n int
			if err := s.DB().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+table+` WHERE set_aside_at > 0`).Scan(&n); err != nil || n > 0 {
				t.Errorf("%d %s are set aside, %v", n, table, err)
			}
		}
		// Both kinds of row are due.
		pass(t, s, 100*365*24*time.Hour)
		for _, table := range []store.Table{store.Requests, store.Cards} {
			if at, ok, err := next(t, s, late, store.Waiting{Table: table}); !ok || err != nil || at.After(late) {
				t.Errorf("next due %v, %v, %v", at, ok, err)
			}
		}
		if _, err := s.VerifyTrail(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// stepsOf does what a card needs at now until it waits for a minute, and returns what
// that was.
func stepsOf(t *testing.T, c *request.Card, now time.Time) (steps []request.Step) {
	t.Helper()
	until := now.Add(time.Minute)
	for range 10 {
		step, at := c.Next(now)
		if step == request.Nothing || at.After(until) {
			return steps
		}
		steps = append(steps, step)
		if at.After(now) {
			now = at
		}
		switch step {
		case request.PostCard:
			c.Posted(place, c.Asks(), now)
		case request.PaintCard:
			c.Paint(c.Look, now)
		case request.Tell:
			c.TellRequester(c.News())
		case request.Remind:
			c.Reminded(c.Asks(), now)
		}
	}
	t.Errorf("card %s never rests: %q", c.ID, steps)
	return steps
}

// What cannot be decoded is set aside: an upgrade does not fail because of it.
func TestUpgradeSetsAsideWhatItCannotRead(t *testing.T) {
	damage := `UPDATE requests SET body = 'x' WHERE id IN ('CAT', 'M1'); UPDATE batches SET body = '[]' WHERE id = 'B2'`
	onOld(t, 5, damage, func(*testing.T, *sql.DB) {}, func(t *testing.T, open func() *store.Store) {
		s := open()
		for query, want := range map[string]int{
			`SELECT COUNT(*) FROM requests WHERE set_aside_at > 0 AND set_aside_why <> '' AND id IN ('CAT', 'M1')`: 2,
			`SELECT COUNT(*) FROM cards WHERE set_aside_at > 0 AND set_aside_why <> '' AND id IN ('B1', 'B2')`:     2,
			`SELECT COUNT(*) FROM requests WHERE set_aside_at > 0`:                                                 2,
			`SELECT COUNT(*) FROM cards WHERE set_aside_at > 0`:                                                    2,
			`SELECT COUNT(*) FROM cards`:                                  8,
			`SELECT COUNT(*) FROM requests WHERE card_id IN ('B1', 'B2')`: 6,
		} {
			var n int
			if err := s.DB().QueryRowContext(t.Context(), query).Scan(&n); err != nil || n != want {
				t.Errorf("%s: %d, %v, want %d", query, n, err, want)
			}
		}
	})
}
