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

// Overviews are the queries of a Home tab, after SELECT … FROM, with an
// example of their arguments.
var Overviews = map[string][]any{
	"requests " + unended: {500}, "requests " + failed: nil, "requests " + ended: {200},
	"requests " + by:                        {"U1", 20},
	"homes WHERE " + homeStale("$1", false): {0}, "homes WHERE " + homeStale("$1", true): {0},
}

// MigrationLock is what a process that migrates holds.
const MigrationLock = migrationLock

// OldHash is the hash of an audit entry before the trail was hashed anew.
func OldHash(seq, at int64, requestID, kind, actor, detail, prev string) string {
	return hexSHA256(jsonArray(seq, at, requestID, kind, actor, detail, prev))
}

// Standings are the queries of Standing.
var Standings = []string{standing, approved}
