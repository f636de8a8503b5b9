package workfront_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wfbot/workfront"
	"wfbot/workfront/secret"
	"wfbot/workfront/workfrontsim"
)

// simulate starts a simulated tenant with the account jane+wf@acme.com.
func simulate(t *testing.T, cfg workfrontsim.Config) (*workfrontsim.Server, string, workfrontsim.User) {
	t.Helper()
	sim := workfrontsim.New(cfg)
	srv := httptest.NewServer(sim)
	t.Cleanup(srv.Close)
	t.Cleanup(sim.Close) // first, so that no hanging call keeps srv open
	max := sim.AddUser(workfrontsim.User{Name: "Max", Email: "max@acme.com", Active: true})
	return sim, srv.URL, sim.AddUser(workfrontsim.User{
		Name: "Jane <Doe>", Email: "Jane+wf@acme.com", Title: "IT/Ops", Active: true, ManagerID: max.ID,
		HomeGroupID: sim.AddGroup("Marketing"), HomeTeamID: sim.AddTeam("Brand"),
		LastLogin: time.Date(2026, 7, 8, 13, 0, 1, 278e6, time.UTC),
	})
}

// Every behaviour that Adobe leaves open must make no difference.
func TestSimulatedTenants(t *testing.T) {
	t.Parallel()
	oauth := func(sim *workfrontsim.Config) *workfront.OAuth {
		app := testApp()
		sim.CustomerID = "c0000000000000000000000000000001"
		sim.Caller = workfrontsim.User{ID: "f0000000000000000000000000000001", Email: "bot@acme.com", Active: true, AccessLevelID: workfrontsim.AccessAdministrator}
		sim.OAuth = &workfrontsim.OAuthApp{ClientID: app.ClientID, ClientSecret: app.ClientSecret.Reveal(), PublicKey: &testKey().PublicKey}
		app.CustomerID, app.UserID = sim.CustomerID, sim.Caller.ID
		return app
	}
	for _, tc := range []struct {
		why   string
		sim   workfrontsim.Config
		oauth bool
	}{
		{"the usual", workfrontsim.Config{}, false},
		{"OAuth", workfrontsim.Config{}, true},
		{"OAuth with expires_in", workfrontsim.Config{ExchangeExpiresIn: true}, true},
		{"gzip unasked", workfrontsim.Config{Gzip: workfrontsim.GzipAlways}, false},
		{"gzip now and then", workfrontsim.Config{Gzip: workfrontsim.GzipAlternate}, false},
		{"an array for one ID", workfrontsim.Config{IDParamAlwaysArray: true}, false},
		{"errors without class", workfrontsim.Config{ErrorsWithoutClass: true}, false},
		{"dates in UTC", workfrontsim.Config{Location: time.UTC}, false},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			cfg := workfront.Config{}
			if tc.oauth {
				cfg.OAuth = oauth(&tc.sim)
			}
			sim, url, jane := simulate(t, tc.sim)
			cfg.URL = url
			if !tc.oauth {
				cfg.APIKey = secret.Value(sim.APIKey())
			}
			c, ctx := newClient(t, cfg), within(t)

			me, err := c.Whoami(ctx)
			if err != nil || me.ID != sim.Caller().ID || !me.AccessLevel.Admin {
				t.Errorf("Whoami() = %+v, %v", me, err)
			}
			want := workfront.User{
				ID: jane.ID, Name: jane.Name, Email: jane.Email, Title: jane.Title, Active: true, LastLogin: jane.LastLogin,
				LicenseType: "F", AccessLevel: workfront.AccessLevel{Name: "Standard", LicenseType: "F", AdminKnown: true},
				Manager:   workfront.Manager{ID: jane.ManagerID, Name: "Max", Email: "max@acme.com"},
				HomeGroup: "Marketing", HomeTeam: "Brand",
			}
			found, err := findOne(ctx, c, "jane+WF@acme.com")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, found); diff != "" {
				t.Errorf("FindByEmail (-want +got):\n%s", diff)
			}
			off, err := c.SetActive(ctx, jane.ID, false)
			if err != nil || off.ID != jane.ID || off.Name != jane.Name || off.Active {
				t.Errorf("SetActive(false) = %+v, %v", off, err)
			}
			want.Active = false
			got, err := c.Get(ctx, jane.ID)
			if since := time.Since(got.Deactivated); since < -time.Second || since > time.Minute {
				t.Errorf("deactivated %v", got.Deactivated)
			}
			want.Deactivated = got.Deactivated
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("Get after it: %v (-want +got):\n%s", err, diff)
			}
			if on, err := c.SetActive(ctx, jane.ID, true); err != nil || !on.Active {
				t.Errorf("SetActive(true) = %+v, %v", on, err)
			}
			if writes := sim.Changes(); len(writes) != 2 || writes[0].To || !writes[1].To {
				t.Errorf("changes = %+v", writes)
			}
			for _, call := range sim.Journal() {
				if strings.Contains(call.Credential, "query") || call.Verb == http.MethodDelete {
					t.Errorf("%s %s?%s by %s", call.Verb, call.Path, call.Query, call.Credential)
				}
			}
		})
	}
}

