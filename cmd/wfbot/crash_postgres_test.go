package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// commitProxy passes PostgreSQL's protocol on between the program and its server,
// one question and its whole answer at a time, and says when a transaction that
// changed rows is about to commit, has committed, and was answered. So the program
// itself need not be changed, and there is a moment when a commit is made and the program
// cannot know.
type commitProxy struct {
	server   string // host and port
	listener net.Listener
	// meet names the commit, and returns what is called at each of its phases: it
	// reports whether the program is dead now, and nothing of it goes on.
	meet func(commit string) func(phase string) (killed bool)

	mu     sync.Mutex
	calm   *sync.Cond
	active int // connections
	all    sync.WaitGroup
}

func newCommitProxy(t *testing.T, server string, meet func(string) func(string) bool) *commitProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &commitProxy{server: server, listener: listener, meet: meet}
	p.calm = sync.NewCond(&p.mu)
	p.all.Go(p.accept)
	t.Cleanup(func() { listener.Close(); p.all.Wait() }) // the program has ended
	return p
}

func (p *commitProxy) address() string { return p.listener.Addr().String() }

// drain waits until the connections of a dead program have ended.
func (p *commitProxy) drain() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.active > 0 {
		p.calm.Wait()
	}
}

func (p *commitProxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.mu.Lock()
		p.active++
		p.mu.Unlock()
		p.all.Go(func() {
			defer func() {
				client.Close()
				p.mu.Lock()
				defer p.mu.Unlock()
				p.active--
				p.calm.Broadcast()
			}()
			server, err := net.Dial("tcp", p.server)
			if err != nil {
				return // the program sees a connection that ends
			}
			defer server.Close()
			c := &proxied{client: client, server: server, meet: p.meet, statements: map[string]string{}, tables: map[string]bool{}}
			_ = c.pass() // ends with either side, which the other one then sees
		})
	}
}

// proxied is one connection.
type proxied struct {
	client, server net.Conn
	meet           func(string) func(string) bool

	statements map[string]string // prepared: their text by name
	running    []string          // texts of the statements in the question
	open       bool              // a transaction is
	tables     map[string]bool   // changed by it
}

// message is one message of the protocol as it stands on the wire.
type message []byte

func (m message) kind() byte   { return m[0] }
func (m message) body() []byte { return m[5:] }

// errKilled ends a connection of a program that has just died.
var errKilled = errors.New("the program is dead")

// receive reads a message. Source:
// https://www.postgresql.org/docs/current/protocol-message-formats.html
func receive(from io.Reader) (message, error) {
	m := make(message, 5)
	if _, err := io.ReadFull(from, m); err != nil {
		return nil, err
	}
	m = append(m, make([]byte, binary.BigEndian.Uint32(m[1:])-4)...)
	_, err := io.ReadFull(from, m.body())
	return m, err
}

func (c *proxied) pass() error {
	if err := c.begin(); err != nil {
		return err
	}
	for {
		question, last, err := c.question()
		if err != nil {
			return err
		}
		commit := c.open && strings.EqualFold(string(bytes.TrimRight(last.body(), "\x00")), "commit")
		switch {
		case last.kind() == 'X': // goodbye
			_, err = c.server.Write(question)
			return errors.Join(err, io.EOF)
		case last.kind() == 'Q' && commit && len(c.tables) > 0:
			err = c.commit(nil, question)
		case last.kind() == 'S' && !c.open && slices.ContainsFunc(c.running, changesRows):
			err = c.commitAtSync(question)
		default:
			err = c.ask(question)
		}
		if err != nil {
			return err
		}
	}
}

