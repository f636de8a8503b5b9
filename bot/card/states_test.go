package card_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"wfbot/bot/card"
	"wfbot/bot/request"
)

// declared are the values of the constants of a string type, read from the source
// of package request, so that a new one cannot be left without a golden file.
func declared[T ~string](t *testing.T, file, kind string) (all []T) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), "../request/"+file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if named, ok := spec.Type.(*ast.Ident); !ok || named.Name != kind {
			return true
		}
		for _, value := range spec.Values {
			text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, T(text))
		}
		return true
	})
	if len(all) == 0 {
		t.Fatalf("%s declares no %s", file, kind)
	}
	return all
}

// variant is a way in which a request differs from the usual, whatever its state.
type variant struct {
	name   string
	change func(*request.Request)
	is     func(*request.Request) bool
}

func variants() []variant {
	return []variant{
		{"usual", func(*request.Request) {}, func(r *request.Request) bool { return !r.DryRun && r.Action == request.Deactivate }},
		{"dry run", dryRun, func(r *request.Request) bool { return r.DryRun && r.Action == request.Deactivate }},
		{"way back", backwards, func(r *request.Request) bool { return !r.DryRun && r.Action == request.Reactivate }},
	}
}

// TestEveryStateHasAGoldenFile: every state is drawn alone and in a batch, in
// earnest, as a dry run and for the way back; and every finding about the manager
// and about what was read again later is drawn.
func TestEveryStateHasAGoldenFile(t *testing.T) {
	t.Parallel()
	var single, batched []*request.Request
	for _, s := range scenes(t) {
		single = append(single, s.r)
	}
	for _, c := range crews(t) {
		batched = append(batched, c.b.Requests...)
	}
	drawn := func(where string, all []*request.Request, is func(*request.Request) bool) {
		if !slices.ContainsFunc(all, is) {
			t.Errorf("no golden file: %s", where)
		}
	}
	for _, v := range variants() {
		for _, state := range declared[request.State](t, "request.go", "State") {
			is := func(r *request.Request) bool { return r.State == state && v.is(r) }
			drawn(string(state)+", "+v.name, single, is)
			drawn(string(state)+", "+v.name+", in a batch", batched, is)
		}
	}
	for _, why := range declared[request.NoManager](t, "manager.go", "NoManager") {
		drawn("manager "+string(why), single, func(r *request.Request) bool { return r.NoManager == why })
	}
	for _, what := range declared[request.Drift](t, "verify.go", "Drift") {
		drawn("read again: "+string(what), single, func(r *request.Request) bool { return r.Verified.Result == what })
	}
}

// otherwise are the states that the further scenes leave out, as a dry run and for
// the way back.
func otherwise(t *testing.T, add func(name string, s story, v card.View)) {
	t.Helper()
	for _, v := range variants()[1:] {
		prefix := map[string]string{"dry run": "dry_run_", "way back": "back_"}[v.name]
		also := func(name string, s story, err error) { add(prefix+name, s.do(err), painted()) }

		also("received", asked(t, v.change), nil)
		s := asked(t, v.change)
		also("rejected", s, s.r.Reject(request.RefusedNotFound, "", after(1)))
		s = found(t, 1, v.change)
		also("cancelled", s, s.r.Cancel(rita, "", after(7)))
		s = found(t, 1, v.change)
		also("expired", s, s.r.Expire(s.r.ExpiresAt))
		also("executing", begun(t, v.change), nil)
	}
	s := found(t, 1, dryRun)
	add("dry_run_denied", s.do(s.r.Deny(bert, "not yet", after(7))), painted())
	add("dry_run_approved", approved(t, 0, dryRun), painted())
	s = begun(t, dryRun)
	add("dry_run_failed", s.do(s.r.Fail("Workfront answered 403: You do not have access.", after(7))), painted())
	s = begun(t, backwards)
	s.do(s.r.WriteAttempted(after(6)))
	add("back_executing_not_known", s.do(s.r.Unresolved("Workfront does not answer.", false, 0, after(6))), painted())
}
