package workfrontapi

import (
	"testing"

	"wfbot/workfront"
)

func TestLicenses(t *testing.T) {
	t.Parallel()
	for letter, want := range map[string]string{"F": "Standard", "C": "Light", "R": "Contributor", "X": "External", "W": "W", "": ""} {
		if got := license(letter); got != want {
			t.Errorf("licence %q is called %q, want %q", letter, got, want)
		}
	}
	for _, u := range []workfront.User{
		{LicenseType: "C", AccessLevel: workfront.AccessLevel{LicenseType: "F"}}, {AccessLevel: workfront.AccessLevel{LicenseType: "C"}},
	} {
		if got := TargetOf(u).License; got != "Light" {
			t.Errorf("%+v has the licence %q", u, got)
		}
	}
}
