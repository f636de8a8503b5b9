package sandbox_test

import (
	"bufio"
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// visitor is a browser that plays one person in one conversation: it knows the
// page by its HTML and events, and acts by posting forms.
type visitor struct {
	t      *testing.T
	base   string
	as, in string
	token  string
	client *http.Client
	stream *bufio.Reader
	shown  map[string]string // newest HTML of each region
}

var tokenField = regexp.MustCompile(`name="token" value="([^"]+)"`)

// visit opens the page and its events until the test ends.
func visit(t *testing.T, base, as, in string) *visitor {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	v := &visitor{t: t, base: base, as: as, in: in, client: &http.Client{Transport: &http.Transport{}}, shown: map[string]string{}}
	page := v.get("/?" + url.Values{"as": {as}, "in": {in}}.Encode())
	found := tokenField.FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("the page holds no token:\n%s", page)
	}
	v.token = found[1]
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/live?"+url.Values{"as": {as}, "in": {in}}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := v.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		answer.Body.Close()
		v.client.CloseIdleConnections()
	})
	v.stream = bufio.NewReader(answer.Body)
	return v
}

func (v *visitor) get(path string) string {
	v.t.Helper()
	answer, err := v.client.Get(v.base + path)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		v.t.Fatalf("GET %s: status %d, %v", path, answer.StatusCode, err)
	}
	return string(body)
}

// see waits until a region holds all parts and returns its HTML.
func (v *visitor) see(region string, parts ...string) string {
	v.t.Helper()
	for !containsAll(v.shown[region], parts) {
		v.next("%s does not show %q but:\n%s", region, parts, v.shown[region])
	}
	return v.shown[region]
}

// gone waits until a region does not hold part.
func (v *visitor) gone(region, part string) {
	v.t.Helper()
	for strings.Contains(v.shown[region], part) {
		v.next("%s still shows %q:\n%s", region, part, v.shown[region])
	}
}

// next reads one line of events; the test fails with a message if there is none.
func (v *visitor) next(message string, args ...any) {
	v.t.Helper()
	line, err := v.stream.ReadString('\n')
	if err != nil {
		v.t.Fatalf(message+"\n"+err.Error(), args...)
	}
	if data, ok := strings.CutPrefix(line, "data: "); ok {
		if err := json.Unmarshal([]byte(data), &v.shown); err != nil {
			v.t.Fatal(err)
		}
	}
}

func containsAll(text string, parts []string) bool {
	if text == "" {
		return false
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// post acts and reports whether Slack would have sent it.
func (v *visitor) post(path string, fields map[string]string) bool {
	v.t.Helper()
	form := url.Values{"as": {v.as}, "in": {v.in}, "token": {v.token}}
	for name, value := range fields {
		form.Set(name, value)
	}
	answer, err := v.client.PostForm(v.base+path, form)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	var result struct{ Sent bool }
	if err := json.NewDecoder(answer.Body).Decode(&result); err != nil || answer.StatusCode != http.StatusOK {
		v.t.Fatalf("POST %s: status %d, %v", path, answer.StatusCode, err)
	}
	return result.Sent
}

func (v *visitor) send(text string) bool {
	v.t.Helper()
	return v.post("/send", map[string]string{"text": text})
}

var (
	formOf = regexp.MustCompile(`(?s)<form action="/press".*?</form>`)
	field  = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
	dialog = regexp.MustCompile(`(?s)<template>.*?value="([^"]*)" data-answer="confirm"`)
)

// press presses the newest button of that label and confirms its dialog, if it
// has one.
func (v *visitor) press(label string) {
	v.t.Helper()
	all := formOf.FindAllString(v.see("messages", ">"+label+"</button>"), -1)
	for i := len(all) - 1; i >= 0; i-- {
		if !strings.Contains(all[i], ">"+label+"</button>\n") && !strings.Contains(all[i], ">"+label+"</button></form>") {
			continue
		}
		fields := fieldsOf(all[i])
		if confirm := dialog.FindStringSubmatch(all[i]); confirm != nil {
			fields["answer"] = html.UnescapeString(confirm[1])
		}
		if !v.post("/press", fields) {
			v.t.Fatalf("pressing %s was not sent: %s", label, v.see("notice"))
		}
		return
	}
	v.t.Fatalf("no button %s in:\n%s", label, v.shown["messages"])
}

// fieldsOf returns the hidden fields of a form.
func fieldsOf(form string) map[string]string {
	fields := map[string]string{}
	for _, f := range field.FindAllStringSubmatch(form, -1) {
		fields[f[1]] = html.UnescapeString(f[2])
	}
	return fields
}
