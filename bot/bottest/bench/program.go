package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// program is wfbot, or the bare program, as a process.
type program struct {
	command *exec.Cmd
	said    *tail
	exited  chan struct{}
	// connected is how long it took until Slack had a connection.
	connected time.Duration
}

// endFor is how long a program may take to end before it is killed.
const endFor = 10 * time.Second

// start runs the program in the world until end, and returns when it is connected.
func (w *world) start(ctx context.Context) (*program, error) {
	p := &program{said: &tail{}, exited: make(chan struct{})}
	binary := w.bench.binary
	if w.setting.old {
		binary = w.bench.old
	}
	p.command = exec.CommandContext(ctx, binary, "run")
	p.command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir,
		"SLACK_APP_TOKEN=" + w.slack.AppToken(), "SLACK_BOT_TOKEN=" + w.slack.BotToken(), "SLACK_API_URL=" + w.slack.APIURL(),
		"WORKFRONT_URL=" + w.workfrontURL, "WORKFRONT_API_KEY=" + w.workfront.APIKey(),
		"WFBOT_DATABASE_URL=" + cmp.Or(w.postgres, "sqlite:"+filepath.Join(w.dir, "wfbot.db")),
		"WFBOT_REQUESTERS=" + w.requesterGroup, "WFBOT_APPROVERS=" + w.approverGroup, "WFBOT_LOG_LEVEL=warn",
	}
	if w.setting.bare {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		p.command.Path, p.command.Args = self, []string{self, bareArgument}
	}
	p.command.Dir, p.command.Stderr = w.dir, p.said
	if w.bench.show {
		p.command.Stderr = io.MultiWriter(p.said, os.Stderr)
	}
	before := len(w.slack.Connections())
	began := time.Now()
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.exited)
		_ = p.command.Wait() // how it ended is in what it said
	}()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := w.slack.WaitFor(ctx, func() bool { return len(w.slack.Connections()) > before || p.gone() }); err != nil || p.gone() {
		p.end()
		return nil, fmt.Errorf("the program does not connect (%v); it said:\n%s", err, p.said)
	}
	p.connected = time.Since(began)
	return p, nil
}

func (p *program) gone() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// end ends the program and waits for that.
func (p *program) end() {
	_ = p.command.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-p.exited:
	case <-time.After(endFor):
		p.kill()
	}
}

func (p *program) kill() {
	_ = p.command.Process.Kill()
	<-p.exited
}

// used is how much of a processor the program has used since it began, with what it
// did for itself and what the kernel did for it.
func (p *program) used() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The name in brackets may hold anything; utime and stime are the 12th and 13th
	// fields behind it, in hundredths of a second.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0, errors.New("/proc says too little about a process")
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// memory is how much of the machine's memory the program holds now and has held at
// most, in bytes.
func (p *program) memory() (now, peak float64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		var kilobytes float64
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kilobytes); err == nil {
			now = kilobytes * 1024
		}
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kilobytes); err == nil {
			peak = kilobytes * 1024
		}
	}
	return now, peak, nil
}

// load is how many processes wanted a processor in the last minute, on average.
func load() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	n, _ := strconv.ParseFloat(first, 64) // 0 says enough
	return n
}

// tail keeps the last of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	const most = 8 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if len(t.text) > most {
		t.text = t.text[len(t.text)-most:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
