package evidence

import (
	"testing"

	"wfbot/workfront/workfrontsim"
)

// A caller has its answer before the journal says so: on a busy machine a request is
// done, and looked at, in between.
func TestReadIsAnsweredBeforeTheJournalSaysSo(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		call workfrontsim.Call
		want bool
	}{
		"done":               {workfrontsim.Call{Done: true, Applied: true, Status: 200}, true},
		"under way":          {workfrontsim.Call{Applied: true}, true},
		"not yet looked up":  {workfrontsim.Call{}, false},
		"refused":            {workfrontsim.Call{Done: true, Status: 404, Error: "no"}, false},
		"under way, a fault": {workfrontsim.Call{Applied: true, Fault: string(workfrontsim.Reset)}, false},
	} {
		if got := answered(row.call); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
