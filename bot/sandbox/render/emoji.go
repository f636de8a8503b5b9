package render

import (
	"html/template"
	"regexp"
	"strings"
)

var emojiName = regexp.MustCompile(`^:[a-z0-9_+-]+:`)

// emojis are the few that bots like to use. Others are shown by name.
var emojis = map[string]string{
	"+1": "👍", "-1": "👎", "thumbsup": "👍", "thumbsdown": "👎", "ok_hand": "👌", "wave": "👋", "eyes": "👀",
	"white_check_mark": "✅", "heavy_check_mark": "✔️", "x": "❌", "no_entry": "⛔", "no_entry_sign": "🚫",
	"warning": "⚠️", "rotating_light": "🚨", "exclamation": "❗", "question": "❓", "information_source": "ℹ️",
	"hourglass": "⌛", "hourglass_flowing_sand": "⏳", "alarm_clock": "⏰", "clock3": "🕒", "calendar": "📅",
	"lock": "🔒", "unlock": "🔓", "key": "🔑", "shield": "🛡️", "bell": "🔔", "no_bell": "🔕", "mag": "🔍",
	"bust_in_silhouette": "👤", "busts_in_silhouette": "👥", "robot_face": "🤖", "memo": "📝", "clipboard": "📋",
	"arrow_right": "➡️", "repeat": "🔁", "tada": "🎉", "smile": "😄", "pray": "🙏", "rocket": "🚀", "construction": "🚧",
}

// writeEmoji writes the emoji that s begins with by name and returns the name's
// length, 0 if there is none.
func writeEmoji(out *strings.Builder, s string) int {
	name := emojiName.FindString(s)
	picture, ok := emojis[strings.Trim(name, ":")]
	if !ok {
		return 0
	}
	label := strings.ReplaceAll(strings.Trim(name, ":"), "_", " ")
	out.WriteString(`<span role="img" aria-label="` + template.HTMLEscapeString(label) + `">` + picture + `</span>`)
	return len(name)
}
