package store

import "database/sql"

// DB lets tests damage a database as an intruder would.
func (s *Store) DB() *sql.DB { return s.db }

// What is between an address and a connection: a test puts a name server of its own
// there.
var (
	ParsePostgres  = parsePostgres
	OpenPostgresAt = openPostgresAt
)

// MigrationLock is what a process that migrates holds.
const MigrationLock = migrationLock
