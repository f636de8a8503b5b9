package slacksim

import (
	"bufio"
	"encoding/binary"
	"net"
	"net/http"
	"sync"
)

// frameWatch reads along a client's WebSocket frames (RFC 6455, 5.2) and notes
// which messages came in several of them: Slack ignores such acknowledgements,
// and the WebSocket library joins them without a trace.
type frameWatch struct {
	mu         sync.Mutex
	header     []byte
	skip       uint64 // payload bytes of the current frame still to come
	continued  bool   // the current message began with an unfinished frame
	fragmented []bool // of complete messages not yet taken
}

// see is given the bytes as they are read from the network.
func (f *frameWatch) see(b []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(b) > 0 {
		if f.skip > 0 {
			n := min(f.skip, uint64(len(b)))
			f.skip -= n
			b = b[n:]
			continue
		}
		f.header = append(f.header, b[0])
		b = b[1:]
		if length, complete := payloadLength(f.header); complete {
			f.frame(f.header[0])
			f.skip = length
			f.header = f.header[:0]
		}
	}
}

// frame notes one frame by its first byte: FIN bit and opcode.
func (f *frameWatch) frame(first byte) {
	const fin, opcode, control = 0x80, 0x0f, 0x08
	switch {
	case first&opcode >= control:
	case first&fin == 0:
		f.continued = true
	default:
		f.fragmented = append(f.fragmented, f.continued)
		f.continued = false
	}
}

// payloadLength returns the payload length once the header is complete, mask
// included.
func payloadLength(header []byte) (length uint64, complete bool) {
	if len(header) < 2 {
		return 0, false
	}
	size := 2
	length = uint64(header[1] & 0x7f)
	switch length {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	extended := header[2:min(size, len(header))]
	if header[1]&0x80 != 0 {
		size += 4 // mask
	}
	if len(header) < size {
		return 0, false
	}
	switch len(extended) {
	case 2:
		length = uint64(binary.BigEndian.Uint16(extended))
	case 8:
		length = binary.BigEndian.Uint64(extended)
	}
	return length, true
}

// takeFragmented reports whether the message just read came in several frames.
func (f *frameWatch) takeFragmented() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.fragmented) == 0 {
		return false
	}
	first := f.fragmented[0]
	f.fragmented = f.fragmented[1:]
	return first
}

// watchingWriter hands the WebSocket upgrader a connection that is watched.
type watchingWriter struct {
	http.ResponseWriter
	watch *frameWatch
}

// Hijack implements http.Hijacker.
func (w *watchingWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return &watchedConn{Conn: conn, watch: w.watch}, rw, nil
}

type watchedConn struct {
	net.Conn
	watch *frameWatch
}

// Read implements net.Conn.
func (c *watchedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.watch.see(b[:n])
	return n, err
}
