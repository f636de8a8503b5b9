// Command bench measures how fast wfbot is, and what it takes for that.
//
//	go run ./bot/bottest/bench                          everything, a few minutes
//	go run ./bot/bottest/bench -part '^rest'            some of it
//	go run ./bot/bottest/bench -write docs/BENCH.md     and write the page
//	go run ./bot/bottest/bench -old /tmp/wfbot-old      beside a wfbot of an older commit
//
// It builds wfbot and runs it as a process of its own, against the simulators of
// Slack and Workfront on loopback, which answer as late as a part of the measurement
// says. People who are goroutines here type commands, look at cards and approve. Each
// part runs with a fresh database, and once more with a bare program (bare.go) in
// place of wfbot: it makes the least of calls, keeps nothing, and promises nothing. On
// a machine that does other things as well, only what both did in the same run can be
// compared.
//
// One part kills one of two wfbots. It needs PostgreSQL and is left out without it:
// .ci/postgres starts one for a command.
//
// What somebody has written under the heading "Remarks" of the page stays there.
//
// Everything is bounded: how many people, how many requests, and how long a part
// waits for what does not come. Nothing here fails because it was slow. It takes
// Linux, for what a process has used stands in /proc.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures, or is the bare program where the first argument says so.
func run(ctx context.Context, args []string) error {
	if len(args) == 1 && args[0] == bareArgument {
		return runBare(ctx, os.Getenv)
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	part := flags.String("part", "", "measure the parts whose names this regular expression meets; empty: all")
	page := flags.String("write", "", "file to write the page to; empty: standard output only")
	old := flags.String("old", "", "an older wfbot, already built, to measure beside this one")
	dir := flags.String("dir", "", "where the databases are kept while it runs; empty: the directory for temporary files")
	show := flags.Bool("log", false, "show what the programs log")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	only, err := regexp.Compile(*part)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(*dir, "wfbot-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	b := &bench{dir: work, show: *show, binary: filepath.Join(work, "wfbot"), old: *old, figures: map[string]figure{}, started: time.Now()}
	build := exec.CommandContext(ctx, "go", "build", "-o", b.binary, "wfbot/cmd/wfbot")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building wfbot: %w", err)
	}
	if err := b.measure(ctx, only, *page); err != nil {
		return err
	}
	fmt.Println(b.report())
	return nil
}

// bench is one run.
type bench struct {
	dir     string // for databases and the programs
	binary  string // wfbot
	old     string // an older one; empty: none
	show    bool
	started time.Time
	loads   []float64         // of the machine, before each part
	figures map[string]figure // by name
	calls   []call            // of a request
	fsync   sample
}

// measure runs the parts that are wanted, one after the other, and writes the page, if
// it has a name, after each: a run that is cut short has not been for nothing.
func (b *bench) measure(ctx context.Context, only *regexp.Regexp, page string) error {
	remarks, err := remarksOn(page)
	if err != nil {
		return err
	}
	if b.fsync, err = measureFsync(b.dir); err != nil {
		return err
	}
	for _, p := range parts {
		if !only.MatchString(p.name) {
			continue
		}
		b.loads = append(b.loads, load())
		began := time.Now()
		if err := p.run(b, ctx); err != nil {
			return fmt.Errorf("part %s: %w", p.name, err)
		}
		fmt.Fprintf(os.Stderr, "%-20s %5.1f s\n", p.name, time.Since(began).Seconds())
		if page == "" {
			continue
		}
		if err := os.WriteFile(page, []byte(b.report()+remarks), 0o644); err != nil {
			return err
		}
	}
	b.loads = append(b.loads, load())
	return nil
}

// remarksOn is what somebody has written on a page about what was measured before.
func remarksOn(page string) (string, error) {
	if page == "" {
		return "", nil
	}
	text, err := os.ReadFile(page)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	_, remarks, found := strings.Cut(string(text), remarksBegin)
	if !found {
		return "", nil
	}
	return remarksBegin + remarks, nil
}

// remarksBegin begins the part of the page that is written by hand, its last.
const remarksBegin = "\n## Remarks\n"

// measureFsync writes and syncs a small file many times: a commit cannot be faster.
func measureFsync(dir string) (s sample, err error) {
	file, err := os.CreateTemp(dir, "fsync")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	block := make([]byte, 4096)
	for range 200 {
		began := time.Now()
		if _, err := file.WriteAt(block, 0); err != nil {
			return nil, err
		}
		if err := file.Sync(); err != nil {
			return nil, err
		}
		s = append(s, time.Since(began))
	}
	return s, nil
}
