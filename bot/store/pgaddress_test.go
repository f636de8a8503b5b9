package store_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wfbot/bot/store"
)

// trust says how far a connection would trust whoever answers: each host with
// "none" (no TLS), "any" (TLS with anybody), "ca" or "full", in the order of the
// attempts.
func trust(config *pgx.ConnConfig) string {
	of := func(host string, c *tls.Config) string {
		switch {
		case c == nil:
			return host + " none"
		case !c.InsecureSkipVerify:
			return host + " full"
		case c.VerifyPeerCertificate != nil:
			return host + " ca"
		}
		return host + " any"
	}
	all := of(config.Host, config.TLSConfig)
	for _, f := range config.Fallbacks {
		all += ", " + of(f.Host, f.TLSConfig)
	}
	return all
}

// It is not parallel: it sets variables.
func TestPostgresOnAnotherMachineHasToProveItself(t *testing.T) {
	for _, name := range []string{"PGHOST", "PGSSLMODE", "PGSERVICE", "PGSERVICEFILE", "PGSSLROOTCERT"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir()) // no files of a user
	services := filepath.Join(t.TempDir(), "services")
	if err := os.WriteFile(services, []byte("[silent]\nhost=db.example.com\n[plain]\nhost=db.example.com\nsslmode=disable\n[any]\nhost=db.example.com\nsslmode=require\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		why, address, want string
		env                map[string]string
	}{
		{"a server somewhere", "postgres://wfbot:pw@db.example.com/wfbot", "db.example.com full", nil},
		{"other parameters", "postgresql://db.example.com:6432/wfbot?connect_timeout=5", "db.example.com full", nil},
		{"no database and a question mark", "postgres://db.example.com?", "db.example.com full", nil},
		{"an address of the network", "postgres://10.1.2.3/wfbot", "10.1.2.3 full", nil},
		{"a name that looks like home", "postgres://localhost.example.com/wfbot", "localhost.example.com full", nil},
		{"IPv6", "postgres://[2001:db8::1]:5432/wfbot", "2001:db8::1 full", nil},
		{"a question mark in the password", "postgres://wfbot:a?sslmode=disable@db.example.com/wfbot", "db.example.com full", nil},
		{"an empty sslmode", "postgres://db.example.com/wfbot?sslmode=", "db.example.com full", nil},
		{"an sslmode that is taken back", "postgres://db.example.com/wfbot?sslmode=disable&sslmode=", "db.example.com full", nil},
		{"two servers", "postgres://a.example.com:5432,b.example.com:5433/wfbot", "a.example.com full, b.example.com full", nil},
		{"one of them here", "postgres://localhost:5432,b.example.com:5433/wfbot", "localhost full, b.example.com full", nil},
		{"a host as a parameter", "postgres:///wfbot?host=db.example.com", "db.example.com full", nil},
		{"PGHOST", "postgres:///wfbot", "db.example.com full", map[string]string{"PGHOST": "db.example.com"}},
		{"a service that does not say", "postgres:///wfbot?service=silent", "db.example.com full", map[string]string{"PGSERVICEFILE": services}},
		{"direct TLS", "postgres://db.example.com/wfbot?sslnegotiation=direct", "db.example.com full", nil},

		{"the URL says so", "postgres://db.example.com/wfbot?sslmode=disable", "db.example.com none", nil},
		{"the URL prefers", "postgres://db.example.com/wfbot?sslmode=prefer", "db.example.com any, db.example.com none", nil},
		{"the URL requires", "postgres://db.example.com/wfbot?sslmode=require", "db.example.com any", nil},
		{"as Java writes it", "postgres://db.example.com/wfbot?ssl=true", "db.example.com any", nil},
		{"PGSSLMODE", "postgres://db.example.com/wfbot", "db.example.com none", map[string]string{"PGSSLMODE": "disable"}},
		{"a service says so", "postgres:///wfbot?service=plain", "db.example.com none", map[string]string{"PGSERVICEFILE": services}},
		{"PGSERVICE says so", "postgres:///wfbot", "db.example.com any", map[string]string{"PGSERVICEFILE": services, "PGSERVICE": "any"}},

		{"this machine", "postgres://localhost/wfbot", "localhost any, localhost none", nil},
		{"loopback", "postgres://127.0.0.9/wfbot", "127.0.0.9 any, 127.0.0.9 none", nil},
		{"loopback of IPv6", "postgres://[::1]/wfbot", "::1 any, ::1 none", nil},
		{"a socket", "postgres:///wfbot?host=/run/postgresql", "/run/postgresql none", nil},
		{"a socket in the host", "postgres://%2Frun%2Fpostgresql/wfbot", "/run/postgresql none", nil},
	} {
		t.Run(row.why, func(t *testing.T) {
			for name, value := range row.env {
				t.Setenv(name, value)
			}
			config, err := store.ParsePostgres(row.address)
			if err != nil {
				t.Fatal(err)
			}
			if got := trust(config); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// What is wrong with an address is said without a part of it.
func TestPostgresAddressesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ address, want string }{
		{"postgres://wfbot:S3@CRET@db.example.com/wfbot", "write %40 for @"},
		{"postgres://wfbot:12/S3CRET@db.example.com/wfbot", "write %40 for @"},
		{"postgres://wfbot:S3CRET/x@db.example.com/wfbot", "write %40 for @"},
		{"postgres://wfbot:S3CRET@db.example.com:port/wfbot", "not a valid postgres:// URL"},
		{"postgres://wfbot:S3CRET@db.example.com/wfbot?sslmode=verify", "sslmode"},
		{"postgres://wfbot:S3CRET@db.example.com/wfbot?sslrootcert=/none/ca.pem", "open /none/ca.pem: no such file or directory"},
		{"postgres://wfbot:S3CRET%zz@db.example.com/wfbot", "not a valid postgres:// URL"},
	} {
		_, err := store.Open(t.Context(), row.address, nil)
		if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "S3") || strings.Contains(err.Error(), "CRET") {
			t.Errorf("%s: %v, want %q", row.address, err, row.want)
		}
	}
}

// certificate makes one for a server of that name, signed by nobody else, and the
// file that holds it.
func certificate(t *testing.T, name string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// gate stands before a PostgreSQL at to, which may be nothing, and speaks TLS with
// that certificate, or refuses to where it has none. It returns its port.
func gate(t *testing.T, cert *tls.Certificate, to string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(func() {
		stop()
		listener.Close()
		running.Wait()
	})
	serve := func(conn net.Conn) {
		context.AfterFunc(ctx, func() { conn.Close() })
		defer conn.Close()
		if _, err := io.ReadFull(conn, make([]byte, 8)); err != nil { // SSLRequest
			return
		}
		if cert == nil {
			_, _ = conn.Write([]byte("N"))
			_, _ = io.Copy(io.Discard, conn)
			return
		}
		if _, err := conn.Write([]byte("S")); err != nil {
			return
		}
		inner := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*cert}})
		if inner.HandshakeContext(ctx) != nil || to == "" {
			return
		}
		server, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer server.Close()
		running.Go(func() { _, _ = io.Copy(server, inner); server.Close() })
		_, _ = io.Copy(inner, server)
	}
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { serve(conn) })
		}
	})
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// openAsDB opens an address where the machine db.example.com, and any other, is this one.
func openAsDB(t *testing.T, address string) (*store.Store, error) {
	t.Helper()
	config, err := store.ParsePostgres(address)
	if err != nil {
		t.Fatal(err)
	}
	config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{"127.0.0.1"}, nil }
	return store.OpenPostgresAt(t.Context(), config, slog.New(slog.DiscardHandler))
}

