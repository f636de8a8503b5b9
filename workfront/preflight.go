package workfront

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Forecast is what the tenant's own description of its objects says of something that
// this client asks for, before anybody relies on it.
type Forecast struct {
	What string      // in words: "tasks", "user", "statuses", "approvals of new users"
	Kind HoldingKind // of a count; else empty

	Outcome Outcome
	// Missing is what the tenant lacks of what is asked for, as RRUL, an object, or
	// RRUL.defaultAssignedToID, a field of one. It may be not empty whatever the
	// outcome but Works.
	Missing []string
	Err     error // why it is Unknown; else nil
}

// Outcome is how a Forecast goes.
type Outcome int

// The outcomes, from the best to the worst.
const (
	Works    Outcome = iota
	Nameless         // it can be counted, but what is counted cannot be named
	Partly           // only a narrower question can be asked (see Holding.AtLeast), or fields are left out (User.Missing)
	Fails            // the tenant refuses it
	Unknown          // the tenant does not say
)

// Preflight looks up each object, field and filter that the client asks for in the
// tenant's metadata, and says what will come of it. The first forecast is that of
// reading a user; the counts are in the order of [HoldingKinds]. It changes nothing.
//
// The error means that nothing is known, since not even a user is described.
// https://github.com/Thousand-Cuts/wf-toolkit/tree/main/tests/fixtures/metadata
func (c *Client) Preflight(ctx context.Context) ([]Forecast, error) {
	s := &schema{client: c, objects: map[string]*description{}, errs: map[string]error{}}
	if _, err := s.object(ctx, "user"); err != nil {
		return nil, err
	}
	all := []Forecast{s.user(ctx)}
	for _, q := range heldQueries {
		all = append(all, s.held(ctx, q))
	}
	decided := []string{"userID"}
	if len(c.decided) > 0 {
		decided = append(decided, "status")
	}
	all = append(all,
		s.forecast(ctx, Forecast{What: "own statuses"}, "cstem", []string{"enumClass"}, []string{"value", "equatesWith"}),
		s.forecast(ctx, Forecast{What: "approvals of new users"}, "usrapv", decided, nil))
	return all, ctx.Err()
}

// schema is what the tenant has said of its objects.
type schema struct {
	client  *Client
	objects map[string]*description
	errs    map[string]error
}

// description is the metadata of an object as far as it is used: names, and to which
// object each leads.
type description struct {
	Fields, References, Collections, Search map[string]struct {
		TypeObjCode text `json:"typeObjCode"`
	}
	Custom map[string]json.RawMessage
}

// object asks for the metadata of an object, by its code or long name, once.
func (s *schema) object(ctx context.Context, name string) (*description, error) {
	if d, err := s.objects[name], s.errs[name]; d != nil || err != nil {
		return d, err
	}
	op := "reading the metadata of " + name
	data, err := s.client.do(ctx, request{op: op, method: http.MethodGet, url: s.client.api + "/" + url.PathEscape(name) + "/metadata"})
	d := new(description)
	if err == nil && (json.Unmarshal(data, d) != nil || len(d.Fields) == 0) {
		err = unusable(op, "the answer describes no fields")
	}
	if err != nil {
		s.errs[name] = err
		return nil, err
	}
	s.objects[name] = d
	return d, nil
}

// missing follows a path of names from an object and returns the first that the
// tenant lacks, or "". As a filter it may go through what can only be searched by.
func (s *schema) missing(ctx context.Context, object, path string, filter bool) (string, error) {
	top, names := object, segments(path)
	for i, name := range names {
		d, err := s.object(ctx, object)
		if e, ok := errors.AsType[*Error](err); ok && i == 0 && e.Declined && refusesForm(err) {
			return strings.ToUpper(top), nil // there is no such object
		}
		if err != nil {
			return "", err
		}
		if custom, ok := strings.CutPrefix(name, customPrefix); ok {
			if _, has := d.Custom[custom]; !has {
				return strings.ToUpper(object) + "." + name, nil
			}
			return "", nil
		}
		leads, has := d.References[name]
		if !has {
			leads, has = d.Collections[name]
		}
		if !has && filter {
			leads, has = d.Search[name]
		}
		if _, plain := d.Fields[name]; i == len(names)-1 && (plain || has) {
			return "", nil
		}
		if !has || leads.TypeObjCode == "" {
			return strings.ToUpper(object) + "." + name, nil
		}
		object = strings.ToLower(string(leads.TypeObjCode))
	}
	return "", nil
}

// lacks returns what of the paths the tenant lacks.
func (s *schema) lacks(ctx context.Context, object string, paths []string, filter bool) (missing []string, err error) {
	for _, path := range paths {
		one, err := s.missing(ctx, object, path, filter)
		if err != nil {
			return nil, err
		}
		if one != "" && !slices.Contains(missing, one) {
			missing = append(missing, one)
		}
	}
	return missing, nil
}

// forecast completes f for one question: without a filter or a field it fails.
func (s *schema) forecast(ctx context.Context, f Forecast, object string, filters, fields []string) Forecast {
	byFilter, err := s.lacks(ctx, object, filters, true)
	byField, err2 := s.lacks(ctx, object, fields, false)
	if err = errors.Join(err, err2); err != nil {
		f.Outcome, f.Err = Unknown, err
		return f
	}
	if f.Missing = slices.Compact(slices.Sorted(slices.Values(append(byFilter, byField...)))); len(f.Missing) > 0 {
		f.Outcome = Fails
	}
	return f
}

// user is the forecast of reading a user.
func (s *schema) user(ctx context.Context) Forecast {
	f := s.forecast(ctx, Forecast{What: "user"}, "user", []string{"emailAddr"}, neededFields)
	if f.Outcome != Works {
		return f
	}
	missing, err := s.lacks(ctx, "user", s.client.userFields, false)
	switch {
	case err != nil:
		f.Outcome, f.Err = Unknown, err
	case len(missing) > 0:
		f.Outcome, f.Missing = Partly, missing
	}
	return f
}

// held is the forecast of counting and naming the things of a kind.
func (s *schema) held(ctx context.Context, q heldQuery) Forecast {
	f := Forecast{What: strings.ReplaceAll(string(q.kind), "_", " "), Kind: q.kind}
	for _, form := range q.questions {
		one := s.forecast(ctx, Forecast{What: f.What, Kind: f.Kind}, form.object, form.filters(len(q.closed) > 0), nil)
		switch {
		case one.Outcome == Unknown:
			return one
		case one.Outcome == Fails:
			f.Outcome, f.Missing = Fails, append(f.Missing, one.Missing...)
			continue
		case form.some:
			f.Outcome = Partly
			return f
		}
		f.Outcome, f.Missing = Works, nil
		nameless, err := s.lacks(ctx, form.object, form.names, false)
		if err == nil && len(nameless) > 0 && !s.hasOne(ctx, form) {
			f.Outcome, f.Missing = Nameless, nameless
		}
		return f
	}
	return f
}

// hasOne reports whether at least one of the fields that name a thing is there.
func (s *schema) hasOne(ctx context.Context, form question) bool {
	return slices.ContainsFunc(form.names, func(path string) bool {
		missing, err := s.missing(ctx, form.object, path, false)
		return err == nil && missing == ""
	})
}

// filters are the paths that a question filters by; closed statuses are one.
func (q question) filters(closed bool) (paths []string) {
	for pair := range strings.SplitSeq(q.filter, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "OR:") {
			name = strings.SplitN(name, ":", 3)[2]
		}
		paths = append(paths, name)
	}
	if closed {
		paths = append(paths, "status")
	}
	return paths
}
