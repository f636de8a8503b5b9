package workfrontsim_test

import (
	"slices"
	"testing"
	"time"

	"wfbot/bot/bottest/node"
	"wfbot/workfront/workfrontsim"
)

// TestAdobesClient has Adobe's JavaScript client work on a tenant whose answers
// are all compressed.
func TestAdobesClient(t *testing.T) {
	t.Parallel()
	node.Modules(t)
	tn := newTenant(t, workfrontsim.Config{PasswordLogin: true, Gzip: workfrontsim.GzipAlways})
	sam := tn.AddUser(workfrontsim.User{Name: "Sam Ünal", Email: "sam@acme.com", Active: true})
	jane := tn.AddUser(workfrontsim.User{
		Name: "Jane Doe", Email: "jane@acme.com", Active: true, ManagerID: sam.ID, LastLogin: time.Now(),
	})
	pat := tn.AddUser(workfrontsim.User{Name: "Pat & Co", Email: "pat@acme.com", Active: true})
	tn.SetPassword(jane.ID, "correct horse")
	if _, err := tn.AddRecord("TASK", map[string]any{"name": "Plan", "assignedToID": jane.ID}); err != nil {
		t.Fatal(err)
	}
	tn.UpdateUser(tn.Caller().ID, func(u *workfrontsim.User) { u.Name = "Integration" })
	for _, answer := range []workfrontsim.Answer{
		{Kind: workfrontsim.JSONError, Status: 429, Message: "429 Too many concurrent API requests"},
		{Kind: workfrontsim.ErrorIn200, Message: "you must specify an action"},
		{Kind: workfrontsim.PlainError, Status: 400, Message: "unrecognized URI format: too many parts"},
		{Kind: workfrontsim.HTMLPage, Status: 503},
		{Kind: workfrontsim.EmptyBody, Status: 502},
		{Kind: workfrontsim.Reset},
	} {
		tn.Inject(workfrontsim.Fault{Operation: "proj/count", Times: 1, Answer: answer})
	}
	node.Run(t, "testdata/workfront-api.cjs",
		"WORKFRONT_URL="+tn.url, "WORKFRONT_API_KEY="+tn.APIKey(), "JANE="+jane.ID, "SAM="+sam.ID, "PAT="+pat.ID)
	var set []bool
	for _, change := range tn.Changes() {
		set = append(set, change.To)
	}
	if want := []bool{false, true, false, false}; !slices.Equal(set, want) {
		t.Errorf("isActive was set to %v, want %v", set, want)
	}
}
