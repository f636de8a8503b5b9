package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// process is what the program has from the operating system.
type process struct {
	environ        []string // as os.Environ returns it
	stdin          io.Reader
	stdout, stderr io.Writer
}

// misuse is an error of the person who called the program: wrong usage or
// configuration.
type misuse struct{ text string }

// Error implements error.
func (e *misuse) Error() string { return e.text }

// ended is the exit status of a command that has printed all there is to say.
type ended int

// Error implements error.
func (e ended) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// report prints err, if there is one, and returns the exit status for it.
func (p process) report(err error) int {
	if err == nil {
		return 0
	}
	if status, ok := errors.AsType[ended](err); ok {
		return int(status)
	}
	fmt.Fprintln(p.stderr, "wfbot:", err)
	if _, ok := errors.AsType[*misuse](err); ok {
		return 2
	}
	return 1
}

// command is a sub-command.
type command struct {
	name, summary string
	// run parses args, which do not include the name, with flags, which are its own to
	// define, and does the work. It returns nil when ctx ended it as it should.
	run func(ctx context.Context, p process, flags *flag.FlagSet, args []string) error
}

func commands() []command {
	return []command{
		{"run", "connect to Slack and Workfront and work", runBot},
		{"sandbox", "try it on this machine, with a simulated Slack and Workfront", runSandbox},
		{"check", "check a set-up before you rely on it, and find ids", checkSetup},
		{"manifest", "print the manifest of the Slack app, ready to paste", printManifest},
		{"audit", "check, export and show the audit trail", auditTrail},
		{"backup", "copy the SQLite database", backUp},
		{"forget", "erase what wfbot knows of a person", forget},
		{"apikey", "make a Workfront API key from a username and password, where Adobe still allows it", makeAPIKey},
		{"healthcheck", "ask the wfbot that runs here whether it is ready", checkHealth},
		{"version", "print the version", printVersion},
	}
}

// run is the program without the process around it.
func run(ctx context.Context, args []string, p process) error {
	if len(args) == 0 {
		return &misuse{"which command?\n\n" + usage()}
	}
	name, rest := args[0], args[1:]
	switch name {
	case "-h", "-help", "--help":
		name, rest = "help", nil
	case "-version", "--version":
		name = "version"
	}
	if name == "help" {
		if len(rest) == 0 {
			_, err := io.WriteString(p.stdout, usage())
			return err
		}
		name, rest = rest[0], []string{"-help"}
	}
	for _, c := range commands() {
		if c.name == name {
			return c.run(ctx, p, flag.NewFlagSet(c.name, flag.ContinueOnError), rest)
		}
	}
	// The word is not repeated: it may be a secret in the wrong place.
	return &misuse{"there is no such command\n\n" + usage()}
}

func usage() string {
	var b strings.Builder
	b.WriteString("wfbot switches off Adobe Workfront accounts from Slack, after approval.\n\n" +
		"Usage: wfbot <command> [flags]\n\n")
	for _, c := range append(commands(), command{name: "help", summary: "print this, or how to use a command"}) {
		fmt.Fprintf(&b, "  %-12s %s\n", c.name, c.summary)
	}
	b.WriteString("\n\"wfbot <command> --help\" says more about a command.\n\n" +
		"Exit status: 0 clean end, 1 failure, 2 wrong usage or configuration.\n")
	return b.String()
}

// parse reads the flags of a sub-command, which takes nothing else. When the
// person asked for help it is printed, and done is true.
func (p process) parse(flags *flag.FlagSet, args []string, help string) (done bool, err error) {
	_, done, err = p.parseWith(flags, args, help, "")
	return done, err
}

var wrongValue = regexp.MustCompile(`(?s)^invalid (?:boolean )?value ".*" for (?:flag )?(-[a-z]+): (.*)$`)

// withoutValue is what package flag says of a wrong flag without the value, which may be
// a secret in the wrong place.
func withoutValue(err error) string {
	if parts := wrongValue.FindStringSubmatch(err.Error()); parts != nil {
		return "the value of " + parts[1] + " cannot be used: " + parts[2]
	}
	return err.Error()
}

// parseWith is parse for a sub-command that takes one word besides its flags: what is
// that word, for people. Empty: it takes none.
func (p process) parseWith(flags *flag.FlagSet, args []string, help, what string) (word string, done bool, err error) {
	flags.SetOutput(io.Discard)
	err = flags.Parse(args)
	if rest := flags.Args(); err == nil && what != "" && len(rest) > 0 {
		word = rest[0]
		err = flags.Parse(rest[1:]) // flags may also follow it
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(p.stdout)
		if _, err := io.WriteString(p.stdout, help); err != nil {
			return "", true, err
		}
		flags.PrintDefaults()
		return "", true, nil
	case err != nil:
		return "", true, &misuse{fmt.Sprintf("%s; see wfbot %s --help", withoutValue(err), flags.Name())}
	case flags.NArg() > 0:
		return "", true, &misuse{fmt.Sprintf("there is something behind the flags that does not belong there; see wfbot %s --help", flags.Name())}
	case what != "" && word == "":
		return "", true, &misuse{fmt.Sprintf("%s is missing; see wfbot %s --help", what, flags.Name())}
	}
	return word, false, nil
}
