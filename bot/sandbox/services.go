package sandbox

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wfbot/bot/slacksim"
	"wfbot/workfront/workfrontsim"
)

// ServicesConfig is what Services needs.
type ServicesConfig struct {
	Listener net.Listener // as that of Config
	Log      *slog.Logger // of the simulators and the page; nil: slog.Default()
	Out      io.Writer    // where the variables are printed, a file of them for wfbot
	Say      io.Writer    // what a person is told; nil: nobody
	Faults   []string     // names of what is wrong from the start; see PrintFaults
	People   []mail.Address
	OAuth    bool // the credential of Workfront is an OAuth2 application, not an API key
}

// operations is the channel where the operator is told of trouble. The sandbox
// itself has none.
const operations = "C0OPERATIONS"

// services are the simulators with what a wfbot must be told of them.
type services struct {
	config    ServicesConfig
	slackIs   slacksim.Config     // before they are started
	tenantIs  workfrontsim.Config // the same
	slack     *slacksim.Server
	tenant    *workfrontsim.Server
	directory string // for files; removed at the end
	variables []setting
}

// setting is a variable for wfbot.
type setting struct{ name, value, about string }

// Services serves a simulated Slack and a simulated Workfront, with the sandbox's
// people and its page, and without a bot in between, until ctx ends and returns nil
// then. When both can be reached it prints the variables that let a wfbot on this machine
// work between them.
//
// The page shows no audit trail: that is in the database of the wfbot.
func Services(ctx context.Context, config ServicesConfig) (err error) {
	defer config.Listener.Close()
	if config.Log == nil {
		config.Log = slog.Default()
	}
	if config.Say == nil {
		config.Say = io.Discard
	}
	if err := refuseElsewhere(config.Listener); err != nil {
		return err
	}
	plants, err := plantsNamed(config.Faults)
	if err != nil {
		return err
	}
	directory, err := os.MkdirTemp("", "wfbot-sandbox-")
	if err != nil {
		return fmt.Errorf("making a directory for the database: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	s := &services{config: config, directory: directory, slackIs: slackConfig(config.Log), tenantIs: tenantConfig(config.Log)}
	for _, one := range plants {
		if one.before != nil {
			one.before(s)
		}
	}
	key, err := s.makeApplication()
	if err != nil {
		return err
	}
	s.slack = slacksim.New(s.slackIs)
	defer s.slack.Close()
	if _, err := s.slack.Start("127.0.0.1:0"); err != nil {
		return err
	}
	s.tenant = workfrontsim.New(s.tenantIs)
	tenantURL, stopTenant, err := serveTenant(ctx, s.tenant, config.Log)
	if err != nil {
		return err
	}
	defer stopTenant()
	world := seed(s.slack, s.tenant, time.Now())
	s.seedOperations(&world)
	s.describe(tenantURL, key)
	page, err := newPage(s.slack, s.tenant, nil, world, config.Log)
	if err != nil {
		return err
	}
	for _, one := range plants {
		if one.after != nil {
			one.after(s)
		}
		page.faults.turn(one.name, true) // where it is a switch of the page
	}
	stop := serve(ctx, config.Listener, page.handler(), config.Log)
	defer stop()
	if _, err := io.WriteString(config.Out, s.file()); err != nil {
		return fmt.Errorf("printing the variables: %w", err)
	}
	fmt.Fprintf(config.Say, "Simulated Slack and Workfront are ready. Put the variables into .env and start wfbot in another terminal.\n"+
		"Play the people here: http://%s\nPress Ctrl-C to end both.\n", config.Listener.Addr())
	<-ctx.Done()
	return nil
}

func slackConfig(log *slog.Logger) slacksim.Config {
	return slacksim.Config{
		Commands: []slacksim.SlashCommand{{Command: deactivate, ShouldEscape: true}, {Command: reactivate, ShouldEscape: true}},
		Log:      log,
	}
}

// makeApplication makes the OAuth2 application, where there is to be one, and returns
// the name of the file with its private key.
func (s *services) makeApplication() (file string, err error) {
	if !s.config.OAuth {
		return "", nil
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", fmt.Errorf("making a private key: %w", err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("encoding the private key: %w", err)
	}
	file = filepath.Join(s.directory, "workfront.key")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600); err != nil {
		return "", fmt.Errorf("storing the private key: %w", err)
	}
	s.tenantIs.OAuth = &workfrontsim.OAuthApp{ClientID: "simulated", ClientSecret: rand.Text(), PublicKey: &key.PublicKey}
	return file, nil
}

// seedOperations adds what the sandbox itself does not need: a channel for the
// operator, and people of the visitor's own, who are everywhere everybody is.
func (s *services) seedOperations(w *world) {
	s.slack.AddChannel(slacksim.Channel{ID: operations, Name: "it-operations", Private: true, Members: []string{s.slack.BotUserID(), requester, approver}})
	for _, one := range s.config.People {
		handle, _, _ := strings.Cut(one.Address, "@")
		name := cmp.Or(one.Name, handle)
		user := s.slack.AddUser(slacksim.User{Name: handle, RealName: name, Email: one.Address})
		for _, channel := range []string{offboarding, general} {
			s.slack.Invite(channel, user.ID)
		}
		s.slack.AddChannel(slacksim.Channel{IM: true, Private: true, Members: []string{s.slack.BotUserID(), user.ID}})
		s.tenant.AddUser(workfrontsim.User{Name: name, Email: one.Address, Active: true})
		w.people = append(w.people, person{ID: user.ID, Name: name, Role: "added by you"})
	}
}

// describe sets the variables for a right configuration.
func (s *services) describe(tenantURL, key string) {
	s.set("SLACK_APP_TOKEN", s.slack.AppToken(), "")
	s.set("SLACK_BOT_TOKEN", s.slack.BotToken(), "")
	s.set("SLACK_API_URL", s.slack.APIURL(), "")
	s.set("WORKFRONT_URL", tenantURL, "")
	if app := s.tenantIs.OAuth; app != nil {
		s.set("WORKFRONT_CLIENT_ID", app.ClientID, "")
		s.set("WORKFRONT_CLIENT_SECRET", app.ClientSecret, "")
		s.set("WORKFRONT_CUSTOMER_ID", s.tenant.CustomerID(), "")
		s.set("WORKFRONT_USER_ID", s.tenant.Caller().ID, "")
		s.set("WORKFRONT_PRIVATE_KEY_FILE", key, "")
	} else {
		s.set("WORKFRONT_API_KEY", s.tenant.APIKey(), "")
	}
	s.set("WFBOT_DATABASE_URL", "sqlite:"+filepath.Join(s.directory, "wfbot.db"), "gone when the services end")
	s.set("WFBOT_REQUESTERS", "S0ITSUPPORT", "@it-support: Rita and Ada")
	s.set("WFBOT_APPROVERS", "S0ITMANAGERS", "@it-managers: Ada and Ben")
	s.set("WFBOT_CHANNEL", offboarding, "#it-offboarding")
	s.set("WFBOT_OPS_CHANNEL", operations, "#it-operations")
}

// set sets a variable, in its place if it has one; about may say what it is.
func (s *services) set(name, value, about string) {
	for i, v := range s.variables {
		if v.name == name {
			s.variables[i] = setting{name, value, about}
			return
		}
	}
	s.variables = append(s.variables, setting{name, value, about})
}

// file is the variables as a file of them.
func (s *services) file() string {
	var b strings.Builder
	b.WriteString("# The simulated Slack and Workfront of this machine, for as long as they run. None\n# of this is a secret of yours.\n")
	for _, v := range s.variables {
		if v.about != "" {
			b.WriteString("# " + v.about + "\n")
		}
		b.WriteString(v.name + "=" + v.value + "\n")
	}
	return b.String()
}
