package render

import (
	"html/template"
	"strings"
	"time"
)

// Viewer is the person that something is drawn for: mentions and dates look different to
// everybody. The zero value sees ids and UTC.
type Viewer struct {
	ID       string         // Slack user id; mentions of it stand out
	Location *time.Location // nil: UTC
	Now      time.Time      // what "today" is

	// User, Group and Channel name what an id stands for: "Jane Doe",
	// "it-managers", "it-offboarding". ok is false, or the function nil, where
	// the viewer cannot know; the id is shown then.
	User    func(id string) (name string, ok bool)
	Group   func(id string) (handle string, ok bool)
	Channel func(id string) (name string, ok bool)

	// Link replaces the address of a link, such as that of a message in the
	// workspace, by one on the page, which begins with "/"; ok is false for all
	// others. Nil: no link is replaced.
	Link func(address string) (instead string, ok bool)

	// List returns what a menu of people or conversations offers, whose Block Kit
	// element it is given. Nil: nothing.
	List func(element map[string]any) []Option
	// State is state.values of the message or view that is drawn: what the viewer
	// has entered or chosen there. Nil: everything is as the app sent it.
	State map[string]any
}

func lookUp(find func(string) (string, bool), id, fallback string) string {
	if find != nil {
		if name, ok := find(id); ok {
			return name
		}
	}
	if fallback != "" {
		return fallback
	}
	return id
}

// Text draws a text object of either type.
func (v Viewer) Text(object map[string]any) template.HTML {
	text := str(object["text"])
	if object["type"] == "mrkdwn" {
		return v.Mrkdwn(text, object["verbatim"] != true)
	}
	return Plain(text, object["emoji"] == true)
}

// Plain draws plain text: nothing in it means anything but line breaks and, if
// emoji is set, emoji such as :tada:.
func Plain(text string, emoji bool) template.HTML {
	var out strings.Builder
	for i := 0; i < len(text); {
		if text[i] == ':' && emoji {
			if n := writeEmoji(&out, text[i:]); n > 0 {
				i += n
				continue
			}
		}
		i += writeRune(&out, text[i:])
	}
	return template.HTML(out.String()) // every part was escaped on its way in
}
