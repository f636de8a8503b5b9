package slacksim

import "slices"

// Escape returns what a Slack client makes of typed text when it sends it:
// addresses, links, people, groups and channels as control forms, & < > as
// entities. Commands registered with ShouldEscape pass through it by themselves;
// Say posts its text as it is.
func (s *Server) Escape(typed string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.escape(typed)
}

// Conversations returns the conversations that a menu lists for a person, in the
// order they came to be. element is the menu as Block Kit describes it, with its
// filter.
func (s *Server) Conversations(user string, element map[string]any) []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	var listed []Channel
	for _, c := range s.channels {
		if s.lists(user, element, c) {
			copied := *c
			copied.Members = slices.Clone(c.Members)
			listed = append(listed, copied)
		}
	}
	return listed
}

// State returns state.values of a message for a person who sees it: what they
// entered at its elements, or else the initial values. Nil: they see no such
// message.
func (s *Server) State(user, channel, ts string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.ephemeral(user, channel, ts)
	if m == nil {
		m = s.message(channel, ts)
	}
	if m == nil {
		return nil
	}
	return s.state(messagePlace(user, m))
}

// ViewState is State for an open modal or the person's Home tab.
func (s *Server) ViewState(user, viewID string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.open(user, viewID)
	if home := s.homes[user]; v == nil && home != nil && home.ID == viewID {
		v = home
	}
	if v == nil {
		return nil
	}
	return s.state(viewPlace(v))
}
