package bot_test

import (
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
)

// toChannel matches what the bot does in the channel for cards.
func (w *world) toChannel() func(slacksim.Call) bool {
	channel := w.channel
	return func(c slacksim.Call) bool { return c.Args["channel"] == channel }
}

// failedPaints is how often in a row the card could not be shown.
func (w *world) failedPaints() int { return w.cards()[0].PaintRetry.Failures }

// skipUntilPainted lets the pauses pass after which a card is painted again.
func (w *world) skipUntilPainted() {
	w.t.Helper()
	w.clock.Skip(50 * time.Minute) // longer than any pause, shorter than until the next alarm
}

// A card that Slack refuses for good when it is posted: nobody was asked, and who
// asked is told why and what to do. The operator is told of what is theirs.
func TestCardRefusedForGoodIsTold(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds")
	rows := []struct {
		code, says string
		operator   bool
	}{
		{"not_in_channel", "not a member", false},
		{"channel_not_found", "cannot find the channel", false},
		{"is_archived", "is archived", false},
		{"restricted_action", "Slack refused the card", true},
		{"restricted_action_read_only_channel", "Slack refused the card", true},
		{"invalid_blocks", "Slack refused the card", true},
		{"msg_blocks_too_long", "Slack refused the card", true},
		{"msg_too_long", "Slack refused the card", true},
		{"no_text", "Slack refused the card", true},
	}
	for _, row := range rows {
		t.Run(row.code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ops := w.withOps()
			w.Inject(slacksim.Fault{Method: "chat.postMessage", Match: w.toChannel(), Count: -1, Answer: slacksim.ErrorCode(row.code)})
			w.start()
			w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
			w.ExpectPrivate(w.rita, row.says)
			if row.operator {
				w.Channel(ops).ExpectMessage("does not take the card", row.code)
			}
			w.quiet()
			if r := w.requests()[0]; r.State != request.Rejected {
				t.Errorf("the request is %s, want rejected", r.State)
			}
			posts := 0
			for _, c := range w.Calls("chat.postMessage") {
				if w.toChannel()(c) {
					posts++
				}
			}
			if posts != 1 {
				t.Errorf("it was posted %d times, want once", posts)
			}
		})
	}
}

// lasting are the refusals of chat.update after which the message still is the
// card.
var lasting = []string{
	"not_in_channel", "channel_not_found", "is_archived", "msg_too_long", "invalid_blocks", "edit_window_closed", "restricted_action", "is_inactive",
}

// A card that Slack refuses to change after it was posted: the decision counts all
// the same, who asked and the operator are told, and the card is painted as soon
// as Slack takes it.
func TestRepaintRefusedForGoodHoldsNothingUp(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds")
	for _, code := range lasting {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ops := w.withOps()
			w.start()
			card := w.ask()
			mend := w.Inject(slacksim.Fault{Method: "chat.update", Count: -1, Answer: slacksim.ErrorCode(code)})
			card.Click(w.anna, "Approve")
			w.ExpectDM(w.rita, "Deactivated: ")
			w.Channel(ops).ExpectMessage("does not take the card", code)
			w.poll("it is tried again", func() bool { return w.failedPaints() >= 2 })
			mend()
			w.skipUntilPainted()
			card.ExpectText("Confirmed in Workfront").ExpectButtons("Request reactivation")
			w.quiet()
			if n := w.puts(); n != 1 {
				t.Errorf("%d writes were sent, want 1", n)
			}
		})
	}
}

// A card that never gets its buttons for two days is given up; the operator is
// told, and who asked hears that the request has expired.
func TestCardWithoutButtonsExpires(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "waits for many retries")
	w := newWorld(t)
	ops := w.withOps()
	mend := w.Inject(slacksim.Fault{Method: "chat.update", Count: -1, Answer: slacksim.ErrorCode("invalid_blocks")})
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	card := w.Channel(w.channel).ExpectMessage("Jane Doe")
	w.Channel(ops).ExpectMessage("invalid_blocks")
	failures := 0
	for range 10 { // 50 hours
		w.poll("it is tried again", func() bool { return w.failedPaints() > failures })
		failures = w.failedPaints()
		w.clock.Skip(5 * time.Hour)
	}
	w.poll("it is given up", func() bool { return w.cards()[0].PaintRetry.GivenUp() })
	w.settle()
	mend()
	w.clock.Skip(24 * time.Hour)
	w.ExpectDM(w.rita, "Expired with", "Nothing was changed")
	card.ExpectText("Expired").ExpectButtons()
	w.settle()
	w.check(true)
	if r := w.requests()[0]; r.State != request.Expired || !w.active() {
		t.Errorf("the request is %s, jane active: %v", r.State, w.active())
	}
	w.stop()    // with what it was still telling
	w.Forgive() // what the operator was told meanwhile, once an hour at most
}

// A form that cannot be opened is said, whatever the reason; the next press works.
func TestDenyFormThatCannotBeOpenedIsSaid(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds")
	answers := map[string]slacksim.Answer{
		"429": slacksim.RateLimited(1), "500": slacksim.Status(500), "a page": slacksim.HTML(200), "a hang": slacksim.Hang(),
		"a reset connection": slacksim.Reset(), "no code": slacksim.NoErrorCode(), "half an answer": slacksim.Truncated(),
	}
	for _, code := range []string{"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "invalid_blocks", "view_too_large", "internal_error"} {
		answers[code] = slacksim.ErrorCode(code)
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.config.SlackTimeout = time.Second
			w.start()
			card := w.ask()
			w.Inject(slacksim.Fault{Method: "views.open", Answer: answer})
			card.Click(w.anna, "Deny")
			w.ExpectPrivate(w.anna, "could not open the form in time")
			card.ExpectButtons("Approve", "Deny", "Cancel request")
			w.opens(card, w.anna, "Deny")
			w.ExpectModal(w.anna, "Deny").Submit(nil)
			w.ExpectDM(w.rita, "Denied by")
			card.ExpectText("Denied").ExpectButtons()
			w.quiet()
			if n := w.puts(); n != 0 {
				t.Errorf("%d writes were sent", n)
			}
		})
	}
}

// Without the response_url the answer goes by an ephemeral message, and without
// that by direct message, whatever Slack refuses the others with.
func TestPrivateAnswersFindTheirWay(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"channel_not_found", "user_not_in_channel", "not_in_channel", "is_archived", "msg_too_long", "internal_error"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Inject(slacksim.Fault{Method: "response_url", Count: -1, Answer: slacksim.Status(404)})
			w.Inject(slacksim.Fault{Method: "chat.postEphemeral", Count: -1, Answer: slacksim.ErrorCode(code)})
			w.start()
			w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
			card := w.Channel(w.channel).ExpectMessage("Jane Doe")
			w.ExpectDM(w.rita, "Sent to")
			card.Click(w.mark, "Approve")
			w.ExpectDM(w.mark, "not an approver")
			card.ExpectText("0 of 1").ExpectButtons("Approve", "Deny", "Cancel request")
			w.quiet()
		})
	}
}
