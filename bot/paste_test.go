package bot_test

import (
	"testing"

	"wfbot/workfront/workfrontsim"
)

// What is pasted from a sheet or typed by a keyboard that means well goes through
// Slack, which makes links of parts of it. Everybody in it is asked for.
func TestPastedPeopleAreAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, email := range map[string]string{"Joe Roe": "joe@acme.com", "Pat O'Brien": "o'brien@acme.com", "Lee Ann-Wu": "ann-wu@acme.com"} {
		w.workfront.AddUser(workfrontsim.User{Name: name, Email: email, Active: true})
	}
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com\tJane Doe\tMarketing\njoe@acme.com\tJoe Roe\tIT")
	w.Channel(w.channel).ExpectMessage("Jane Doe", "Joe Roe", "Marketing; IT")
	w.ExpectPrivate(w.rita, "Sent to", "2 people")
	w.As(w.rita).Types(w.channel, "/wf-deactivate O’Brien, Pat <o’brien@acme.com>; Wu, Lee <ann\u2011wu@acme.com> the office closes")
	w.Channel(w.channel).ExpectMessage("Pat O'Brien", "Lee Ann-Wu", "the office closes")
	w.ExpectPrivate(w.rita, "Sent to", "2 people")
	w.quiet()
}

// Nobody ends in the reason, and a letter that only looks right is named.
func TestUnclearPeopleAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	for typed, says := range map[string]string{
		"jane@acme.com replaced by joe@acme.com":                                   "`joe@acme.com` stands among other words",
		"jane@acme.com ask @anna":                                                  "stands among other words",
		"jane@acme.com\tJane Doe\tboss@acme.com\njoe@acme.com\tJoe\tboss@acme.com": "in the rows you pasted",
		"j\u0430ne@acme.com left":                                                  "(Cyrillic, U+0430)",
	} {
		w.As(w.rita).Types(w.channel, "/wf-deactivate "+typed)
		w.ExpectPrivate(w.rita, says)
	}
	if n := len(w.requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
	w.quiet()
}
