package main

import (
	"log/slog"
	"reflect"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"wfbot/bot/request"
	"wfbot/workfront/secret"
)

// config is the configuration of "wfbot run". Its tags are the one list of
// variables: the help text, docs/configuration.md and .env.example come from it.
// The fields of type secret.Value are also read from the file that NAME_FILE
// names.
type config struct {
	SlackAppToken secret.Value `section:"Slack" env:"SLACK_APP_TOKEN,notEmpty" about:"the app-level token, xapp-…, with the scope connections:write"`
	SlackBotToken secret.Value `env:"SLACK_BOT_TOKEN,notEmpty" about:"the Bot User OAuth Token of the installed app, xoxb-…"`
	SlackAPIURL   string       `env:"SLACK_API_URL" envDefault:"https://slack.com/api/" about:"the Web API; https://slack-gov.com/api/ for GovSlack; https, except on this machine"`

	Workfront workfrontHost

	WorkfrontAPIKey       secret.Value `env:"WORKFRONT_API_KEY" about:"an API key; either this, or the five variables of an OAuth2 application that follow"`
	WorkfrontClientID     string       `env:"WORKFRONT_CLIENT_ID" about:"OAuth2 server-to-server application: its client ID"`
	WorkfrontClientSecret secret.Value `env:"WORKFRONT_CLIENT_SECRET" about:"OAuth2: its client secret"`
	WorkfrontCustomerID   string       `env:"WORKFRONT_CUSTOMER_ID" about:"OAuth2: the customer ID shown beside the client ID"`
	WorkfrontUserID       string       `env:"WORKFRONT_USER_ID" about:"OAuth2: the Workfront ID of the user that wfbot acts as"`
	WorkfrontPrivateKey   secret.Value `env:"WORKFRONT_PRIVATE_KEY" about:"OAuth2: the private RSA key in PEM form; most easily as WORKFRONT_PRIVATE_KEY_FILE, the name of its file"`

	UserFields      string `env:"WORKFRONT_USER_FIELDS" about:"fields of a user to show besides name and e-mail, separated by commas, such as title,manager:emailAddr,DE:Employee ID; without it, those that every Workfront has"`
	ClosedStatuses  string `env:"WORKFRONT_CLOSED_STATUSES" about:"further statuses that mean that work is finished, such as tasks:ABC,issues:DEF; also for projects, managed_projects and timesheets. wfbot reads your own statuses from Workfront, so this is seldom needed"`
	DecidedStatuses string `env:"WORKFRONT_DECIDED_STATUSES" about:"statuses that mean that the approval of a new user was decided; without it, nobody with such an approval on record can be reactivated"`

	WorkfrontUserPage    string `env:"WORKFRONT_USER_PAGE" about:"address of a user's page in your Workfront, with {id} in place of the long ID in it; then the e-mail on a card leads there. Adobe documents no such address: open a user in Workfront and copy it from the browser"`
	WorkfrontConcurrency int    `env:"WORKFRONT_CONCURRENCY" envDefault:"6" about:"how many calls to Workfront run at once, 1 to 10; wfbot starts with 3, and makes fewer while Workfront is busy. Workfront's own limit, once published as 10, counts all integrations together. With 1, an approval waits for the call before it"`

	DatabaseAddress
	Retain    time.Duration `env:"WFBOT_RETAIN" envDefault:"0s" about:"how long to keep names, e-mails, reasons, comments and what people held after a request was last active, 24h or longer, such as 8760h for a year; 0: for ever. Then they are erased, also from the audit trail, which still verifies. What people typed and pressed is erased after 30 days, or earlier if this is shorter"`
	MovedFrom string        `env:"WFBOT_MOVED_FROM" about:"the old host of your Workfront, if its address has changed; set it for one start, and the database follows to the new address"`

	Requesters     string `section:"Who may do what" env:"WFBOT_REQUESTERS,notEmpty" about:"who may ask: Slack user ids (U…, W…) and user-group ids (S…), separated by commas or spaces"`
	Approvers      string `env:"WFBOT_APPROVERS,notEmpty" about:"who may approve and deny: user ids, user-group ids, and the word manager for the person's Workfront manager"`
	Approvals      int    `env:"WFBOT_APPROVALS" envDefault:"1" about:"how many different people must approve"`
	AdminApprovals int    `env:"WFBOT_ADMIN_APPROVALS" envDefault:"2" about:"how many must approve if the person is a Workfront administrator"`
	AllowAdmins    bool   `env:"WFBOT_ALLOW_ADMINS" envDefault:"false" about:"whether Workfront administrators may be deactivated at all"`
	Protected      string `env:"WFBOT_PROTECTED" about:"full e-mails, as in Workfront, of people who may never be deactivated, separated by commas or spaces"`

	ReactivateAny bool `env:"WFBOT_REACTIVATE_ANY" envDefault:"false" about:"whether anybody may be reactivated, not only people that wfbot deactivated"`

	Channel    string `section:"Where and when" env:"WFBOT_CHANNEL" about:"id of the channel for the cards (C…, G…); without it they appear where the command was typed"`
	OpsChannel string `env:"WFBOT_OPS_CHANNEL" about:"id of the channel that is told of trouble only the operator can end; without it, such trouble is only in the log"`

	RequestTTL       time.Duration `env:"WFBOT_REQUEST_TTL" envDefault:"72h" about:"how long a request waits for decisions before it expires"`
	RemindEvery      time.Duration `env:"WFBOT_REMIND_EVERY" envDefault:"24h" about:"how often to remind those who can still decide, in the thread of the card; 0: never"`
	StopWindow       time.Duration `env:"WFBOT_STOP_WINDOW" envDefault:"0s" about:"how long an approved request waits before it takes effect, and can still be cancelled"`
	VerifyAfter      time.Duration `env:"WFBOT_VERIFY_AFTER" envDefault:"24h" about:"how long after a change wfbot reads the user again, in case something has changed it back; 0: never"`
	DryRun           bool          `env:"WFBOT_DRY_RUN" envDefault:"false" about:"do everything except the change in Workfront; the cards say so"`
	SlackConnections int           `section:"Process" env:"WFBOT_SLACK_CONNECTIONS" envDefault:"2" about:"Socket Mode connections of this process, 1 to 10; Slack allows an app 10, over all processes"`
	LogLevel         slog.Level    `env:"WFBOT_LOG_LEVEL" envDefault:"info" about:"debug, info, warn or error"`
	LogFormat        string        `env:"WFBOT_LOG_FORMAT" envDefault:"text" about:"text or json"`

	HTTP httpAddress

	policy request.Policy // made from the above by check
	reads  reads          // the same
}

