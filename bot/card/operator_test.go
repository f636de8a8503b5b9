package card_test

import (
	"errors"
	"strings"
	"testing"

	"wfbot/bot/card"
)

// Whatever is from outside is shown as it stands in a message to the operator, and
// does nothing; numbers and our own words stay what they are.
func TestOperator(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		outside any
		want    string
	}{
		{"plain words", "status 403: plain words. Do this & that."},
		{"<!channel> & <@U1>", "status 403: `&lt;!channel&gt; &amp; &lt;@U1&gt;`. Do this & that."},
		{errors.New("pq: *no* `way` https://example.com/x"), "status 403: `pq: *no* 'way' https://example.com/x`. Do this & that."},
		{"two\nlines\u202e", "status 403: two lines. Do this & that."},
		{"", "status 403: nothing. Do this & that."},
		{"100 %d", "status 403: `100 %d`. Do this & that."},
	} {
		want := strings.ReplaceAll(row.want, "this & that", "this &amp; that")
		if got := card.Operator("status %d: %v. Do this & that.", 403, row.outside); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := card.Operator("%s", strings.Repeat("<", 10_000)); len(got) > 500 {
		t.Errorf("%d characters", len(got))
	}
}
