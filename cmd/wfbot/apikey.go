package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"wfbot/workfront"
	"wfbot/workfront/secret"
)

// passwordsClosed is the first line of what "wfbot apikey" says, whatever it is asked.
// https://github.com/AdobeDocs/workfront.en/blob/main/help/quicksilver/wf-api/general/api-basics.md
const passwordsClosed = "This works only where Adobe still allows login by password. For most organisations it does not."

const apiKeyHelp = passwordsClosed + `

Usage: wfbot apikey -username NAME

Makes an API key for a Workfront user and prints it, for WORKFRONT_API_KEY. The
password is asked for at the terminal, or read as one line from standard input.
An API key that the user already has may stop working.

Otherwise an administrator makes a key in Workfront under Setup > System >
Customer Info, or an OAuth2 application under Setup > System > OAuth2
Applications.

Where Workfront is comes from WORKFRONT_URL and WORKFRONT_API_VERSION, in the
environment or in ` + dotenv + `.

`

// makeAPIKey is "wfbot apikey".
func makeAPIKey(ctx context.Context, p process, flags *flag.FlagSet, args []string) error {
	username := flags.String("username", "", "the `name` with which the user logs in, most often an e-mail")
	if done, err := p.parse(flags, args, apiKeyHelp); done {
		return err
	}
	fmt.Fprintln(p.stderr, passwordsClosed)
	if *username == "" {
		return &misuse{"whose key? Say it with -username; see wfbot apikey --help"}
	}
	host, err := loadPart(p.environ, dotenv, (*workfrontHost).check)
	if err != nil {
		return err
	}
	password, err := p.askPassword(ctx, fmt.Sprintf("Password of %s at %s: ", *username, host.URL))
	if err != nil {
		return err
	}
	key, err := workfront.GenerateAPIKey(ctx, workfront.Config{URL: host.URL, Version: host.APIVersion}, *username, password)
	if err != nil {
		return explainRefusal(err)
	}
	fmt.Fprintln(p.stderr, "This is the key, for WORKFRONT_API_KEY. Whoever has it acts as the user: keep it out of chats and tickets.\n"+
		"Unless an administrator has set otherwise, it expires after a month.")
	_, err = fmt.Fprintln(p.stdout, key.Reveal())
	return err
}

// explainRefusal adds to a refusal what it most probably means.
func explainRefusal(err error) error {
	var refused *workfront.Error
	if errors.Is(err, workfront.ErrMoved) {
		return fmt.Errorf("%w\nIf your Workfront has moved, set WORKFRONT_URL to its new address", err)
	}
	passing := []int{http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests}
	if errors.Is(err, workfront.ErrUnauthorized) || errors.As(err, &refused) && refused.Status/100 == 4 && !slices.Contains(passing, refused.Status) {
		return fmt.Errorf("%w\n"+
			"Either the username or the password is wrong, or your organisation's users log in\n"+
			"through Adobe: Workfront then takes no passwords from programs any more. In that case\n"+
			"an administrator makes a key in Workfront under Setup > System > Customer Info, or an\n"+
			"OAuth2 application under Setup > System > OAuth2 Applications. Mind that a few wrong\n"+
			"passwords lock an account", err)
	}
	return err
}

// askPassword reads one line, without echo if standard input is a terminal.
func (p process) askPassword(ctx context.Context, prompt string) (secret.Value, error) {
	read := func() (string, error) {
		line, err := bufio.NewReader(io.LimitReader(p.stdin, maxSecret)).ReadString('\n')
		if errors.Is(err, io.EOF) { // the last line may lack its end
			err = nil
		}
		return strings.TrimRight(line, "\r\n"), err
	}
	if f, ok := p.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		before, err := term.GetState(int(f.Fd()))
		if err != nil {
			return "", fmt.Errorf("asking for the password: %w", err)
		}
		defer func() {
			_ = term.Restore(int(f.Fd()), before) // after an interrupt the echo is still off
			fmt.Fprintln(p.stderr)
		}()
		fmt.Fprint(p.stderr, prompt)
		read = func() (string, error) {
			line, err := term.ReadPassword(int(f.Fd()))
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return string(line), err
		}
	}
	type answer struct {
		line string
		err  error
	}
	// A read from a terminal cannot be interrupted: after a signal it is left
	// behind, and the program ends.
	answers := make(chan answer, 1)
	go func() {
		line, err := read()
		answers <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", errors.New("interrupted")
	case a := <-answers:
		switch {
		case a.err != nil:
			return "", fmt.Errorf("reading the password: %w", a.err)
		case a.line == "":
			return "", errors.New("no password was given")
		}
		return secret.Value(a.line), nil
	}
}
