package slacksim

import "slices"

// The reasons of disconnect messages.
const (
	Warning           = "warning"
	RefreshRequested  = "refresh_requested"
	LinkDisabled      = "link_disabled"
	TooManyWebSockets = "too_many_websockets"
)

func disconnectFrame(reason string) object {
	return object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "applink-1"}}
}

// Connections returns the open Socket Mode connections, oldest first. They have
// had their hello: those not Leaving take envelopes.
func (s *Server) Connections() []Connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	var open []Connection
	for _, c := range s.connections {
		if c.ready {
			open = append(open, c.Connection)
		}
	}
	return open
}

// Disconnect sends a disconnect message on the given connections, or all. They
// stay open until the client closes them, but get no more envelopes; see
// Unknown.DeliverAfterWarning and SendOn for the other case.
func (s *Server) Disconnect(reason string, ids ...int) {
	for _, c := range s.pick(ids) {
		s.mu.Lock()
		c.Leaving = reason != Warning || !s.cfg.Unknown.DeliverAfterWarning
		s.touch()
		s.mu.Unlock()
		if err := c.send(disconnectFrame(reason)); err != nil {
			c.drop()
		}
	}
}

// DropConnections breaks the given connections, or all, without a word: the
// client sees an abnormal closure.
func (s *Server) DropConnections(ids ...int) {
	for _, c := range s.pick(ids) {
		c.drop()
	}
}

// CloseConnections starts the WebSocket close handshake on the given connections,
// or all.
func (s *Server) CloseConnections(ids ...int) {
	for _, c := range s.pick(ids) {
		c.closeFrame()
	}
}

// pick returns the connections of those ids, or all.
func (s *Server) pick(ids []int) []*connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	var picked []*connection
	for _, c := range s.connections {
		if len(ids) == 0 || slices.Contains(ids, c.ID) {
			picked = append(picked, c)
		}
	}
	return picked
}
