package render_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"wfbot/bot/sandbox/render"
)

// noon is when the viewer looks, in London.
var noon = time.Date(2026, 7, 15, 11, 0, 0, 0, time.UTC)

func viewer(t testing.TB) render.Viewer {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	names := func(known map[string]string) func(string) (string, bool) {
		return func(id string) (string, bool) {
			name, ok := known[id]
			return name, ok
		}
	}
	return render.Viewer{
		ID: "U1", Location: london, Now: noon,
		User:    names(map[string]string{"U1": "Ann Lee", "U2": `Bob <b>&"`}),
		Group:   names(map[string]string{"S1": "it-managers"}),
		Channel: names(map[string]string{"C1": "it-offboarding"}),
		Link: names(map[string]string{
			"https://acme.slack.com/archives/C1/p1": "/?in=C1&as=U1",
			"https://acme.slack.com/evil":           "//evil.example.com",
		}),
	}
}

func TestMrkdwn(t *testing.T) {
	t.Parallel()
	const away = ` target="_blank" rel="noopener noreferrer"`
	tests := []struct{ why, text, want string }{
		{"words", "left the company", "left the company"},
		{"entities are shown, not read", "&lt;b&gt; &amp; R&amp;D", "&lt;b&gt; &amp; R&amp;D"},
		{"an entity that Slack does not know is text", "&quot;&nbsp;&#60;", "&amp;quot;&amp;nbsp;&amp;#60;"},
		{"twice escaped stays once escaped", "&amp;lt;b&amp;gt;", "&amp;lt;b&amp;gt;"},
		{"quotation marks", `"a" 'b'`, "&#34;a&#34; &#39;b&#39;"},
		{"line breaks", "a\nb", "a<br>b"},
		{"styles", "*bold* _italic_ ~struck~", "<strong>bold</strong> <em>italic</em> <s>struck</s>"},
		{"styles in each other", "*bold _both_*", "<strong>bold <em>both</em></strong>"},
		{"punctuation around", "(*bold*), *more*.", "(<strong>bold</strong>), <strong>more</strong>."},
		{"inside a word nothing is a mark", "snake_case_name 2*3*4", "snake_case_name 2*3*4"},
		{"spaces within", "* no * _ no _", "* no * _ no _"},
		{"not closed", "*open", "*open"},
		{"empty", "** __ ~~", "** __ ~~"},
		{"a mark inside a link does not close", "*see <https://a.example.com/*|it>*", `<strong>see <a href="https://a.example.com/*"` + away + `>it</a></strong>`},
		{"code", "`a*b* :x: <@U1>`", `<code>a*b* :x: <span class="mention own">@Ann Lee</span></code>`},
		{"code with tags in it", "`&lt;script&gt;<script>`", `<code>&lt;script&gt;script</code>`},
		{"block of code", "see\n```a\n*b*```\nend", "see<pre><code>a<br>*b*</code></pre>end"},
		{"block not closed", "```a", "```a"},
		{"quotation", "&gt; one\n> two\nthree", "<blockquote>one<br>two</blockquote>three"},
		{"mention of the viewer", "<@U1>", `<span class="mention own">@Ann Lee</span>`},
		{"mention of a name with tags", "<@U2>", `<span class="mention">@Bob &lt;b&gt;&amp;&#34;</span>`},
		{"mention of nobody", "<@U9|joe>, <@U9>", `<span class="mention">@joe</span>, <span class="mention">@U9</span>`},
		{"channel", "<#C1|> <#C1>", `<span class="mention">#it-offboarding</span> <span class="mention">#it-offboarding</span>`},
		{"group", "<!subteam^S1|@x>", `<span class="mention">@it-managers</span>`},
		{"everybody", "<!here> <!channel>", `<span class="mention own">@here</span> <span class="mention own">@channel</span>`},
		{"unknown special form", "<!foo|bar> <!foo>", "bar &lt;!foo&gt;"},
		{"link", "<https://a.example.com/?x=1&amp;y=2|A &lt;b&gt;>", `<a href="https://a.example.com/?x=1&amp;y=2"` + away + `>A &lt;b&gt;</a>`},
		{"link without label", "<https://a.example.com>", `<a href="https://a.example.com"` + away + `>https://a.example.com</a>`},
		{"mail", "<mailto:jane@acme.com|jane@acme.com>", `<a href="mailto:jane@acme.com"` + away + `>jane@acme.com</a>`},
		{"link to the page itself", "<https://acme.slack.com/archives/C1/p1|the card>", `<a href="/?in=C1&amp;as=U1">the card</a>`},
		{"the page is not another host", "<https://acme.slack.com/evil|x>", `<a href="https://acme.slack.com/evil"` + away + `>x</a>`},
		{"script address", "<javascript:alert(1)|press me>", "press me"},
		{"data address", "<data:text/html,x|y> <//a.example.com|z>", "y z"},
		{"attribute in an address", `<https://a.example.com/"onclick="x|y>`, `<a href="https://a.example.com/&#34;onclick=&#34;x"` + away + `>y</a>`},
		{"tags are text", "<script>alert(1)</script> <img src=x onerror=y>", "scriptalert(1)/script &lt;img src=x onerror=y&gt;"},
		{"bare address", "see https://a.example.com/x.", `see <a href="https://a.example.com/x"` + away + `>https://a.example.com/x</a>.`},
		{"bare e-mail", "ask jane@acme.com", `ask <a href="mailto:jane@acme.com"` + away + `>jane@acme.com</a>`},
		{"emoji", ":warning: :nosuch: 12:30:45", `<span role="img" aria-label="warning">⚠️</span> :nosuch: 12:30:45`},
		{"half a control form", "a < b", "a &lt; b"},
		{"empty control forms", "<> <|x>", "&lt;&gt; &lt;|x&gt;"},
		{"not UTF-8", "a\xffb", "a\uFFFDb"},
	}
	v := viewer(t)
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			got := string(v.Mrkdwn(test.text, true))
			if got != test.want {
				t.Errorf("Mrkdwn(%q)\n got %s\nwant %s", test.text, got, test.want)
			}
			harmless(t, got)
		})
	}
}

