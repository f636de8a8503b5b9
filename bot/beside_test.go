package bot_test

import (
	"testing"

	"wfbot/bot/slackapi"
	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// hasAsked waits until Slack has been asked something.
func (w *world) hasAsked(method string) {
	w.t.Helper()
	w.poll("Slack is asked "+method, func() bool { return len(w.Calls(method)) > 0 })
}

// What does not hang on one another is asked for at once: who asks, who is in the
// groups, and about the channel; the user in Workfront, and who in Slack they are.
func TestAskedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	release := make(chan struct{})
	remove := w.Inject(slacksim.Fault{Method: "users.info", Count: -1, Answer: slacksim.Held(release)})
	search := w.holdBack("user/search")
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left the company")
	w.hasAsked("conversations.info")
	w.hasAsked("usergroups.users.list")
	if len(w.Calls("users.lookupByEmail")) > 0 {
		t.Error("somebody is looked up for who may not ask, as far as is known")
	}
	remove()
	close(release)
	w.hasAsked("users.lookupByEmail")
	if _, answered := w.asked("user/search"); answered > 0 {
		t.Error("Workfront has answered what it was to keep back")
	}
	search()
	card := w.Channel(w.channel).ExpectMessage("Jane Doe")
	card.ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	w.quiet()
}

// These are the calls of a request that nobody knows anything about yet; docs/BENCH.md
// says why each is made.
func TestCallsOfARequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.workfront.AddWork(w.target.ID, workfrontsim.Work{Tasks: 3})
	w.start()
	card := w.askHolding()
	card.Click(w.anna, "Approve")
	w.ExpectDM(w.rita, "Deactivated: ")
	card.ExpectText("Confirmed in Workfront")
	w.quiet()
	for method, most := range map[string]int{
		"conversations.info": 1, "users.info": 2, "users.lookupByEmail": 1, "usergroups.users.list": 1, "chat.postMessage": 2,
		"chat.update": 4, "chat.postEphemeral": 0, "views.open": 0, "conversations.members": 0,
	} {
		if n := len(w.Calls(method)); n > most {
			t.Errorf("%s is called %d times, want %d at most", method, n, most)
		}
	}
	for operation, most := range map[string]int{"user/search": 1, "batch": 1, "user/get": 3, "user/put": 1} { // one of them who the bot is
		if n, _ := w.asked(operation); n > most {
			t.Errorf("Workfront is asked %s %d times, want %d at most", operation, n, most)
		}
	}
}

// A channel that was shared with another organisation after the last card gets no
// other one a minute later; until then facts are as old as those about people.
func TestChannelFactsAreFresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.ExternallyShared = true })
	w.clock.Skip(slackapi.FactsFor)
	w.As(w.rita).Types(w.channel, "/wf-deactivate mark@acme.com left too")
	w.ExpectPrivate(w.rita, "another organisation")
	w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.ExternallyShared = false })
	w.As(w.rita).Types(w.channel, "/wf-deactivate mark@acme.com left too")                                        // at once: a refusal is not kept
	w.Channel(w.channel).ExpectMessage("Mark Boss").ExpectButtons("See all", "Approve", "Deny", "Cancel request") // he manages jane
	w.ExpectPrivate(w.rita, "Sent to")
	card.ExpectText("Jane Doe")
	w.quiet()
}
