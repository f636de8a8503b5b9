package main

import (
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// crashProgram is the program as a process: started, killed, told to end, and
// started again after every end but the last. Its methods may be called by any
// goroutine.
type crashProgram struct {
	t       *testing.T
	command func(log *output) *exec.Cmd // of the next life
	between func()                      // after one life and before the next

	mu        sync.Mutex
	turned    *sync.Cond // a life has begun or ended
	cmd       *exec.Cmd
	logs      []*output     // of all lives
	dead      chan struct{} // closed at the end of this life
	started   time.Time     // of this life
	lives     int
	deaths    int  // lives that ended by SIGKILL
	obeyed    int  // lives that ended as they were told to
	killed    bool // this life has been killed; holds until the next begins
	told      bool // this life has been told to end
	last      bool // and there shall be no other
	abandoned bool // the test is over, in whatever way
	over      bool // there is no next life

	supervisor sync.WaitGroup
}

// start begins the first life. The test is to call end; if it fails on the way,
// the program is killed.
func (p *crashProgram) start() error {
	p.turned = sync.NewCond(&p.mu)
	if err := p.launch(); err != nil {
		return err
	}
	p.supervisor.Go(p.supervise)
	p.t.Cleanup(func() {
		p.mu.Lock()
		p.abandoned = true
		if !p.over {
			_ = p.cmd.Process.Kill()
		}
		p.mu.Unlock()
		p.supervisor.Wait()
	})
	return nil
}

func (p *crashProgram) launch() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.abandoned {
		return nil
	}
	log := new(output)
	p.logs = append(p.logs, log)
	p.cmd, p.dead, p.started = p.command(log), make(chan struct{}), time.Now()
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.lives++
	p.killed, p.told, p.last = false, false, false
	p.turned.Broadcast()
	return nil
}

// supervise buries each life and begins the next, until one has ended as it was
// told to and was to be the last. One that ends by itself fails the test.
func (p *crashProgram) supervise() {
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.over = true
		p.turned.Broadcast()
	}()
	for p.bury() {
		p.between()
		if err := p.launch(); err != nil {
			p.t.Error(err)
			return
		}
	}
}

// bury waits for the end of this life, and reports whether another is to follow.
func (p *crashProgram) bury() bool {
	err := p.cmd.Wait()
	status := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	p.mu.Lock()
	defer p.mu.Unlock()
	defer close(p.dead)
	p.killed = status.Signaled() && status.Signal() == syscall.SIGKILL
	switch {
	case p.abandoned:
		return false
	case p.killed:
		p.deaths++
		return true
	case !p.told || err != nil:
		p.t.Errorf("the program ended by itself, or not as it was told to: %v", err)
		return false
	}
	p.obeyed++
	return !p.last
}

// kill ends this life as a power cut would, and returns when it has ended. It
// reports whether it was this call that did it.
func (p *crashProgram) kill() bool {
	p.mu.Lock()
	if p.over || p.killed {
		p.mu.Unlock()
		return false
	}
	p.killed = true
	dead, deaths := p.dead, p.deaths
	_ = p.cmd.Process.Kill() // it may just have ended as it was told to
	p.mu.Unlock()
	<-dead
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.deaths > deaths
}

// end tells the program to end, and returns when it has. A kill that is under way
// comes first; and if one meets the program while it is ending, the life after
// that is told to end.
func (p *crashProgram) end() { p.tell(true) }

// restart is end, and another life after it, which has begun when restart returns.
func (p *crashProgram) restart() { p.tell(false) }

func (p *crashProgram) tell(last bool) {
	for {
		p.mu.Lock()
		for p.killed && !p.over {
			p.turned.Wait()
		}
		if p.over {
			p.mu.Unlock()
			return
		}
		life, obeyed, dead, log := p.lives, p.obeyed, p.dead, p.logs[len(p.logs)-1]
		p.mu.Unlock()
		awaitLife(log, dead)

		p.mu.Lock()
		if p.lives == life && !p.killed {
			p.told, p.last = true, last
			_ = p.cmd.Process.Signal(syscall.SIGTERM)
		}
		p.mu.Unlock()
		<-dead

		p.mu.Lock()
		for p.lives == life && !p.over {
			p.turned.Wait()
		}
		done := p.over || p.obeyed > obeyed
		p.mu.Unlock()
		if done {
			return
		}
	}
}

// awaitLife returns when the program can be told to end, or has ended. A program
// that never gets there has a log to look at.
func awaitLife(log *output, dead <-chan struct{}) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !strings.Contains(log.String(), "wfbot starts") && time.Now().Before(deadline); {
		select {
		case <-tick.C:
		case <-dead:
			return
		}
	}
}

// now returns how this life stands.
func (p *crashProgram) now() (started time.Time, deaths int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started, p.deaths
}

// said returns the logs of all lives.
func (p *crashProgram) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all strings.Builder
	for _, log := range p.logs {
		all.WriteString("--- the program starts\n" + log.String())
	}
	return all.String()
}
