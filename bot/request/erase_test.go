package request

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// fill puts a word into every text of a value, and something into everything else.
func fill(v reflect.Value, name string) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)))
	case v.Kind() == reflect.String:
		v.SetString("known " + name)
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(7)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), name)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				fill(v.Field(i), name+"."+field.Name)
			}
		}
	}
}

// What is known of people is gone, wherever it is; what rules go by is not. Whoever
// adds a field has to say here which of both it is.
func TestEraseLeavesWhatRulesNeed(t *testing.T) {
	t.Parallel()
	var r Request
	fill(reflect.ValueOf(&r).Elem(), "r")
	before := r
	now := time.Date(2027, 11, 23, 9, 0, 0, 0, time.UTC)
	r.Erase(now)
	// What is still there, besides numbers and times: ids, and words of ours.
	kept := strings.Fields("ID Action State Wanted NotBeforeWords CardID Requester.ID Requester.OtherID Refused InTheWay Target.ID Target.Twins " +
		"Manager.ID Manager.OtherID NoManager FormerManagers NewManager Decisions.Kind Decisions.By.ID Decisions.By.OtherID Verified.Result Channel TS Place.Channel Place.TS")
	text, err := json.Marshal([]any{r, r.Decisions})
	if err != nil {
		t.Fatal(err)
	}
	left := string(text)
	for _, name := range kept {
		left = strings.ReplaceAll(left, `"known r.`+name+`"`, `""`)
	}
	if i := strings.Index(left, "known"); i >= 0 {
		t.Errorf("this is still known: %.80q", left[i:])
	}
	if !r.ErasedAt.Equal(now) || r.Target.ID != before.Target.ID || r.Target.Active != before.Target.Active || r.Action != before.Action || r.State != before.State ||
		r.WriteSentAt != before.WriteSentAt || r.Writes != before.Writes || r.WriteOpen != before.WriteOpen || r.Outcome != before.Outcome ||
		r.Verified != before.Verified || r.CreatedAt != before.CreatedAt || r.SupersededAt != before.SupersededAt || r.Look != before.Look || r.News != before.News {
		t.Errorf("a rule lost what it goes by: %+v", r)
	}
	c := Card{Requester: Identity{ID: "U1", Name: "known", Email: "known"}, Reason: "known"}
	c.Erase()
	if fmt.Sprintf("%+v", c.Requester) != fmt.Sprintf("%+v", Identity{ID: "U1"}) || c.Reason != Erased {
		t.Errorf("the card still knows %+v", c)
	}
}
