package store

import "wfbot/bot/request"

// told is an entry of the audit trail for OnRecorded.
type told struct {
	requestID string
	event     request.Event
}

// OnRecorded has tell called with each entry of the audit trail that this process has
// committed, in their order, with the id of the request or card that it is about, or
// "". It must not block, and must not keep or change what it is given. It is not called
// if the database does not say whether it has committed.
func (s *Store) OnRecorded(tell func(requestID string, e request.Event)) { s.recorded.Store(&tell) }

// tell is called once the transaction is committed.
func (t *Tx) tell() {
	tell := t.store.recorded.Load()
	if tell == nil {
		return
	}
	for _, entry := range t.told {
		(*tell)(entry.requestID, entry.event)
	}
}
