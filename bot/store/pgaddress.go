package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// parsePostgres reads a postgres:// URL. Where nothing says how far the server is
// to be trusted and it is on another machine, it has to prove that it is who it is:
// a client would otherwise speak unencrypted to whoever answers without TLS.
// The errors are as those of CheckAddress.
func parsePostgres(address string) (*pgx.ConnConfig, error) {
	server, query, _ := strings.Cut(withoutUser(address), "?")
	if strings.Contains(server, "@") { // the rest of a password would be taken for a host or a database, and shown
		return nil, errors.New("has an @ where none belongs: in its user name and password, " +
			"write %40 for @, %2F for /, %3A for :, %3F for ? and %25 for %")
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, refusedAddress(err)
	}
	if saysHowToTrust(query, config) || isHere(config) {
		return config, nil
	}
	if query = strings.TrimRight(query, "&"); query != "" {
		query += "&"
	}
	before := strings.TrimSuffix(address, withoutUser(address)) + server
	if config, err = pgx.ParseConfig(before + "?" + query + "sslmode=verify-full"); err != nil {
		return nil, refusedAddress(err)
	}
	return config, nil
}

// withoutUser returns what follows the scheme, and the user name and password if
// there are any, as pgx finds their end.
func withoutUser(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	if at := strings.IndexAny(rest, "@/"); at >= 0 && rest[at] == '@' {
		return rest[at+1:]
	}
	return rest
}

// refusedAddress is what to say of an address that pgx refuses, whose own words
// quote it.
func refusedAddress(err error) error {
	var file *fs.PathError
	if errors.As(err, &file) {
		return fmt.Errorf("names a file that cannot be used: %w", file)
	}
	return errors.New("is not a valid postgres:// URL, or one of its parameters (sslmode, sslrootcert, connect_timeout, …) has a wrong value")
}

// saysHowToTrust reports whether the operator has chosen an sslmode: in the URL, by
// PGSSLMODE, or in the file of the service that config is made of.
func saysHowToTrust(query string, config *pgx.ConnConfig) bool {
	parameters, _ := url.ParseQuery(query) // pgx has taken it
	if modes := parameters["sslmode"]; len(modes) > 0 && modes[len(modes)-1] != "" || parameters.Get("ssl") == "true" {
		return true
	}
	if os.Getenv("PGSSLMODE") != "" {
		return true
	}
	// pgx does not tell what a service file says, but without an sslmode it falls
	// back from TLS to none.
	fallsBack := config.TLSConfig != nil && slices.ContainsFunc(config.Fallbacks, func(f *pgconn.FallbackConfig) bool {
		return f.Host == config.Host && f.TLSConfig == nil
	})
	return (parameters.Get("service") != "" || os.Getenv("PGSERVICE") != "") && !fallsBack
}

// isHere reports whether all servers that config names are reached without a
// network: by loopback or by a socket.
func isHere(config *pgx.ConnConfig) bool {
	here := func(host string) bool {
		ip := net.ParseIP(host)
		return strings.HasPrefix(host, "/") || host == "localhost" || ip != nil && ip.IsLoopback()
	}
	return here(config.Host) && !slices.ContainsFunc(config.Fallbacks, func(f *pgconn.FallbackConfig) bool { return !here(f.Host) })
}

// explained adds to why PostgreSQL could not be reached what the operator can do
// about it.
func explained(err error, config *pgx.ConnConfig) error {
	var server *pgconn.PgError
	var network net.Error
	switch {
	case errors.As(err, &server):
		if server.Code == "08P01" { // protocol_violation: PgBouncer's answer to settings that it does not know
			return fmt.Errorf("%w. This is what a connection pooler says that does not let a session have settings of its own: "+
				"put the address of PostgreSQL itself into WFBOT_DATABASE_URL", err)
		}
	case config.TLSConfig != nil && !errors.As(err, &network) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w. On another machine PostgreSQL has to prove over TLS that it is who it is (sslmode=verify-full), unless WFBOT_DATABASE_URL says otherwise. "+
			"Where its certificate comes from a CA of your own or of the provider, add sslrootcert=FILE to it, with that CA's certificate; where the certificate holds another name, "+
			"sslmode=verify-ca as well; where the network between is yours alone, sslmode=disable", err)
	}
	return err
}
