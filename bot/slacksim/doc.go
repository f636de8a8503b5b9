// Package slacksim is a strict, stateful simulator of Slack: one workspace with
// one installed app that talks to it through the Web API and Socket Mode, as it
// would to the real one. It is for tests, for crash tests where the app is another
// process, and for a sandbox where a person plays everybody. Its own tests use it through
// slack-go, @slack/web-api and @slack/bolt.
//
// # Use
//
//	s := slacksim.New(slacksim.Config{})
//	base, err := s.Start("127.0.0.1:0") // or mount s as an http.Handler and call SetURL
//	defer s.Close()
//	jane := s.AddUser(slacksim.User{Name: "jane", Email: "jane@acme.com"})
//	it := s.AddChannel(slacksim.Channel{Name: "it", Members: []string{jane.ID, s.BotUserID()}})
//	// … start the app with s.APIURL(), s.AppToken() and s.BotToken() …
//	reply, err := s.Command(jane.ID, it.ID, "/wf-deactivate sam@acme.com left")
//	ts := s.Messages(it.ID)[0].TS
//	reply, err = s.Click(jane.ID, it.ID, ts, slacksim.Button{Text: "Cancel"})
//
// The app's bot user exists from the start but is in no channel: list it among a
// channel's members. Drivers (Command, Click, Select, Submit, Shortcut, …) do what a
// Slack client does for a person; they return at the acknowledgement or at its
// deadline, with what the person saw. Their error means that a Slack client would
// not have sent anything: the person is not in the channel, the button is not
// there, a confirm dialog was not answered, a required input is empty. Wait for
// what the app does later with WaitFor or Changed, never with a sleep. Package
// story wraps all this for tests that read like a story.
//
// # What is simulated
//
//   - Web API: auth.test, apps.connections.open, bots.info; chat.postMessage, update,
//     delete, postEphemeral and getPermalink; conversations.open, info, list and members;
//     users.info and lookupByEmail; usergroups.list and users.list; views.open, push,
//     update and publish; unknown_method for all others. Arguments as a form, multipart or JSON; tokens by kind, in the header or in a
//     form; scopes with missing_scope{needed, provided} and X-OAuth-Scopes; errors as
//     ok:false at HTTP 200; 429 with Retry-After if Config.RateLimits is set.
//   - Block Kit: every limit, type and unknown member is checked; refusals carry JSON
//     pointers in response_metadata.messages. Missing block_id, action_id, emoji and
//     verbatim are filled in as Slack does. Lengths count characters, not bytes.
//   - Messages: chat.update for the app's own messages, text without blocks taking the
//     blocks away; ephemeral ones for one person, gone on Reload; threads; deletion by
//     people. Text is stored as sent: links and emoji are not rewritten.
//   - Every element but rich_text_input and file_input can be used in messages, modals
//     and the Home tab, with its confirm dialog; what a person entered is in
//     state.values until block or element get another id. Menus of people and
//     conversations list what a client would, as their filter says.
//   - response_url (5 uses, 30 min) and trigger_id (once, 3 s), modals with their stack
//     and responses, the Home tab, shortcuts.
//   - Socket Mode: one-use tickets, hello, pings, at most 10 connections, each envelope
//     on any one of them, 3 s for the acknowledgement and what the person sees without
//     it, redelivered events, disconnect messages. Acknowledgements of 20480 bytes or
//     more and those sent in fragments are ignored, as Slack does.
//   - People: members, guests, bots, deactivated, external and other-workspace ones,
//     user groups, private and archived channels, those shared with another organisation
//     and those to which one is invited. External people see and press buttons in channels
//     that are shared, but cannot run commands.
//
// # Faults
//
// Inject replaces answers, with or without the call being applied. Observe and
// ObserveEnvelopes call back at every phase of a call or envelope, so that a test
// can kill the app right there; an observer at Arrived that also calls DropCall
// makes a call that never reached Slack. SetSocketMode, Disconnect,
// DropConnections, HoldDeliveries, Redeliver, Rewrite and SendRaw do the same for
// Socket Mode. RevokeTokens ends the app's access.
//
// # What is unknown, and what is left out
//
// Where nobody outside Slack knows what it does, Config.Unknown has a field, or
// the comment at the code says what was chosen. Left out are: attachments (taken
// and dropped), files, reactions, message events, block_suggestion (so nothing can
// be chosen from an external_select), rich_text_input, file_input, the block types
// named in blockkit.go, invitations, OAuth, several apps or workspaces at once.
package slacksim
