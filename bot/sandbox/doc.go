// Package sandbox lets a person try wfbot without any account: it runs the real
// bot, with a database of its own, between a simulated Slack and a simulated
// Workfront, and serves a page where one person plays everybody who has to do with it.
//
// Nothing in the bot knows of the sandbox. What the page shows of a message is the
// Block Kit that the bot really sent over HTTP; what a person does on the page
// reaches the bot as an envelope on its WebSocket; the list of Workfront users is
// the simulated tenant's state; and the audit trail is read from the database.
//
// # The page
//
// Everything is drawn on the server. The address says who looks, and where:
// /?as=U0RITA&in=C0OFFBOARDING, with tab=home for the app's Home tab and request=… for
// the audit trail of one request. The page keeps a stream of server-sent events
// open: on it the server sends each region of the page again when its HTML changes; a
// small script puts in place what is not as it was. Actions are form posts.
//
// Every element of Block Kit that the simulated Slack takes can be used. Menus are
// drawn as lists that open, choices of several as boxes to tick, pickers as those
// of the browser; outside of a form each has a button that sends it, since a
// browser tells of every key on the way to a value.
//
// static/emoji.woff2 draws the emoji of cards where the machine has no font with
// them. It is Noto Emoji, cut down to the emoji that style.css lists; another emoji
// has to be added to both.
//
// # Faults
//
// What goes wrong in the two services can be switched on and off; see faults.go.
// They are faults of the simulators: the bot meets them as it would the real ones.
//
// # Services alone
//
// [Services] serves the two simulators, the people and the page without a bot, and
// prints the variables for one that is another process: what an operator does can be
// tried on it. What is wrong from the start can be chosen; see plants.go.
//
// # Who may use it
//
// Whoever can reach a loopback address of the machine: one person plays all, so
// there is nothing to log in to. Websites cannot: requests must name a loopback
// host, a post must come from the page itself and carry a token that the page
// holds, and no other site may frame it. The page asks no other host for
// anything.
//
// Simulators listen on loopback addresses of their own. The database lies in a
// temporary directory, which Run removes at the end.
package sandbox
