package bot_test

import "testing"

// The fault matrices again, on PostgreSQL: each call and each bad answer at least
// once, rather than each pair, since what the database sees of a fault does not
// depend on the pair.
func TestFaultsAreOutlastedOnPostgres(t *testing.T) {
	t.Parallel()
	for i, bad := range badAnswers {
		call := badCalls[i%len(badCalls)]
		t.Run("Workfront/"+call.name+"/"+bad.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.usePostgres()
			w.outlastsWorkfront(call, bad)
		})
	}
	for i, bad := range badAnswers {
		way := badWays[i%len(badWays)]
		t.Run("Workfront/"+way.name+"/"+bad.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.usePostgres()
			w.outlastsOn(way, bad)
		})
	}
	for i, bad := range slackAnswers {
		way := slackWays[i%len(slackWays)]
		t.Run("Slack/"+way.name+"/"+bad.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.usePostgres()
			w.outlastsSlackOn(way, bad)
		})
	}
	for i, bad := range slackAnswers {
		method := slackMethods[i%len(slackMethods)]
		t.Run("Slack/"+method+"/"+bad.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.usePostgres()
			w.outlastsSlack(method, bad)
		})
	}
}

// The long ways on PostgreSQL: given up and retried, held back and let go,
// delivered again, asked for twice at once.
func TestTroubleOnPostgres(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*world){
		"an outage of 48 hours":              (*world).failsAfter48Hours,
		"two requesters at once":             (*world).racingCommandsAreOneRequest,
		"delivered again, the same envelope": func(w *world) { w.deliveredAgainIsDoneOnce(true) },
		"delivered again, a new envelope":    func(w *world) { w.deliveredAgainIsDoneOnce(false) },
		"a refused credential":               (*world).outlastsARefusedCredential,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.usePostgres()
			run(w)
		})
	}
}

// The long ways of one request on PostgreSQL, where reading other requests within a
// transaction and changing them is another matter.
func TestOnePersonOnPostgres(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*world){
		"off and on again": (*world).goesAndComesBack, "the way back, read again": (*world).readAgainAfterTheWayBack,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.usePostgres()
			run(w)
		})
	}
}
