package request_test

import (
	"errors"
	"strings"
	"testing"

	"wfbot/bot/request"
)

// TestParseAddress reads addresses as keyboards, word processors and web pages
// write them.
func TestParseAddress(t *testing.T) {
	t.Parallel()
	const jane, obrien = "jane@acme.com", "o'brien@acme.com"
	for _, tt := range []struct{ why, text, want string }{
		{"plain", "jane@acme.com", jane},
		{"capitals", "Jane@ACME.Com", jane},
		{"spaces around it", " \u00a0jane@acme.com\t\n", jane},
		{"quotes that docker's --env-file keeps", `"jane@acme.com"`, jane},
		{"typographic quotes", "„jane@acme.com“", jane},
		{"an element of a JSON list", `["jane@acme.com"]`, jane},
		{"angle brackets", "<jane@acme.com>", jane},
		{"mailto", "MailTo:jane@acme.com", jane},
		{"mailto in quotes", `"mailto:jane@acme.com"`, jane},
		{"a list's semicolon", "jane@acme.com;", jane},
		{"tag", "jane+left@acme.com", "jane+left@acme.com"},
		{"an outside user of a directory", "jane_example.com#EXT#@acme.com", "jane_example.com#ext#@acme.com"},
		{"typographic apostrophe", "o’brien@acme.com", obrien},
		{"the other one, which autocorrection takes for an opening quote", "o‘brien@acme.com", obrien},
		{"modifier letter apostrophe", "oʼbrien@acme.com", obrien},
		{"acute accent on its own", "o´brien@acme.com", obrien},
		{"prime", "o′brien@acme.com", obrien},
		{"full-width apostrophe", "o＇brien@acme.com", obrien},
		{"non-breaking hyphen", "jane\u2011doe@acme\u2011corp.com", "jane-doe@acme-corp.com"},
		{"hyphen of its own code", "jane\u2010doe@acme.com", "jane-doe@acme.com"},
		{"minus", "jane\u2212doe@acme.com", "jane-doe@acme.com"},
		{"en dash", "jane–doe@acme.com", "jane-doe@acme.com"},
		{"two code points for one letter", "rene\u0301@acme.com", "ren\u00e9@acme.com"},
		{"in the domain as well", "jane@mu\u0308ller.example.com", "jane@m\u00fcller.example.com"},
		{"a capital of two code points", "RENE\u0301@acme.com", "ren\u00e9@acme.com"},
		{"the Kelvin sign is a K", "\u212aate@acme.com", "kate@acme.com"},
		{"full-width at sign", "jane＠acme.com", jane},
		{"full-width and ideographic full stop", "jane@acme．com", jane},
		{"ideographic full stop", "jane@acme。com", jane},
		{"full-width letters", "ＪＡＮＥ＠ａｃｍｅ．ｃｏｍ", jane},
		{"ligature of a PDF", "ﬁona@acme.com", "fiona@acme.com"},
		{"zero-width space", "jane\u200b@acme.com", jane},
		{"zero-width space behind it", "jane@acme.com\u200b", jane},
		{"byte order mark", "\ufeffjane@acme.com", jane},
		{"soft hyphen", "ja\u00adne@acme.com", jane},
		{"zero-width joiner", "jane\u200d@acme.com", jane},
		{"word joiner", "jane@\u2060acme.com", jane},
		{"variation selector", "jane\ufe0f@acme.com", jane},
		{"marks of the reading direction", "\u202ajane@acme.com\u202c", jane},
		{"another script, all of it", "джейн@пример.example.com", "джейн@пример.example.com"},
		{"Latin and Han", "tanaka田中@acme.com", "tanaka田中@acme.com"},
		{"dotless i", "yıldız@acme.com", "yıldız@acme.com"},
		{"domain in its ASCII form", "jane@xn--mller-kva.xn--p1ai", "jane@xn--mller-kva.xn--p1ai"},
		{"a joiner in front", "mailto:\u200c\u00e9va@acme.com", "\u00e9va@acme.com"},
		{"a joiner behind a plain letter", "e\u200c\u00e9@acme.com", "e\u00e9@acme.com"},
		{"a joiner in front of a plain letter", "\u00e9\u200ce@acme.com", "\u00e9e@acme.com"},
		{"the last of the half-width letters", "\uffdc@acme.com", "\u1175@acme.com"},
		{"a mark that no letter has in one code point", "jan\u0332e@acme.com", "jan\u0332e@acme.com"},
		{"the longest", strings.Repeat("j", 245) + "@acme.com", strings.Repeat("j", 245) + "@acme.com"},
	} {
		if got, err := request.ParseAddress(tt.text); err != nil || got != tt.want {
			t.Errorf("%s: ParseAddress(%q) = %q, %v, want %q", tt.why, tt.text, got, err, tt.want)
		}
		if again, err := request.ParseAddress(tt.want); err != nil || again != tt.want {
			t.Errorf("%s: ParseAddress(%q) = %q, %v: not read as it is written", tt.why, tt.want, again, err)
		}
	}
}