// begin passes the opening on, until the server is ready.
func (c *proxied) begin() error {
	head := make([]byte, 8) // its length, and what is wanted
	if _, err := io.ReadFull(c.client, head); err != nil {
		return err
	}
	rest := make([]byte, binary.BigEndian.Uint32(head)-8)
	if _, err := io.ReadFull(c.client, rest); err != nil {
		return err
	}
	if _, err := c.server.Write(append(head, rest...)); err != nil {
		return err
	}
	for {
		m, err := receive(c.server)
		if err != nil { // so ends the request to cancel a statement
			return err
		}
		if _, err := c.client.Write(m); err != nil {
			return err
		}
		if m.kind() == 'Z' {
			return nil
		}
		// Authentication: all but OK and the last word of SASL want an answer.
		if m.kind() == 'R' && !slices.Contains([]uint32{0, 12}, binary.BigEndian.Uint32(m.body())) {
			answer, err := receive(c.client)
			if err != nil {
				return err
			}
			if _, err := c.server.Write(answer); err != nil {
				return err
			}
		}
	}
}

// question reads what the client says until it wants an answer, and notes which
// statements it runs.
func (c *proxied) question() (all []byte, last message, err error) {
	c.running = nil
	for {
		m, err := receive(c.client)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, m...)
		switch m.kind() {
		case 'P':
			var parse pgproto3.Parse
			if err := parse.Decode(m.body()); err != nil {
				return nil, nil, err
			}
			c.statements[parse.Name] = parse.Query
		case 'B':
			var bind pgproto3.Bind
			if err := bind.Decode(m.body()); err != nil {
				return nil, nil, err
			}
			c.running = append(c.running, c.statements[bind.PreparedStatement])
		case 'Q':
			c.running = append(c.running, string(bytes.TrimRight(m.body(), "\x00")))
			return all, m, nil
		case 'S', 'X':
			return all, m, nil
		}
	}
}

// answer reads what the server says up to a message of one of the kinds. It notes
// which tables were changed.
func (c *proxied) answer(until string) (all []byte, err error) {
	n := 0 // statements that have ended
	for {
		m, err := receive(c.server)
		if err != nil {
			return nil, err
		}
		all = append(all, m...)
		switch m.kind() {
		case 'C':
			tag := strings.Fields(string(bytes.TrimRight(m.body(), "\x00")))
			if n < len(c.running) && changesRows(c.running[n]) && tag[len(tag)-1] != "0" {
				c.tables[changed.FindStringSubmatch(c.running[n])[1]] = true
			}
			n++
		case 'Z':
			if c.open = m.body()[0] != 'I'; !c.open {
				clear(c.tables)
			}
		}
		if strings.IndexByte(until, m.kind()) >= 0 {
			return all, nil
		}
	}
}

var changed = regexp.MustCompile(`(?i)^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)`)

func changesRows(statement string) bool { return changed.MatchString(statement) }

// ask passes a question and its answer on.
func (c *proxied) ask(question []byte) error {
	if _, err := c.server.Write(question); err != nil {
		return err
	}
	all, err := c.answer("Z")
	if err != nil {
		return err
	}
	_, err = c.client.Write(all)
	return err
}

// commit passes a question on that commits, after what the client has been owed
// before it.
func (c *proxied) commit(owed, question []byte) error {
	at := c.meet("commit " + strings.Join(slices.Sorted(maps.Keys(c.tables)), "+"))
	if at(before) {
		return errKilled
	}
	if _, err := c.server.Write(question); err != nil {
		return err
	}
	all, err := c.answer("Z")
	if err != nil {
		return err
	}
	if at(unanswered) {
		return errKilled
	}
	if _, err := c.client.Write(append(owed, all...)); err != nil {
		return err
	}
	at(after)
	return nil
}

// commitAtSync is for a statement outside of a transaction: it commits when it is
// synchronised. Until then a flush shows whether it has changed anything.
func (c *proxied) commitAtSync(question []byte) error {
	const syncLength = 5
	statement, sync := question[:len(question)-syncLength], question[len(question)-syncLength:]
	flush := []byte{'H', 0, 0, 0, 4}
	if _, err := c.server.Write(slices.Concat(statement, flush)); err != nil {
		return err
	}
	done, err := c.answer("CE")
	if err != nil {
		return err
	}
	if len(c.tables) > 0 {
		return c.commit(done, sync)
	}
	if _, err := c.server.Write(sync); err != nil {
		return err
	}
	rest, err := c.answer("Z")
	if err != nil {
		return err
	}
	_, err = c.client.Write(append(done, rest...))
	return err
}