// httpAddress is what is needed to ask a running wfbot how it is.
type httpAddress struct {
	Addr string `env:"WFBOT_HTTP_ADDR" about:"host and port at which /livez, /readyz and /metrics are served, such as 127.0.0.1:9464, or :9464 for all addresses of the machine; without it, wfbot opens no port"`
}

// workfrontHost is what is needed to reach Workfront without a credential.
type workfrontHost struct {
	URL        string `section:"Workfront" env:"WORKFRONT_URL,notEmpty" about:"the whole host of your Workfront, such as https://acme.my.workfront.adobe.com"`
	APIVersion string `env:"WORKFRONT_API_VERSION" envDefault:"v22.0" about:"the API version"`
}

// DatabaseAddress is what is needed to find the database.
type DatabaseAddress struct {
	DatabaseURL secret.Value `section:"State" env:"WFBOT_DATABASE_URL" envDefault:"sqlite:wfbot.db" about:"where requests and the audit trail are kept: sqlite: and a file name, or postgres://…. A PostgreSQL server on another machine must prove its identity over TLS, unless an sslmode says otherwise"`
}

// variable is a row of the list of variables.
type variable struct {
	Section  string // of the variables from this one on; empty: as before
	Name     string
	Default  string
	Required bool
	Secret   bool   // also read from the file that Name+"_FILE" names
	About    string // what to put there
	field    reflect.StructField
}

// variables lists what is read into a struct such as config.
func variables[T any]() []variable {
	params, err := env.GetFieldParams(new(T))
	if err != nil {
		panic("unreachable unless a struct of this package is malformed: " + err.Error())
	}
	var list []variable
	for i, field := range fields(reflect.TypeFor[T]()) {
		list = append(list, variable{
			Section:  field.Tag.Get("section"),
			Name:     params[i].OwnKey,
			Default:  params[i].DefaultValue,
			Required: params[i].NotEmpty,
			Secret:   field.Type == reflect.TypeFor[secret.Value](),
			About:    field.Tag.Get("about"),
			field:    field,
		})
	}
	return list
}

// fields returns the fields with a variable, in the order of env.GetFieldParams.
func fields(t reflect.Type) []reflect.StructField {
	var list []reflect.StructField
	for field := range t.Fields() {
		if _, ok := field.Tag.Lookup("env"); ok {
			list = append(list, field)
		} else if field.IsExported() && field.Type.Kind() == reflect.Struct {
			list = append(list, fields(field.Type)...)
		}
	}
	return list
}

// form says how a value of the variable's type is written.
func (v variable) form() string {
	switch v.field.Type {
	case reflect.TypeFor[bool]():
		return "true or false"
	case reflect.TypeFor[int]():
		return "a whole number"
	case reflect.TypeFor[time.Duration]():
		return "a duration in hours, minutes or seconds, such as 72h, 30m or 1h30m"
	}
	return v.About
}

// describe lists the variables of T for a help text.
func describe[T any]() string {
	var b strings.Builder
	for _, v := range variables[T]() {
		if v.Section != "" {
			b.WriteString("\n  " + v.Section + "\n")
		}
		b.WriteString("    " + v.Name)
		switch {
		case v.Required:
			b.WriteString(" (required)")
		case v.Default != "":
			b.WriteString(" (default " + v.Default + ")")
		}
		b.WriteString("\n        " + v.About + "\n")
	}
	return b.String()
}
