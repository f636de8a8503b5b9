package workfrontsim_test

import (
	"testing"

	"wfbot/workfront/workfrontsim"
)

// What leads to other objects names them, as on a tenant, and what cannot be asked for
// itself has metadata all the same.
func TestMetadata(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{CustomFields: []string{"Employee ID"}, Without: []string{"USER.title"}})
	at := func(path, group, name string) map[string]any {
		t.Helper()
		found, _ := tn.get(path).object(t)[group].(map[string]any)[name].(map[string]any)
		return found
	}
	for _, tc := range []struct{ path, group, name, leadsTo string }{
		{"/user/metadata", "references", "accessLevel", "ACSLVL"},
		{"/user/metadata", "collections", "directReports", "USER"},
		{"/user/metadata", "search", "roles", "ROLE"},
		{"/proj/metadata", "search", "resourceManagerIDs", ""},
		{"/user/metadata", "fields", "managerID", ""},
		{"/arvstp/metadata", "collections", "stepApprovers", "SPAPVR"},
	} {
		about := at(tc.path, tc.group, tc.name)
		if leads, _ := about["typeObjCode"].(string); about == nil || leads != tc.leadsTo {
			t.Errorf("%s: %s.%s is %v, want typeObjCode %q", tc.path, tc.group, tc.name, about, tc.leadsTo)
		}
	}
	if at("/user/metadata", "custom", "Employee ID") == nil {
		t.Error("the custom field is missing")
	}
	if at("/user/metadata", "fields", "title") != nil {
		t.Error("a field that the tenant lacks is there")
	}
	strict := newTenant(t, workfrontsim.Config{NoPartMetadata: true})
	if answer := strict.get("/arvstp/metadata"); answer.status != 422 {
		t.Errorf("NoPartMetadata: status %d", answer.status)
	}
}

// A level's permissions say whether its people may edit users.
func TestAccessLevelPermissions(t *testing.T) {
	t.Parallel()
	tn := newTenant(t, workfrontsim.Config{})
	editors := tn.AddAccessLevel(workfrontsim.AccessLevel{Name: "Editors", LicenseType: "F", Users: workfrontsim.EditUsers})
	blind := tn.AddAccessLevel(workfrontsim.AccessLevel{Name: "Blind", LicenseType: "F", Users: workfrontsim.NoUsers})
	for id, want := range map[string]string{editors.ID: "EDIT", workfrontsim.AccessStandard: "VIEW", blind.ID: "", workfrontsim.AccessAdministrator: ""} {
		level := tn.get("/acslvl/" + id + "?fields=accessLevelPermissions:objObjCode,accessLevelPermissions:coreAction").object(t)
		got := ""
		for _, one := range level["accessLevelPermissions"].([]any) {
			if of := one.(map[string]any); of["objObjCode"] == "USER" {
				got, _ = of["coreAction"].(string)
			}
		}
		if got != want {
			t.Errorf("level %s: %q, want %q", id, got, want)
		}
	}
}
