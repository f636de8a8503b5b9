package render

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var dateToken = regexp.MustCompile(`\{[a-z_]+\}`)

// date writes <!date^seconds^format^link|fallback>: the format with its tokens
// replaced, in the viewer's time zone and in British form.
func (w *writer) date(arguments, fallback string) {
	parts := strings.SplitN(arguments, "^", 3)
	seconds, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || len(parts) < 2 {
		w.text(fallback)
		return
	}
	at := time.Unix(seconds, 0).In(w.viewer.location())
	known := true
	words := dateToken.ReplaceAllStringFunc(unescape(parts[1]), func(token string) string {
		word, ok := w.viewer.dateWord(token, at)
		known = known && ok
		return word
	})
	if !known {
		words = fallback
	}
	w.out.WriteString(`<time datetime="` + at.Format(time.RFC3339) + `" title="` + at.Format("Monday, 2 January 2006, 15:04:05 MST") + `">`)
	if len(parts) == 3 {
		w.link(unescape(parts[2]), words)
	} else {
		w.text(words)
	}
	w.out.WriteString("</time>")
}

// dateWord returns what a token of a date format stands for.
func (v Viewer) dateWord(token string, at time.Time) (word string, ok bool) {
	name := strings.Trim(token, "{}")
	if plain, pretty := strings.CutSuffix(name, "_pretty"); pretty {
		if word := v.nearby(at); word != "" {
			return word, true
		}
		name = plain
	}
	layouts := map[string]string{
		"date_num": "2006-01-02", "date_slash": "02/01/2006", "date": "2 January 2006", "date_short": "2 Jan 2006",
		"date_long": "Monday, 2 January 2006", "day_divider": "Monday, 2 January", "time": "15:04", "time_secs": "15:04:05",
	}
	if name == "ago" {
		return ago(v.Now.Sub(at)), true
	}
	layout, ok := layouts[name]
	return at.Format(layout), ok
}

// nearby is the word for days around the viewer's own.
func (v Viewer) nearby(at time.Time) string {
	now := v.Now.In(v.location())
	for word, days := range map[string]int{"yesterday": -1, "today": 0, "tomorrow": 1} {
		if at.Format(time.DateOnly) == now.AddDate(0, 0, days).Format(time.DateOnly) {
			return word
		}
	}
	return ""
}

func (v Viewer) location() *time.Location {
	if v.Location == nil {
		return time.UTC
	}
	return v.Location
}

// ago is a distance in time in words.
func ago(d time.Duration) string {
	later := d < 0
	d = d.Abs()
	words := "less than a minute"
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int64(d / unit.length); n > 0 {
			words = strconv.FormatInt(n, 10) + " " + unit.name
			if n > 1 {
				words += "s"
			}
			break
		}
	}
	if later {
		return "in " + words
	}
	return words + " ago"
}
