package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"wfbot/bot/sandbox"
)

const (
	sandboxIs = `Usage: wfbot sandbox [-addr HOST:PORT] [-v]
       wfbot sandbox -services [-fault NAME]... [-person "NAME <E-MAIL>"]...
                     [-oauth] [-addr HOST:PORT] [-v] > .env

Runs the bot against a simulated Slack and a simulated Workfront and serves a
page on which you play all the people. It needs no account and reads no
configuration. Only this machine can reach it; Ctrl-C ends it.

With -services it starts only the two services and the page, and prints the
variables for them. Put these into .env, start "wfbot run" in another terminal,
and you try it without an account. With -fault something is wrong from the start:

`
	sandboxHost = "127.0.0.1"
	sandboxPort = 8080
)

// runSandbox is "wfbot sandbox".
func runSandbox(ctx context.Context, p process, flags *flag.FlagSet, args []string) error {
	addr := flags.String("addr", "", fmt.Sprintf("`address` of the page, on this machine (default %s:%d or, if that is taken, the next free port)", sandboxHost, sandboxPort))
	verbose := flags.Bool("v", false, "log everything the bot does, to standard error")
	alone := flags.Bool("services", false, "start only the simulated Slack and Workfront, and print the variables for them")
	var services sandbox.ServicesConfig
	flags.Func("fault", "with -services: `name` of something that is wrong from the start; may be repeated", func(name string) error {
		services.Faults = append(services.Faults, name)
		return nil
	})
	flags.Func("person", "with -services: somebody of yours, as \"Tess Trial <tess@acme.com>\", in Slack and in Workfront; `person` may be repeated", func(text string) error {
		address, err := mail.ParseAddress(text)
		if err != nil {
			return errors.New("write it as \"Tess Trial <tess@acme.com>\"")
		}
		services.People = append(services.People, *address)
		return nil
	})
	flags.BoolVar(&services.OAuth, "oauth", false, "with -services: the credential of Workfront is an OAuth2 application, not an API key")
	if done, err := p.parse(flags, args, sandboxHelp()); done {
		return err
	}
	if err := checkServices(*alone, services); err != nil {
		return err
	}
	listener, err := listenLoopback(ctx, *addr)
	if err != nil {
		return err
	}
	if *addr == "" && listener.Addr().(*net.TCPAddr).Port != sandboxPort {
		fmt.Fprintf(p.stderr, "Port %d is taken, using another.\n", sandboxPort)
	}
	level := slog.LevelWarn
	if *verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: level}))
	if *alone {
		services.Listener, services.Log, services.Out, services.Say = listener, log, p.stdout, p.stderr
		return sandbox.Services(ctx, services)
	}
	return sandbox.Run(ctx, sandbox.Config{Listener: listener, Out: p.stdout, Log: log})
}

func sandboxHelp() string {
	var b strings.Builder
	b.WriteString(sandboxIs)
	_ = sandbox.PrintFaults(&b) // a Builder takes everything
	b.WriteString("\n")
	return b.String()
}

// checkServices says what is wrong with the flags for -services.
func checkServices(alone bool, services sandbox.ServicesConfig) error {
	if !alone && (services.Faults != nil || services.People != nil || services.OAuth) {
		return &misuse{"-fault, -person and -oauth are for -services; on the page of the sandbox you can make things fail too"}
	}
	for _, name := range services.Faults {
		if !slices.Contains(sandbox.FaultNames(), name) {
			return &misuse{"-fault takes a name that wfbot sandbox --help lists"}
		}
	}
	return nil
}

// listenLoopback listens at addr, which only this machine must be able to reach.
// An empty addr is the default port or the next free one.
func listenLoopback(ctx context.Context, addr string) (net.Listener, error) {
	var config net.ListenConfig
	if addr == "" {
		for port := sandboxPort; port < sandboxPort+20; port++ {
			l, err := config.Listen(ctx, "tcp", net.JoinHostPort(sandboxHost, strconv.Itoa(port)))
			if !errors.Is(err, syscall.EADDRINUSE) {
				return l, err
			}
		}
		return config.Listen(ctx, "tcp", net.JoinHostPort(sandboxHost, "0"))
	}
	host, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		return nil, &misuse{"-addr takes a host and a port, such as 127.0.0.1:8080"}
	}
	if !isLoopback(host) {
		return nil, &misuse{"-addr must name this machine, such as 127.0.0.1:8080: everybody who reaches the page can play every person"}
	}
	l, err := config.Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is taken by another program: choose another port with -addr, or leave -addr out", addr)
	case err != nil:
		return nil, fmt.Errorf("opening the page's address: %w", err)
	}
	if at, ok := l.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() { // "localhost" is whatever the machine says
		l.Close()
		return nil, &misuse{"-addr must name this machine, such as 127.0.0.1:8080"}
	}
	return l, nil
}