func TestMrkdwnVerbatim(t *testing.T) {
	t.Parallel()
	const text = "see https://a.example.com or jane@acme.com"
	if got := string(viewer(t).Mrkdwn(text, false)); got != text {
		t.Errorf("a verbatim text was changed: %s", got)
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	const at = "1784109600" // 2026-07-15 10:00 UTC, 11:00 in London
	tests := []struct{ why, form, want string }{
		{"today in the viewer's zone", "<!date^" + at + "^{date_short_pretty} at {time}|fallback>", "today at 11:00"},
		{"day before", "<!date^1784023200^{date_short_pretty}|f>", "yesterday"},
		{"day after", "<!date^1784196000^{date_pretty}|f>", "tomorrow"},
		{"another day", "<!date^1767225600^{date_short_pretty} {time}|f>", "1 Jan 2026 00:00"},
		{"long", "<!date^" + at + "^{date_long} {time_secs}|f>", "Wednesday, 15 July 2026 11:00:00"},
		{"numbers", "<!date^" + at + "^{date_num}|f>", "2026-07-15"},
		{"distance", "<!date^" + at + "^{ago}|f>", "1 hour ago"},
		{"unknown token: the fallback", "<!date^" + at + "^{century}|the fallback>", "the fallback"},
		{"words with tags", "<!date^" + at + "^&lt;b&gt; {time}|f>", "&lt;b&gt; 11:00"},
		{"link", "<!date^" + at + "^{time}^https://a.example.com|f>", `<a href="https://a.example.com" target="_blank" rel="noopener noreferrer">11:00</a>`},
	}
	v := viewer(t)
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			got := string(v.Mrkdwn(test.form, false))
			if !strings.HasPrefix(got, `<time datetime="`) || !strings.HasSuffix(got, ">"+test.want+"</time>") {
				t.Errorf("got %s, want a time that says %s", got, test.want)
			}
			harmless(t, got)
		})
	}
	for _, broken := range []string{"<!date^soon^{time}|the fallback>", "<!date^17|the fallback>", "<!date|the fallback>"} {
		if got := string(v.Mrkdwn(broken, false)); got != "the fallback" {
			t.Errorf("%s became %s, want its fallback", broken, got)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why, text string
		emoji     bool
		want      string
	}{
		{"markup is text", "*a* <@U1> &lt;b&gt; `c`", true, "*a* &lt;@U1&gt; &amp;lt;b&amp;gt; `c`"},
		{"emoji on", "done :tada:", true, `done <span role="img" aria-label="tada">🎉</span>`},
		{"emoji off", "done :tada:", false, "done :tada:"},
		{"lines", "a\nb", false, "a<br>b"},
		{"tags", `<img src=x onerror="y">`, true, "&lt;img src=x onerror=&#34;y&#34;&gt;"},
	}
	for _, test := range tests {
		if got := string(render.Plain(test.text, test.emoji)); got != test.want {
			t.Errorf("%s: Plain(%q) = %s, want %s", test.why, test.text, got, test.want)
		}
	}
}

// ours matches every tag that the renderer writes.
var ours = regexp.MustCompile(`<(/?(strong|em|s|code|pre|blockquote|span|time|a)|br)>` +
	`|<span class="mention( own)?">|<span role="img" aria-label="[a-z0-9 +-]+">` +
	`|<time datetime="[^"<>]*" title="[^"<>]*">` +
	`|<a href="(https?://|mailto:|/[^/])[^"<>]*"( target="_blank" rel="noopener noreferrer")?>`)

// harmless fails if anything but our own tags could be read as HTML.
func harmless(t *testing.T, html string) {
	t.Helper()
	if rest := ours.ReplaceAllString(html, ""); strings.ContainsAny(rest, `<>"'`) {
		t.Errorf("%q holds HTML that is not ours: %q", html, rest)
	}
	for _, name := range []string{"strong", "em", "s", "code", "pre", "blockquote", "span", "time", "a"} {
		opened := len(regexp.MustCompile(`<`+name+`[ >]`).FindAllString(html, -1))
		if closed := strings.Count(html, "</"+name+">"); opened != closed {
			t.Errorf("%q opens <%s> %d times and closes it %d times", html, name, opened, closed)
		}
	}
}

// The work grows with the length of a text, not with its square.
func TestMrkdwnLong(t *testing.T) {
	t.Parallel()
	v := viewer(t)
	for _, part := range []string{"*_", "_*", "*a ", "`<", "*a* ", "<@U1>", "``` ", "&gt;\n", "~`~"} {
		got := string(v.Mrkdwn(strings.Repeat(part, 8000/len(part)), true))
		harmless(t, got)
	}
}

func FuzzMrkdwn(f *testing.F) {
	for _, seed := range []string{
		"*a _b_* <@U1> `c` ```d``` &gt; e", "<!date^1784109600^{time}^javascript:x|y>", "<https://a.example.com|*b*>",
		`<a href="x">`, "*<`*`>*", "_*_*_*", ":x::y:", "<!subteam^\"|'>", "&amp;lt;", "https://a.example.com/\"'&lt;", "~`~`~",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v := viewer(t)
		harmless(t, string(v.Mrkdwn(text, true)))
		harmless(t, string(v.Mrkdwn(text, false)))
		harmless(t, string(render.Plain(text, true)))
	})
}