func TestParseAddressNamesTheWrongCharacter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why, text string
		wrong     rune
		says      string
	}{
		{"nothing", "", 0, "not an e-mail"},
		{"a name", "jane", 0, "not an e-mail"},
		{"no domain", "jane@", 0, "not an e-mail"},
		{"nobody", "@acme.com", 0, "not an e-mail"},
		{"a bare host", "jane@localhost", 0, "not an e-mail"},
		{"too long", strings.Repeat("j", 246) + "@acme.com", 0, "not an e-mail"},
		{"everybody", "*@acme.com", '*', "“*”"},
		{"one letter open", "j?ne@acme.com", '?', "“?”"},
		{"a label in front", "CEO:boss@acme.com", ':', "“:”"},
		{"an assignment", "CEO=boss@acme.com", '=', "“=”"},
		{"a variable that nobody filled in", "${BOSS}@acme.com", '$', "“$”"},
		{"a comment", "#boss@acme.com", '#', "“#”"},
		{"a pattern", "^boss@acme.com$", '^', "“^”"},
		{"a list item", "-boss@acme.com", '-', "“-”"},
		{"a name in front", "The Boss <boss@acme.com>", ' ', "the space"},
		{"two", "a@acme.com,b@acme.com", ',', "“,”"},
		{"two at signs", "jane@@acme.com", '@', "“@”"},
		{"a way of the past", "jane@acme@example.com", '@', "“@”"},
		{"a slash", "jane/joe@acme.com", '/', "“/”"},
		{"a slip in the domain", "jane@acme,com", ',', "“,”"},
		{"two full stops", "jane@acme..com", '.', "“.”"},
		{"two in the name", "jane..doe@acme.com", '.', "“.”"},
		{"a full stop in front", ".jane@acme.com", '.', "“.”"},
		{"an underscore in the domain", "jane@acme_corp.com", '_', "“_”"},
		{"a digit in the top domain", "jane@acme.c0m", '0', "“0”"},
		{"more behind the domain", "jane@acme.com-left", '-', "“-”"},
		{"nothing behind mailto", "mailto:", ':', "“:”"},
		{"a full stop behind the name", "jane.@acme.com", '.', "“.”"},
		{"a full stop behind the domain", "jane@acme.com.", 0, "not an e-mail"},
		{"a hyphen in front of the domain", "jane@-acme.com", '-', "“-”"},
		{"a hyphen in front of a label", "jane@it.-acme.com", '-', "“-”"},
		{"a hyphen behind a label", "jane@acme-.com", '-', "“-”"},
		{"a hyphen behind the domain", "jane@acme.com-", '-', "“-”"},
		{"a top domain that begins with a digit", "jane@acme.3com", '3', "“3”"},
		{"a top domain of one letter", "jane@acme.c", 0, "not an e-mail"},
		{"a full-width exclamation mark", "jane！doe@acme.com", '!', "“!”"},
		{"a full-width tilde", "jane～doe@acme.com", '~', "“~”"},
		{"an accent without a letter", "\u0301jane@acme.com", '\u0301', "“◌\u0301” (U+0301)"},
		{"a backtick", "o`brien@acme.com", '`', "“`”"},
		{"em dash", "jane—doe@acme.com", '—', "“—” (U+2014)"},
		{"a Cyrillic letter", "jаne@acme.com", 'а', "“а” (Cyrillic, U+0430)"},
		{"a Cyrillic letter in the domain", "jane@аcme.com", 'а', "(Cyrillic, U+0430)"},
		{"a capital one", "JАNE@ACME.COM", 'а', "(Cyrillic, U+0430)"},
		{"a Latin one among Cyrillic", "джeйн@acme.com", 'e', "“e”"},
		{"a Cyrillic one like no Latin one", "janeж@acme.com", 'ж', "“ж”"},
		{"as many of one script as of the other", "jaжй@acme.com", 'ж', "“ж”"},
		{"a Greek one", "jοhn@acme.com", 'ο', "(Greek, U+03BF)"},
		{"Greek and Cyrillic", "джαйн@acme.com", 'α', "(Greek"},
		{"nothing but letters like Latin ones", "росу@acme.com", 'р', "(Cyrillic, U+0440)"},
		{"a top domain like com", "jane@acme.соm", 'с', "(Cyrillic, U+0441)"},
		{"a letter of phonetics", "jɑne@acme.com", 'ɑ', "(Latin, U+0251)"},
		{"the first of them", "jɐne@acme.com", 'ɐ', "(Latin, U+0250)"},
		{"the last of them", "jaʯe@acme.com", 'ʯ', "(Latin, U+02AF)"},
		{"a mathematical letter", "𝐣ane@acme.com", '𝐣', "(U+1D423)"},
		{"a raised letter", "janeª@acme.com", 'ª', "(Latin, U+00AA)"},
		{"a digit of another script", "jane٣@acme.com", '٣', "(U+0663)"},
		{"emoji", "jane😀@acme.com", '😀', "(U+1F600)"},
		{"a joiner between letters that have it", "می\u200cخواهم@acme.com", '\u200c', "an invisible character (U+200C)"},
		{"a no-break space inside", "jane\u00a0doe@acme.com", '\u00a0', "an invisible character (U+00A0)"},
		{"a control character", "jane\x07@acme.com", '\x07', "an invisible character (U+0007)"},
		{"delete", "jane\x7fdoe@acme.com", '\x7f', "an invisible character (U+007F)"},
		{"the zero character", "jane\x00@acme.com", '\ufffd', "cannot be read"},
		{"not UTF-8", "jan\xff@acme.com", '\ufffd', "cannot be read"},
	} {
		got, err := request.ParseAddress(tt.text)
		var no *request.AddressError
		if !errors.As(err, &no) || no.Wrong != tt.wrong || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: ParseAddress(%q) = %q, %v; want %q named with %q", tt.why, tt.text, got, err, tt.wrong, tt.says)
		}
	}
}
