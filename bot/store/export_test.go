package store

import "database/sql"

// DB lets tests damage a database as an intruder would.
func (s *Store) DB() *sql.DB { return s.db }