func TestSimulatedLookUps(t *testing.T) {
	t.Parallel()
	sim, url, jane := simulate(t, workfrontsim.Config{})
	twin := sim.AddUser(workfrontsim.User{Name: "Old Jane", Email: "JANE+wf@acme.com"})
	c, ctx := newClient(t, workfront.Config{URL: url, APIKey: secret.Value(sim.APIKey())}), within(t)

	both, err := c.FindByEmail(ctx, "jane+wf@acme.com")
	if err != nil || len(both) != 2 || both[0].ID != min(jane.ID, twin.ID) || both[0].Active == both[1].Active {
		t.Errorf("two of one address: %+v, %v", both, err)
	}
	if _, err := c.FindByEmail(ctx, "jane wf@acme.com"); !errors.Is(err, workfront.ErrNotFound) {
		t.Errorf("a space for the +: %v", err)
	}
	for _, id := range []string{"0123456789abcdef0123456789abcdef"} {
		if _, err := c.Get(ctx, id); !errors.Is(err, workfront.ErrNotFound) {
			t.Errorf("Get of nobody: %v", err)
		}
		if _, err := c.SetActive(ctx, id, false); !errors.Is(err, workfront.ErrNotFound) {
			t.Errorf("SetActive of nobody: %v", err)
		}
	}
	for _, version := range []string{"v7.0", "v15.0"} {
		old := newClient(t, workfront.Config{URL: url, APIKey: secret.Value(sim.APIKey()), Version: version})
		_, err := old.Whoami(ctx)
		if e := asError(t, err); e.Status != http.StatusGone || e.Temporary() {
			t.Errorf("%s: %v", version, err)
		}
	}
	oldest := newClient(t, workfront.Config{URL: url, APIKey: secret.Value(sim.APIKey()), Version: "v16.0"})
	if _, err := oldest.Get(ctx, jane.ID); err != nil {
		t.Errorf("the oldest version served: %v", err)
	}
}

