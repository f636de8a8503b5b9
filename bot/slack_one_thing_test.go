package bot_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"wfbot/bot/bottest/machine"
	"wfbot/bot/request"
	"wfbot/bot/slacksim"
)

// A command typed in a direct message or a group one, with the bot in it or
// without, is refused privately. It ends the program neither now nor when it starts
// again, and everybody else's work goes on.
func TestCommandInADirectMessageIsRefused(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name  string
		where func(*world) slacksim.Channel
	}{
		{"with the bot", func(w *world) slacksim.Channel {
			return slacksim.Channel{IM: true, Members: []string{w.rita, w.BotUserID()}}
		}},
		{"with a colleague", func(w *world) slacksim.Channel {
			return slacksim.Channel{IM: true, Members: []string{w.rita, w.anna}}
		}},
		{"with the bot and a colleague", func(w *world) slacksim.Channel {
			return slacksim.Channel{MPIM: true, Members: []string{w.rita, w.anna, w.BotUserID()}}
		}},
		{"with an old id, the bot and two colleagues", func(w *world) slacksim.Channel {
			return slacksim.Channel{ID: "G0GROUP", MPIM: true, Members: []string{w.rita, w.anna, w.mark, w.BotUserID()}}
		}},
	}
	for _, row := range rows {
		for _, first := range []bool{false, true} {
			t.Run(row.name, func(t *testing.T) {
				t.Parallel()
				w := newWorldWith(t, slacksim.Config{Unknown: slacksim.Unknown{ScopeFirst: first}})
				where := w.AddChannel(row.where(w)).ID
				w.start()
				w.As(w.rita).Types(where, "/wf-deactivate jane@acme.com left")
				w.ExpectPrivate(w.rita, "direct messages")
				w.stop()
				w.start()
				w.ask()
				w.quiet()
			})
		}
	}
}

// Of a group direct message without the bot, Slack may say that there is a scope
// missing or that there is nothing: neither ends the program.
func TestCommandInAGroupWithoutTheBot(t *testing.T) {
	t.Parallel()
	for says, first := range map[string]bool{"invite me": false, "direct messages": true} {
		w := newWorldWith(t, slacksim.Config{Unknown: slacksim.Unknown{ScopeFirst: first}})
		where := w.AddChannel(slacksim.Channel{MPIM: true, Members: []string{w.rita, w.anna, w.mark}}).ID
		w.start()
		w.As(w.rita).Types(where, "/wf-deactivate jane@acme.com left")
		w.ExpectPrivate(w.rita, says)
		w.quiet()
	}
}

// A channel of the configuration that is no place for cards is the operator's to
// change, so they are told as well.
func TestConfiguredChannelThatIsAGroupIsTheOperators(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.withOps()
	w.config.Channel = w.AddChannel(slacksim.Channel{MPIM: true, Members: []string{w.rita, w.anna, w.BotUserID()}}).ID
	w.start()
	w.As(w.rita).Types(w.channel, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "direct messages")
	w.Channel(ops).ExpectMessage("WFBOT_CHANNEL", w.config.Channel)
	w.quiet()
}

// wrongToken are the codes that may be about the token, and, unless auth.test says
// so too, are about the one thing that was asked for.
var wrongToken = []string{
	"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type",
	"missing_scope", "no_permission", "team_access_not_granted", "org_login_required", "access_denied",
}

// oneThing is a call about one person, channel, group or message.
type oneThing struct {
	method  string
	match   func(*world, slacksim.Call) bool
	do      func(*world) // somebody does what needs the call
	forgets bool         // what fails needs nobody to be told
}

var oneThings = map[string]oneThing{
	"a person": {"users.info", func(w *world, c slacksim.Call) bool { return c.Args["user"] == w.mark }, func(w *world) {
		w.As(w.mark).Types(w.channel, "/wf-deactivate jane@acme.com left")
	}, false},
	"a channel": {"conversations.info", func(w *world, c slacksim.Call) bool { return c.Args["channel"] == w.secretRoom }, func(w *world) {
		w.As(w.rita).Types(w.secretRoom, "/wf-deactivate jane@acme.com left")
	}, false},
	"a place for cards": {"chat.postMessage", func(w *world, c slacksim.Call) bool { return c.Args["channel"] == w.shared }, func(w *world) {
		w.UpdateChannel(w.shared, func(c *slacksim.Channel) { c.ExternallyShared = false })
		w.As(w.rita).Types(w.shared, "/wf-deactivate joe@acme.com left")
	}, false},
	"a Home tab": {"views.publish", func(*world, slacksim.Call) bool { return true }, func(w *world) { w.As(w.anna).OpensHome() }, false},
	"a form": {"views.open", func(*world, slacksim.Call) bool { return true }, func(w *world) {
		w.As(w.rita).Types(w.channel, "/wf-deactivate")
	}, false},
	"a private message": {"chat.postEphemeral", func(*world, slacksim.Call) bool { return true }, func(w *world) {
		w.Inject(slacksim.Fault{Method: "response_url", Answer: slacksim.Status(404)})
		w.As(w.mark).Types(w.channel, "/wf-deactivate jane@acme.com left")
	}, true},
}

