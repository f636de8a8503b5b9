package card

import "fmt"

// Operator is a message to the people who run wfbot, as mrkdwn to be sent
// unescaped. format is in our own words. Texts and errors among args are shown as
// they stand and do nothing, like all text from outside: they may be Workfront's,
// Slack's or a database's.
func Operator(format string, args ...any) string {
	safe := make([]any, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			safe[i] = literal(arg, "nothing", 400)
		case error:
			safe[i] = literal(arg.Error(), "nothing", 400)
		default:
			safe[i] = arg
		}
	}
	return fmt.Sprintf(escaper.Replace(format), safe...)
}