func TestSimulatedFaults(t *testing.T) {
	t.Parallel()
	type answer = workfrontsim.Answer
	for _, tc := range []struct {
		why          string
		fault        workfrontsim.Fault
		temporary    bool
		maybeApplied bool
		is           error
	}{
		{"a silent no-op", workfrontsim.Fault{Answer: answer{Kind: workfrontsim.Unchanged}}, false, true, workfront.ErrUnchanged},
		{"applied, answer lost", workfrontsim.Fault{Apply: true, Answer: answer{Kind: workfrontsim.Reset}}, true, true, nil},
		{"not applied, answer lost", workfrontsim.Fault{Answer: answer{Kind: workfrontsim.Reset}}, true, true, nil},
		{"applied, answer cut", workfrontsim.Fault{Apply: true, Answer: answer{Kind: workfrontsim.CutShort}}, true, true, nil},
		{"applied, answer truncated", workfrontsim.Fault{Apply: true, Answer: answer{Kind: workfrontsim.Truncated}}, true, true, nil},
		{"applied, no body", workfrontsim.Fault{Apply: true, Answer: answer{Kind: workfrontsim.EmptyBody, Status: 200}}, true, true, nil},
		{"applied, garbage", workfrontsim.Fault{Apply: true, Answer: answer{Kind: workfrontsim.GzipGarbage}}, true, true, nil},
		{"applied, text", workfrontsim.Fault{Apply: true, Answer: answer{Kind: workfrontsim.NotJSON}}, true, true, nil},
		{"applied, no answer", workfrontsim.Fault{Apply: true, Answer: answer{Kind: workfrontsim.Hang}}, true, true, nil},
		{"maintenance page", workfrontsim.Fault{Answer: answer{Kind: workfrontsim.HTMLPage, Status: 503}}, true, true, nil},
		{"redirect", workfrontsim.Fault{Answer: answer{Kind: workfrontsim.Redirect}}, false, true, workfront.ErrMoved},
		{"409", workfrontsim.Fault{Answer: answer{Kind: workfrontsim.JSONError, Status: 409}}, true, true, nil},
		{"429", workfrontsim.Fault{Answer: answer{Kind: workfrontsim.JSONError, Status: 429}}, true, true, nil},
		{"500", workfrontsim.Fault{Answer: answer{Kind: workfrontsim.JSONError}}, true, true, nil},
		{"error in a 200", workfrontsim.Fault{Answer: answer{Kind: workfrontsim.ErrorIn200, Message: "no"}}, false, true, nil},
		{"401", workfrontsim.Fault{Answer: answer{Kind: workfrontsim.JSONError, Status: 401}}, false, false, workfront.ErrUnauthorized},
		{"applied, 409 by a gateway", workfrontsim.Fault{Apply: true, Answer: answer{Kind: workfrontsim.HTMLPage, Status: 409}}, true, true, nil},
		{"applied, 404 in a gateway's JSON", workfrontsim.Fault{Apply: true, Answer: answer{Kind: workfrontsim.GatewayJSON, Status: 404}}, true, true, nil},
		{"403", workfrontsim.Fault{Answer: answer{Kind: workfrontsim.PlainError, Status: 403}}, false, true, nil},
		{"422", workfrontsim.Fault{Answer: answer{Kind: workfrontsim.JSONError, Status: 422, Class: "c"}}, false, false, nil},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			sim, url, jane := simulate(t, workfrontsim.Config{})
			cfg := workfront.Config{URL: url, APIKey: secret.Value(sim.APIKey())}
			c := newClient(t, cfg)
			ctx, cancel := context.WithCancel(within(t))
			defer cancel()
			if tc.fault.Answer.Kind == workfrontsim.Hang {
				sim.Observe(func(_ workfrontsim.Call, phase workfrontsim.Phase) {
					if phase == workfrontsim.Applied {
						cancel()
					}
				})
			}
			tc.fault.Operation = "user/put"
			sim.Inject(tc.fault)

			_, err := c.SetActive(ctx, jane.ID, false)
			e := asError(t, err)
			if e.Temporary() != tc.temporary || e.MaybeApplied() != tc.maybeApplied || tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("%v (temporary %v, maybe applied %v)", err, e.Temporary(), e.MaybeApplied())
			}
			noSecret(t, []secret.Value{secret.Value(sim.APIKey())}, err.Error())
			puts := 0
			for _, call := range sim.Journal() {
				if call.Operation == "user/put" {
					puts++
				}
			}
			if puts != 1 {
				t.Errorf("the write was sent %d times", puts)
			}
			if now, _ := sim.User(jane.ID); now.Active == tc.fault.Apply {
				t.Errorf("active is %v", now.Active)
			} else if !now.Active && !e.MaybeApplied() {
				t.Error("it was applied, and MaybeApplied denies it")
			}
		})
	}
}

