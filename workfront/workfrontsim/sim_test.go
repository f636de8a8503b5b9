package workfrontsim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"wfbot/workfront/workfrontsim"
)

// api is the base path that most tests use.
const api = "/attask/api/v22.0"

// tenant is a simulator behind a loopback listener with a plain HTTP client.
type tenant struct {
	*workfrontsim.Server
	t   *testing.T
	url string
}

func newTenant(t *testing.T, c workfrontsim.Config) tenant {
	t.Helper()
	sim := workfrontsim.New(c)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	t.Cleanup(sim.Close)
	return tenant{sim, t, server.URL}
}

// answer is what came back, decoded as far as it is JSON.
type answer struct {
	status int
	text   string
	json   map[string]any
}

// message returns the error text of an answer of either shape.
func (a answer) message() string {
	if text, ok := a.json["error"].(string); ok {
		return text
	}
	object, _ := a.json["error"].(map[string]any)
	text, _ := object["message"].(string)
	return text
}

// list returns data as a list of objects.
func (a answer) list(t *testing.T) []map[string]any {
	t.Helper()
	var body struct{ Data []map[string]any }
	if err := json.Unmarshal([]byte(a.text), &body); err != nil {
		t.Fatalf("no list in %s: %v", a.text, err)
	}
	return body.Data
}

// object returns data as an object.
func (a answer) object(t *testing.T) map[string]any {
	t.Helper()
	object, ok := a.json["data"].(map[string]any)
	if !ok {
		t.Fatalf("no object in %d %s", a.status, a.text)
	}
	return object
}

// names returns the names of a list.
func (a answer) names(t *testing.T) []string {
	t.Helper()
	names := []string{}
	for _, o := range a.list(t) {
		names = append(names, o["name"].(string))
	}
	return names
}

// request is one call; header entries replace the API key where given.
type request struct {
	method, path string
	header       map[string]string
	body, kind   string
}

func (tn tenant) do(r request) answer {
	tn.t.Helper()
	a, err := tn.try(http.DefaultClient, r)
	if err != nil {
		tn.t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	return a
}

func (tn tenant) try(client *http.Client, r request) (answer, error) {
	tn.t.Helper()
	req, err := http.NewRequestWithContext(tn.t.Context(), r.method, tn.url+r.path, strings.NewReader(r.body))
	if err != nil {
		tn.t.Fatal(err)
	}
	if r.header == nil {
		r.header = map[string]string{"apiKey": tn.APIKey()}
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	if r.kind != "" {
		req.Header.Set("Content-Type", r.kind)
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	a := answer{status: resp.StatusCode, text: string(text)}
	_ = json.Unmarshal(text, &a.json) // not all answers are JSON
	return a, err
}

func (tn tenant) get(path string) answer {
	tn.t.Helper()
	return tn.do(request{method: "GET", path: api + path})
}

func (tn tenant) put(path, body string) answer {
	tn.t.Helper()
	kind := ""
	if body != "" {
		kind = "application/json"
	}
	return tn.do(request{method: "PUT", path: api + path, body: body, kind: kind})
}

func (tn tenant) active(id string) bool {
	tn.t.Helper()
	u, ok := tn.User(id)
	if !ok {
		tn.t.Fatalf("no user %s", id)
	}
	return u.Active
}

func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

const formType = "application/x-www-form-urlencoded"
