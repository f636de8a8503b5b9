package slacksim

import (
	"encoding/json"
	"maps"
	"slices"
)

// maxViews is how many modals may lie on top of each other.
const maxViews = 3

// maxViewSize is the largest view as JSON, in bytes.
const maxViewSize = 250000

// View is a modal or a Home tab as a person sees it.
type View struct {
	ID              string
	Type            string // modal or home
	User            string
	CallbackID      string
	ExternalID      string
	PrivateMetadata string
	Title           string
	Submit, Close   string // texts of the buttons; empty: none, or the client's own
	Blocks          []map[string]any
	Hash            string
	RootID          string
	PreviousID      string // of the view below
	NotifyOnClose   bool
	ClearOnClose    bool
	// Errors are the messages shown at input blocks, by block_id, since the last
	// submission.
	Errors map[string]string
}

// PlainText returns what the view says to a reader.
func (v View) PlainText() string { return plainText(v.Blocks) }

// Buttons returns the buttons among the view's blocks, in reading order.
func (v View) Buttons() []Button { return buttons(v.Blocks) }

type view struct {
	View
	raw     object // as the app gave it, completed
	channel string // conversation the person looked at when it was opened; empty: none
}

// OpenViews returns the person's open modals, the topmost last.
func (s *Server) OpenViews(user string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var open []View
	for _, v := range s.views {
		if v.User == user {
			open = append(open, v.clone())
		}
	}
	return open
}

// Home returns what the app published on the person's Home tab.
func (s *Server) Home(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.homes[user]; v != nil {
		return v.clone(), true
	}
	return View{}, false
}

func (v *view) clone() View {
	copied := v.View
	copied.Blocks = cloneBlocks(v.Blocks)
	copied.Errors = maps.Clone(v.Errors)
	return copied
}

// readView checks and returns the view argument of a call. The caller holds s.mu.
func (s *Server) readView(q *request, surface surface) (*view, *refusal) {
	value, _, err := q.json("view")
	raw, ok := value.(object)
	if err != nil || !ok {
		return nil, refuse("invalid_arguments")
	}
	return s.newView(raw, surface)
}

// newView checks a view and completes it. The caller holds s.mu.
func (s *Server) newView(raw object, surface surface) (*view, *refusal) {
	if encoded, err := json.Marshal(raw); err != nil || len(encoded) > maxViewSize {
		return nil, refuse("view_too_large")
	}
	if problems := validateView(raw, surface); len(problems) > 0 {
		return nil, &refusal{code: "invalid_arguments", extra: problemDetails(problems)}
	}
	raw = cloneObject(raw)
	list, _ := raw["blocks"].([]any)
	v := &view{raw: raw}
	v.Type = text(raw["type"])
	v.Blocks = s.complete(objects(list))
	v.CallbackID, v.ExternalID = text(raw["callback_id"]), text(raw["external_id"])
	v.PrivateMetadata = text(raw["private_metadata"])
	v.Title, v.Submit, v.Close = textOf(raw["title"]), textOf(raw["submit"]), textOf(raw["close"])
	v.NotifyOnClose, v.ClearOnClose = raw["notify_on_close"] == true, raw["clear_on_close"] == true
	completeText(raw)
	return v, nil
}

// stamp gives a view what it has once it is shown to somebody. The caller holds
// s.mu.
func (s *Server) stamp(v *view, user string) {
	v.ID, v.User, v.RootID = s.id("V"), user, ""
	v.RootID = v.ID
	s.rehash(v)
}

// rehash marks a new version of a view. The caller holds s.mu.
func (s *Server) rehash(v *view) { v.Hash = s.ts() + "." + s.secret(8) }

// taken reports whether another open view has that external_id. The caller holds
// s.mu.
func (s *Server) taken(externalID string, except *view) bool {
	return externalID != "" && slices.ContainsFunc(s.views, func(v *view) bool {
		return v.ExternalID == externalID && v != except
	})
}

// viewsOpen implements views.open: a new modal, closing those already there.
func (s *Server) viewsOpen(q *request) (object, *refusal) {
	v, refused := s.readView(q, inModal)
	if refused != nil {
		return nil, refused
	}
	if s.taken(v.ExternalID, nil) {
		return nil, refuse("duplicate_external_id")
	}
	t, refused := s.exchangeTrigger(q.text("trigger_id"))
	if refused != nil {
		return nil, refused
	}
	s.closeViews(t.user)
	s.stamp(v, t.user)
	v.channel = t.channel
	s.views = append(s.views, v)
	return object{"view": s.wireView(v)}, nil
}