func TestSimulatedCredentials(t *testing.T) {
	t.Parallel()
	app := testApp()
	sim, url, jane := simulate(t, workfrontsim.Config{
		OAuth: &workfrontsim.OAuthApp{ClientID: app.ClientID, ClientSecret: app.ClientSecret.Reveal(), PublicKey: &testKey().PublicKey},
	})
	app.CustomerID, app.UserID = sim.CustomerID(), sim.Caller().ID
	byToken, ctx := newClient(t, workfront.Config{URL: url, OAuth: app}), within(t)
	if _, err := byToken.Get(ctx, jane.ID); err != nil {
		t.Fatal(err)
	}
	sim.RevokeSessions()
	if u, err := byToken.SetActive(ctx, jane.ID, false); err != nil || u.Active {
		t.Errorf("with a revoked token: %+v, %v", u, err)
	}
	if changes := sim.Changes(); len(changes) != 1 {
		t.Errorf("changes = %+v", changes)
	}
	exchanges := 0
	for _, call := range sim.Journal() {
		if call.Operation == "jwt/exchange" {
			exchanges++
		}
	}
	if exchanges != 2 {
		t.Errorf("%d exchanges, want 2", exchanges)
	}

	byKey := newClient(t, workfront.Config{URL: url, APIKey: secret.Value(sim.APIKey())})
	sim.RevokeKeys()
	if _, err := byKey.Get(ctx, jane.ID); !errors.Is(err, workfront.ErrUnauthorized) {
		t.Errorf("with a revoked key: %v", err)
	}

	const password = "c0rrect horse+battery&staple"
	sim.SetPassword(sim.Caller().ID, password)
	key, err := workfront.GenerateAPIKey(ctx, workfront.Config{URL: url}, sim.Caller().Username, password)
	if err != nil {
		t.Fatal(err)
	}
	if me, err := newClient(t, workfront.Config{URL: url, APIKey: key}).Whoami(ctx); err != nil || me.ID != sim.Caller().ID {
		t.Errorf("with the new key: %+v, %v", me, err)
	}
	_, err = workfront.GenerateAPIKey(ctx, workfront.Config{URL: url}, sim.Caller().Username, "wr0ng")
	if !errors.Is(err, workfront.ErrUnauthorized) {
		t.Errorf("with a wrong password: %v", err)
	}
	for _, call := range sim.Journal() {
		noSecret(t, []secret.Value{password, "horse", "wr0ng", key}, call.Path, call.Query)
	}
}

// A caller who may see nobody gets the same answer as for nobody at all.
func TestSimulatedVisibility(t *testing.T) {
	t.Parallel()
	sim := workfrontsim.New(workfrontsim.Config{Caller: workfrontsim.User{Email: "bot@acme.com", Active: true, AccessLevelID: "blind"}})
	t.Cleanup(sim.Close)
	sim.AddAccessLevel(workfrontsim.AccessLevel{ID: "blind", Name: "Blind", Users: workfrontsim.NoUsers})
	srv := httptest.NewServer(sim)
	t.Cleanup(srv.Close)
	hidden := sim.AddUser(workfrontsim.User{Email: "jane@acme.com", Active: true})
	c, ctx := newClient(t, workfront.Config{URL: srv.URL, APIKey: secret.Value(sim.APIKey())}), within(t)
	if _, err := c.FindByEmail(ctx, hidden.Email); !errors.Is(err, workfront.ErrNotFound) {
		t.Errorf("FindByEmail: %v", err)
	}
	if _, err := c.Get(ctx, hidden.ID); !errors.Is(err, workfront.ErrNotFound) {
		t.Errorf("Get: %v", err)
	}
	if _, err := c.SetActive(ctx, hidden.ID, false); !errors.Is(err, workfront.ErrNotFound) {
		t.Errorf("SetActive: %v", err)
	}
}
