package worker

import (
	"context"
	"slices"
	"testing"

	"wfbot/bot/request"
	"wfbot/bot/slackapi"
	"wfbot/bot/store"
	"wfbot/workfront"
)

// Each step in Workfront has places, and nothing takes those of what was approved.
func TestPlacesOfSteps(t *testing.T) {
	t.Parallel()
	w := New(Config{Slack: slackapi.New(slackapi.Config{})})
	w.Slack.WorkAs(slackapi.Identity{})
	if full := w.full(); full != nil {
		t.Errorf("%v cannot be done, and nothing is", full)
	}
	seen := map[request.Step]bool{}
	for i, c := range classes {
		if i > 0 && c.how <= classes[i-1].how {
			t.Errorf("%v are not less important than %v", c.steps, classes[i-1].steps)
		}
		for range c.places {
			w.places[i] <- struct{}{}
		}
		if full := w.full(); !slices.Equal(full, c.steps) {
			t.Errorf("%v cannot be done, want %v", full, c.steps)
		}
		for range c.places {
			<-w.places[i]
		}
		for _, step := range c.steps {
			if seen[step] {
				t.Errorf("%s is in two classes", step)
			}
			seen[step] = true
			err := w.inWorkfront(t.Context(), step, store.Lease{}, func(ctx context.Context) error {
				if len(w.places[i]) != 1 {
					t.Errorf("%s takes no place", step)
				}
				return nil
			})
			if err != nil || len(w.places[i]) != 0 {
				t.Errorf("%s: %d places are taken after it, %v", step, len(w.places[i]), err)
			}
		}
	}
	for _, step := range []request.Step{request.LookUp, request.FindManager, request.CountHoldings, request.Execute, request.Verify} {
		if !seen[step] {
			t.Errorf("%s has no places", step)
		}
	}
	if classes[0].how != workfront.ForApproved || !slices.Equal(classes[0].steps, []request.Step{request.Execute}) {
		t.Errorf("the first class is %+v", classes[0])
	}
}

// Before Slack has said who the bot is, and with all places taken, no step is named twice.
func TestFullNamesStepsOnce(t *testing.T) {
	t.Parallel()
	w := New(Config{Slack: slackapi.New(slackapi.Config{})})
	if full := w.full(); !slices.Equal(full, aboutPeople) {
		t.Errorf("%v cannot be done, want %v", full, aboutPeople)
	}
	for i, c := range classes {
		for range c.places {
			w.places[i] <- struct{}{}
		}
	}
	full := w.full()
	if slices.Sort(full); len(slices.Compact(slices.Clone(full))) != len(full) || len(full) != 5 {
		t.Errorf("%v cannot be done", full)
	}
}