// viewsPush implements views.push: a modal on top of those open.
func (s *Server) viewsPush(q *request) (object, *refusal) {
	v, refused := s.readView(q, inModal)
	if refused != nil {
		return nil, refused
	}
	t, refused := s.exchangeTrigger(q.text("trigger_id"))
	if refused != nil {
		return nil, refused
	}
	if refused := s.push(t.user, v); refused != nil {
		return nil, refused
	}
	return object{"view": s.wireView(v)}, nil
}

// push puts a view on top of the person's modals. The caller holds s.mu.
func (s *Server) push(user string, v *view) *refusal {
	top := s.top(user)
	depth := 0
	for _, open := range s.views {
		if open.User == user {
			depth++
		}
	}
	switch {
	case top == nil:
		return refuse("not_found")
	case depth >= maxViews:
		return refuse("push_limit_reached")
	case s.taken(v.ExternalID, nil):
		return refuse("duplicate_external_id")
	}
	s.stamp(v, user)
	v.RootID, v.PreviousID, v.channel = top.RootID, top.ID, top.channel
	s.views = append(s.views, v)
	return nil
}

// top returns the person's topmost modal, or nil. The caller holds s.mu.
func (s *Server) top(user string) *view {
	for _, v := range slices.Backward(s.views) {
		if v.User == user {
			return v
		}
	}
	return nil
}

// closeViews closes all modals of a person. The caller holds s.mu.
func (s *Server) closeViews(user string) {
	s.views = slices.DeleteFunc(s.views, func(v *view) bool { return v.User == user })
	s.touch()
}

// viewsUpdate implements views.update.
func (s *Server) viewsUpdate(q *request) (object, *refusal) {
	id, external := q.text("view_id"), q.text("external_id")
	if id == "" && external == "" { // "Either view_id or external_id is required."
		return nil, refuse("invalid_arguments")
	}
	i := slices.IndexFunc(s.views, func(v *view) bool {
		return (id != "" && v.ID == id) || (id == "" && v.ExternalID == external)
	})
	if i < 0 {
		return nil, refuse("not_found")
	}
	old := s.views[i]
	if hash := q.text("hash"); hash != "" && hash != old.Hash {
		return nil, refuse("hash_conflict")
	}
	v, refused := s.readView(q, inModal)
	if refused != nil {
		return nil, refused
	}
	if s.taken(v.ExternalID, old) {
		return nil, refuse("duplicate_external_id")
	}
	s.replaceView(old, v)
	return object{"view": s.wireView(old)}, nil
}

// replaceView gives an open view new contents; it keeps its id and place. The
// caller holds s.mu.
func (s *Server) replaceView(old, v *view) {
	v.ID, v.User, v.RootID, v.PreviousID = old.ID, old.User, old.RootID, old.PreviousID
	v.channel = old.channel
	*old = *v
	s.rehash(old)
	s.touch()
}

// viewsPublish implements views.publish: the Home tab of one person.
func (s *Server) viewsPublish(q *request) (object, *refusal) {
	u := s.user(q.text("user_id"))
	if u == nil || u.Kind == Bot {
		return nil, refuse("invalid_arguments")
	}
	v, refused := s.readView(q, inHome)
	if refused != nil {
		return nil, refused
	}
	old := s.homes[u.ID]
	if hash := q.text("hash"); hash != "" && (old == nil || hash != old.Hash) {
		return nil, refuse("hash_conflict")
	}
	s.stamp(v, u.ID)
	if old != nil {
		v.ID, v.RootID = old.ID, old.ID
	}
	s.homes[u.ID] = v
	s.touch()
	return object{"view": s.wireView(v)}, nil
}

// wireView returns a view as answers and payloads carry it, without state. The
// caller holds s.mu.
func (s *Server) wireView(v *view) object {
	wire := object{
		"id": v.ID, "team_id": s.cfg.TeamID, "type": v.Type, "blocks": anyBlocks(cloneBlocks(v.Blocks)),
		"private_metadata": v.PrivateMetadata, "callback_id": v.CallbackID, "external_id": v.ExternalID,
		"hash": v.Hash, "title": clone(v.raw["title"]), "submit": clone(v.raw["submit"]), "close": clone(v.raw["close"]),
		"clear_on_close": v.ClearOnClose, "notify_on_close": v.NotifyOnClose,
		"root_view_id": v.RootID, "previous_view_id": nil, "app_id": s.cfg.AppID, "bot_id": s.botID,
		"app_installed_team_id": s.cfg.TeamID, "state": object{"values": object{}},
	}
	if v.PreviousID != "" {
		wire["previous_view_id"] = v.PreviousID
	}
	return wire
}
