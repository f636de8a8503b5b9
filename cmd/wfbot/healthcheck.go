package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// checkHealth is "wfbot healthcheck".
func checkHealth(ctx context.Context, p process, flags *flag.FlagSet, args []string) error {
	live := flags.Bool("live", false, "ask only whether it is alive (/livez), not whether it is ready (/readyz)")
	timeout := flags.Duration("timeout", 8*time.Second, "how long to wait for the answer")
	if done, err := p.parse(flags, args, healthHelp); done {
		return err
	}
	if *timeout <= 0 {
		return &misuse{"-timeout takes a duration such as 8s"}
	}
	at, err := loadPart(p.environ, dotenv, (*httpAddress).check)
	if err != nil {
		return err
	}
	if at.Addr == "" {
		return &misuse{"WFBOT_HTTP_ADDR is not set: without it, wfbot opens no port, and nobody can ask"}
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	path := "/readyz"
	if *live {
		path = "/livez"
	}
	said, err := ask(ctx, "http://"+fromHere(at.Addr)+path)
	if said != "" {
		if _, err := io.WriteString(p.stdout, said); err != nil {
			return err
		}
	}
	return err
}

const healthHelp = `Usage: wfbot healthcheck [flags]

Asks the wfbot that runs on this machine, or in this container, whether it is
ready: the database answers, at least one connection to Slack is open, and
Workfront accepts the credential. Prints the answer. It is for health checks in
containers that have no shell and no curl.

It asks at WFBOT_HTTP_ADDR, set in the environment or in ` + dotenv + `.

Exit status: 0 it is ready, 1 it is not or does not answer, 2 wrong usage, or
WFBOT_HTTP_ADDR is not set.

`

// fromHere is the address where whoever listens at addr is reached from this machine.
func fromHere(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		if ip != nil && ip.To4() == nil {
			return net.JoinHostPort("::1", port)
		}
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

// maxSaid is more than there is to say about health, in bytes.
const maxSaid = 4 << 10

// ask returns what a wfbot answers, and an error unless that is 200. No proxy is asked:
// it runs here.
func ask(ctx context.Context, address string) (said string, err error) {
	call, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := transport.RoundTrip(call)
	if err != nil {
		return "", fmt.Errorf("no wfbot answers at %s: %w", call.URL.Host, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxSaid))
	if err != nil {
		return "", fmt.Errorf("reading what wfbot says: %w", err)
	}
	said = strings.TrimSpace(string(text)) + "\n"
	switch answer.StatusCode {
	case http.StatusOK:
		return said, nil
	case http.StatusServiceUnavailable:
		return said, errors.New("wfbot is not ready")
	}
	return "", fmt.Errorf("what answers at %s is no wfbot (status %d)", call.URL.Host, answer.StatusCode)
}