// The message of a server that cannot prove itself names the ways out, and each of
// them is one.
func TestPostgresThatDoesNotProveItself(t *testing.T) {
	t.Parallel()
	cert, ca := certificate(t, "db.example.com")
	_, other := certificate(t, "db.example.com")
	secured, plain := gate(t, &cert, ""), gate(t, nil, "")
	for _, row := range []struct {
		why, address string
		proven       bool
	}{
		{"a CA of its own", "db.example.com:" + secured + "/wfbot", false},
		{"another CA", "db.example.com:" + secured + "/wfbot?sslrootcert=" + other, false},
		{"another name", "pg.example.com:" + secured + "/wfbot?sslrootcert=" + ca, false},
		{"no TLS", "db.example.com:" + plain + "/wfbot", false},
		{"its CA is known", "db.example.com:" + secured + "/wfbot?sslrootcert=" + ca, true},
		{"its CA is known, another name is meant", "pg.example.com:" + secured + "/wfbot?sslmode=verify-ca&sslrootcert=" + ca, true},
	} {
		_, err := openAsDB(t, "postgres://wfbot:S3CRET@"+row.address)
		if err == nil || strings.Contains(err.Error(), "S3CRET") {
			t.Errorf("%s: %v", row.why, err)
			continue
		}
		for _, way := range []string{"sslrootcert=FILE", "sslmode=verify-ca", "sslmode=disable"} {
			if strings.Contains(err.Error(), way) == row.proven {
				t.Errorf("%s: %q is named or not in: %v", row.why, way, err)
			}
		}
	}
}

// With the server's CA the whole way works.
func TestPostgresOverTLS(t *testing.T) {
	t.Parallel()
	direct, err := url.Parse(freshPostgres(t))
	if err != nil {
		t.Fatal(err)
	}
	cert, ca := certificate(t, "db.example.com")
	via := *direct
	via.Host, via.RawQuery = "db.example.com:"+gate(t, &cert, direct.Host), url.Values{"sslrootcert": {ca}}.Encode()
	s, err := openAsDB(t, via.String())
	if err != nil {
		t.Fatal(err)
	}
	insert(t, s, newRequest("r1"))
	s.Close()
}
