package slacksim

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxHookUses is how often a response_url can be used.
const maxHookUses = 5

// hook is a response_url: a capability to answer one person's command or click.
type hook struct {
	user     string
	channel  string
	original *Message // the message that was clicked; nil for commands
	expires  time.Time
	uses     int
}

// newHook returns a new response_url. The caller holds s.mu.
func (s *Server) newHook(kind string, h *hook) string {
	h.expires = s.cfg.Now().Add(s.cfg.ResponseURLLife)
	path := "/hooks/" + kind + "/" + s.cfg.TeamID + "/" + s.secret(12) + "/" + s.secret(24)
	s.hooks[path] = h
	return s.base + path
}

// serveHook serves one use of a response_url. Slack documents neither the statuses
// nor the codes of failures: they are 404 with used_url, expired_url or
// no_service, and 400 with the code that chat.postMessage would give.
func (s *Server) serveHook(w http.ResponseWriter, r *http.Request) {
	var args object
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err == nil {
		err = json.Unmarshal(body, &args)
	}
	s.mu.Lock()
	call := s.begin("response_url", cloneObject(args), true)
	fault := s.takeFault(call)
	s.mu.Unlock()
	s.run(w, r, call, fault, func() response {
		status, code := http.StatusBadRequest, "invalid_payload"
		if err == nil && r.Method == http.MethodPost {
			status, code = s.useHook(r.URL.Path, args)
		}
		call.Status, call.OK = status, status == http.StatusOK
		if !call.OK {
			call.Error = code
		}
		if !call.OK {
			return response{status: status, header: jsonHeader(), body: []byte(`{"ok":false,"error":` + strconv.Quote(code) + `}`)}
		}
		header := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
		return response{status: status, header: header, body: []byte(code)}
	})
}

// useHook answers through a response_url. The caller holds s.mu.
func (s *Server) useHook(path string, args object) (status int, code string) {
	h := s.hooks[path]
	switch {
	case h == nil:
		return http.StatusNotFound, "no_service"
	case !s.cfg.Now().Before(h.expires):
		return http.StatusNotFound, "expired_url"
	case h.uses >= maxHookUses:
		return http.StatusNotFound, "used_url"
	}
	if args["delete_original"] == true {
		h.uses++
		return s.deleteOriginal(h)
	}
	said, refused := s.responseContent(args)
	if refused != nil {
		return http.StatusBadRequest, refused.code
	}
	h.uses++
	replace, given := args["replace_original"].(bool)
	if !given {
		replace = s.cfg.Unknown.ReplaceByDefault
	}
	if replace && h.original != nil {
		return s.replaceOriginal(h, said)
	}
	m := s.responseMessage(h.user, h.channel, said)
	if m.To == "" { // thread replies must be in_channel
		m.ThreadTS = text(args["thread_ts"])
	}
	s.post(m)
	return http.StatusOK, "ok"
}

func (s *Server) deleteOriginal(h *hook) (status int, code string) {
	if h.original == nil || h.original.Deleted {
		return http.StatusNotFound, "message_not_found"
	}
	s.delete(h.original)
	return http.StatusOK, "ok"
}

// replaceOriginal edits the message that was clicked; an ephemeral one stays so.
func (s *Server) replaceOriginal(h *hook, said responseContent) (status int, code string) {
	if h.original.Deleted {
		return http.StatusNotFound, "message_not_found"
	}
	s.change(h.original, said.content)
	return http.StatusOK, "ok"
}

// responseContent is the message that a response_url or an acknowledgement
// carries.
type responseContent struct {
	content
	public bool // response_type in_channel
}

// responseContent checks the message of a response. The caller holds s.mu.
func (s *Server) responseContent(args object) (responseContent, *refusal) {
	var said responseContent
	q := &request{args: args}
	switch args["response_type"] {
	case nil, "", "ephemeral":
	case "in_channel":
		said.public = true
	default:
		return said, refuse("invalid_response_type")
	}
	if metadata, ok := args["metadata"].(object); ok && text(metadata["event_type"]) == "" {
		q.args = cloneObject(args) // clients send empty metadata with every response
		delete(q.args, "metadata")
	}
	c, refused := s.readContent(q)
	said.content = c
	if refused == nil && c.text == "" && len(c.blocks) == 0 && args["attachments"] == nil {
		refused = refuse("no_text")
	}
	return said, refused
}

// responseMessage returns the unposted message of a response. The caller holds
// s.mu.
func (s *Server) responseMessage(user, channel string, said responseContent) *Message {
	m := s.botMessage(channel, said.content)
	if !said.public {
		m.To = user
	}
	return m
}
