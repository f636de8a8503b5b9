package workfront_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"wfbot/workfront"
	"wfbot/workfront/secret"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why, text string
		want      time.Time
	}{
		{"as the API writes", "2017-03-08T17:00:00:000+0400", time.Date(2017, 3, 8, 13, 0, 0, 0, time.UTC)},
		{"milliseconds that are not zero", "2017-03-08T17:00:00:278-0600", time.Date(2017, 3, 8, 23, 0, 0, 278e6, time.UTC)},
		{"as event subscriptions write", "2017-10-06T13:36:28.722-0600", time.Date(2017, 10, 6, 19, 36, 28, 722e6, time.UTC)},
		{"no milliseconds", "2017-10-06T13:36:28-0600", time.Date(2017, 10, 6, 19, 36, 28, 0, time.UTC)},
		{"as queries are written", "2020-05-13T18:18:37.255Z", time.Date(2020, 5, 13, 18, 18, 37, 255e6, time.UTC)},
		{"RFC 3339", "2020-05-13T18:18:37+02:00", time.Date(2020, 5, 13, 16, 18, 37, 0, time.UTC)},
	} {
		if got := workfront.ParseDate(tc.text); !got.Equal(tc.want) {
			t.Errorf("%s: ParseDate(%q) = %v, want %v", tc.why, tc.text, got, tc.want)
		}
	}
	for _, bad := range []string{"", "never", "2017-03-08", "2017-03-08T17:00:00", "2017-03-08T17:00:00:+0400", "2017-13-08T17:00:00:000+0400", "1499533200"} {
		if got := workfront.ParseDate(bad); !got.IsZero() {
			t.Errorf("ParseDate(%q) = %v", bad, got)
		}
	}
}

func TestParseDateProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		offset := rapid.IntRange(-14*4, 14*4).Draw(t, "quarter hours") * 15 * 60
		want := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "time")).In(time.FixedZone("", offset))
		for _, separator := range []string{":", "."} {
			text := want.Format("2006-01-02T15:04:05") + separator + fmt.Sprintf("%03d", want.Nanosecond()/1e6) + want.Format("-0700")
			if got := workfront.ParseDate(text); !got.Equal(want) {
				t.Fatalf("ParseDate(%q) = %v, want %v", text, got, want)
			}
		}
	})
}

// FuzzAnswer gives the write any answer at all. It must not panic, nor succeed
// without proof, nor show the key, nor repeat at length what it was told.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"data":{"ID":"` + janeID + `","isActive":false}}`, `{"data":[{"ID":"` + janeID + `","isActive":"FALSE"}]}`,
		`{"error":{"class":"c","message":"m"}}`, `{"error":"` + apiKey + `"}`, `{"error":true,"message":1}`, `{"data":null}`, `{"data":[null]}`,
		`<html><title>apiKey=` + apiKey, "\x1f\x8b", `{"error":[[]],"data":[{"manager":[]}]}`, ``,
	} {
		for _, status := range []int{200, 302, 401, 404, 500} {
			f.Add(status, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 599 {
			t.Skip() // a server written with net/http cannot send it
		}
		c := newClient(t, workfront.Config{URL: "https://acme.my.workfront.adobe.com", APIKey: apiKey,
			Transport: inMemory(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = w.Write(body) })})
		u, err := c.SetActive(t.Context(), janeID, false)
		if err == nil {
			if status > 299 || u.Active || !strings.EqualFold(u.ID, janeID) {
				t.Errorf("status %d and %q count as success: %+v", status, body, u)
			}
			return
		}
		e := asError(t, err)
		if e.Status/100 != status/100 || !e.MaybeApplied() && (status < 400 || status > 499 || !bytes.Contains(body, []byte("error"))) {
			t.Errorf("status %d: %v, maybe applied %v", status, err, e.MaybeApplied())
		}
		if n := utf8.RuneCountInString(err.Error()); n > 1000 || !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\r\n\x00") {
			t.Errorf("error of %d characters: %q", n, err)
		}
		noSecret(t, []secret.Value{apiKey}, err.Error(), e.Class, e.Message)
	})
}
