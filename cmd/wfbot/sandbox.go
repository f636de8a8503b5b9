package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"syscall"

	"wfbot/bot/sandbox"
)

const (
	sandboxHelp = `Usage: wfbot sandbox [-addr HOST:PORT] [-v]

Runs the bot against a simulated Slack and a simulated Workfront and serves a
page on which you play all the people. It needs no account and reads no
configuration. Only this machine can reach it; Ctrl-C ends it.

`
	sandboxHost = "127.0.0.1"
	sandboxPort = 8080
)

// runSandbox is "wfbot sandbox".
func runSandbox(ctx context.Context, p process, args []string) error {
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	addr := flags.String("addr", "", fmt.Sprintf("`address` of the page, on this machine (default %s:%d or, if that is taken, the next free port)", sandboxHost, sandboxPort))
	verbose := flags.Bool("v", false, "log everything the bot does, to standard error")
	if done, err := p.parse(flags, args, sandboxHelp); done {
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
	return sandbox.Run(ctx, sandbox.Config{
		Listener: listener,
		Out:      p.stdout,
		Log:      slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: level})),
	})
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
