// Package card turns a request into what people see in Slack: the card in the
// channel, the private sentences and lists, the Home tab, and the forms where people ask,
// and say why a request is denied or cancelled. Everything here is a pure function of its
// arguments: no network, no clock, no database. The same request always gives the same
// words, so that a card can be painted again at any time.
//
// # Where to put a new …
//
//   - state, or what is said of one anywhere: its row in state.go
//   - refusal: a row in refusal.go, with its long and its short sentence
//   - action: a row in action.go has all that differs between the actions
//   - button: buttons.go; input of the form that people ask in: request_form.go
//   - thing that somebody holds: a row in holdings.go; what is said of it to one reader: details.go
//
// A card has two drawings: one person in full, and several with a line each.
// Which of them is used is decided in card.go alone, for the message, the notice,
// the reminder and the decision form.
//
// # The card
//
// [Message] draws a request in every state. The first posting has no buttons;
// only the message that is then recorded on the request gets them ([View]). A
// button's value is the request's ID and nothing else: who may press it, and
// what it does, is decided from the database when the click arrives.
//
// The buttons of a card about several people name the card, and the people it shows that
// they apply to ([ParseValue]). If there are more than two buttons, the others are in a
// menu: its options name them ([Pressed]).
//
// A card never says more than is known. "Done" stands only on a request that
// Workfront was read back for; a write whose outcome is unknown is "not
// confirmed yet"; after a failure the card says whether anything was sent. What
// somebody holds is a sum with the largest counts, and what could not be counted by
// name; the rest is for one reader, in a modal ([DetailsModal]) or an answer ([Details]).
//
// # Text from outside
//
// Names, titles, e-mails, reasons, comments and Workfront's messages come from
// outside and must not be able to notify a channel, look like a link, a mention
// or a button, or change the look of our own words. Two rules see to that:
//
//   - In blocks they stand only in plain_text objects, with emoji off. Every
//     mrkdwn object is made of our own words, ids and dates.
//   - In sentences, and in the text that notifications and screen readers use,
//     they pass through one function (literal): the three control characters
//     are escaped, and whatever Slack could take for formatting is put into a
//     code span, since * _ ~ and the backtick cannot be escaped.
//
// The type markup keeps the two apart: outside text is a string, and the compiler
// refuses to add a string to markup. Everywhere, outside text is one line: control
// characters and line breaks become spaces, invisible ones are dropped, so that a name
// cannot imitate a line of the card. Text from right to left is isolated, so that it does
// not reorder the words around it.
//
// # Limits
//
// Slack refuses a message as a whole when one text is too long. Every piece of
// outside text and every list has a limit here, chosen so that the sum always
// fits. Lengths are counted in UTF-16 code units, the largest of the counts that
// Slack might use. What is cut ends in "…".
//
// # Dates
//
// Times are Slack's date tokens, which each reader sees in their own time zone,
// with UTC for clients that do not know them.
//
// Sources: https://docs.slack.dev/reference/block-kit and
// https://docs.slack.dev/messaging/formatting-message-text
package card