// Whatever Slack answers about one thing, the program goes on, also when it starts
// again; the operator is told, and everybody else is served.
func TestNoAnswerAboutOneThingEndsTheProgram(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds")
	for i, what := range slices.Sorted(maps.Keys(oneThings)) {
		thing := oneThings[what]
		for k, code := range wrongToken {
			if !machine.Pair(i, k) {
				continue
			}
			t.Run(what+"/"+code, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				ops := w.withOps()
				w.workfront.AddUser(joe)
				w.start()
				answer := slacksim.ErrorCode(code)
				if code == "missing_scope" {
					answer = slacksim.MissingScope("users:read")
				}
				w.Inject(slacksim.Fault{Method: thing.method, Match: func(c slacksim.Call) bool { return thing.match(w, c) }, Count: -1, Answer: answer})
				thing.do(w)
				met := func() bool {
					return slices.ContainsFunc(w.Calls(thing.method), func(c slacksim.Call) bool { return c.Faulted && !c.AnsweredAt.IsZero() })
				}
				w.poll("the refusal was met", met)
				passes := code == "org_login_required"
				if place := code == "no_permission"; !thing.forgets && !passes && !place {
					w.Channel(ops).ExpectMessage(code)
				}
				w.stop() // which fails the test unless the program has gone on until now
				w.start()
				card := w.ask()
				card.Click(w.anna, "Approve")
				w.ExpectDM(w.rita, "Deactivated: ")
				w.clock.Skip(31 * time.Second)
				w.settleExceptRetries()
				w.Forgive()
			})
		}
	}
}

// The token is confirmed to be dead: the program ends and says which variable or
// scope it is, as at the start.
func TestWhatIsTakenAwayWhileRunningIsNamed(t *testing.T) {
	t.Parallel()
	machine.Slow(t, "many worlds")
	without := func(scope string) func(*world) {
		return func(w *world) {
			w.SetBotScopes(slices.DeleteFunc(slacksim.DefaultBotScopes(), func(s string) bool { return s == scope })...)
		}
	}
	rows := []struct {
		name  string
		take  func(*world)
		names string
	}{
		{"the token", (*world).RevokeTokens, "SLACK_BOT_TOKEN"},
		{"users:read", without("users:read"), "users:read"},
		{"groups:read", without("groups:read"), "groups:read"},
		{"chat:write", without("chat:write"), "chat:write"},
		{"usergroups:read", without("usergroups:read"), "usergroups:read"},
		{"users:read.email", without("users:read.email"), "users:read.email"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			st, ended, end := w.launch()
			w.st = st
			card := w.ask()
			w.settle()
			w.clock.Skip(2 * time.Minute)
			row.take(w)
			w.workfront.AddUser(joe)
			_, _ = w.Command(w.rita, w.channel, "/wf-deactivate joe@acme.com left") // may come too late
			button := card.Button("Approve")
			button.Answer = button.Confirm.Confirm
			_, _ = w.Click(w.otto, card.ChannelID(), card.TS(), button) // may come too late
			var err error
			w.poll("Run has ended", func() bool {
				select {
				case err = <-ended:
					return true
				default:
					return false
				}
			})
			if err == nil || !strings.Contains(err.Error(), row.names) {
				t.Errorf("Run returned %v, want an error that names %s", err, row.names)
			}
			end()
			w.Forgive()
		})
	}
}

// Whether the token is dead cannot be found out: nothing ends before it can.
func TestUnconfirmedRefusalIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	card := w.ask()
	w.settle()
	silent := w.Inject(slacksim.Fault{Method: "auth.test", Count: -1, Answer: slacksim.HTML(503)})
	refused := w.Inject(slacksim.Fault{Method: "chat.update", Count: -1, Answer: slacksim.ErrorCode("token_revoked")})
	card.Click(w.anna, "Approve")
	w.poll("it was not confirmed", func() bool {
		return slices.ContainsFunc(w.Calls("auth.test"), func(c slacksim.Call) bool { return c.Faulted })
	})
	w.ExpectDM(w.rita, "Deactivated: ")
	refused()
	silent()
	w.clock.Skip(time.Minute)
	card.ExpectButtons("Request reactivation")
	w.quiet()
	if r := w.requests()[0]; r.State != request.Done {
		t.Errorf("the request is %s, want done", r.State)
	}
}

// However many calls are refused at once, Slack is asked about the token once in a
// few seconds.
func TestConfirmationsAreFew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	asked := len(w.Calls("auth.test"))
	w.Inject(slacksim.Fault{Method: "users.info", Count: -1, Answer: slacksim.ErrorCode("token_revoked")})
	for _, who := range []string{w.rita, w.anna, w.otto, w.mark, w.jane} {
		w.As(who).Types(w.channel, "/wf-deactivate jane@acme.com left")
	}
	w.poll("all were met", func() bool { return strings.Count(w.log.String(), "cannot be judged yet") >= 5 })
	if n := len(w.Calls("auth.test")) - asked; n == 0 || n > 3 {
		t.Errorf("auth.test was asked %d times about 5 refusals, want 1 to 3", n)
	}
	w.clock.Skip(31 * time.Second)
	w.settleExceptRetries()
	w.Forgive()
}

// A group direct message that becomes a private channel gets another id: what stood
// in it is refused and told, and nothing hangs. A channel that is made private keeps
// its id, and its card.
func TestConvertedChannels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.UpdateChannel(w.channel, func(c *slacksim.Channel) { c.Private = false })
	group := w.AddChannel(slacksim.Channel{MPIM: true, Members: []string{w.rita, w.anna, w.BotUserID()}}).ID
	w.start()
	w.As(w.rita).Types(group, "/wf-deactivate jane@acme.com left")
	w.ExpectPrivate(w.rita, "direct messages")
	now := w.ConvertGroup(group, "offboarding-old")
	card := w.ask()
	w.MakePrivate(w.channel)
	card.Click(w.anna, "Approve")
	card.ExpectButtons("Request reactivation")
	w.ExpectDM(w.rita, "Deactivated: ")
	w.workfront.AddUser(joe)
	w.As(w.rita).Types(now, "/wf-deactivate joe@acme.com left")
	w.Channel(now).ExpectMessage("Joe").ExpectButtons("Approve", "Deny", "Cancel request")
	w.ExpectPrivate(w.rita, "Sent to")
	w.quiet()
}
