package workfrontsim

import (
	"cmp"
	"crypto/rsa"
	"log/slog"
	"net/http"
	"time"
)

// Config says what the simulated tenant is like. The zero value is a usable
// tenant: versions 16 to 22, an administrator as integration user, an API key
// made up by [New] (see [Server.APIKey]), no OAuth2 application.
//
// The fields of the second half stand for behaviour that Adobe's documentation
// leaves open. Their zero value is the most likely reading; a client should
// pass its tests with each of them turned.
type Config struct {
	Now      func() time.Time // clock of dates and expiries; nil is time.Now. Delays of faults use real time
	Log      *slog.Logger     // one debug line a call, a warning for each deletion; nil discards
	Location *time.Location   // offset of the dates in answers; nil is America/Denver's winter offset, -0700

	Caller         User          // integration user that owns APIKey; zero is an active system administrator
	APIKey         string        // key of Caller; empty makes one up
	APIKeyLifetime time.Duration // of every key; 0 is 30 days (Workfront's default is monthly), negative never expires
	CustomerID     string        // 32 hex digits; empty makes one up
	OAuth          *OAuthApp     // OAuth2 application for the JWT exchange; nil: there is none

	NewestVersion      int           // 0 is 22; the version served where the path names none
	OldestVersion      int           // 0 is 16; older ones are removed
	MaxConcurrent      int           // API calls in flight per customer, more get 429; 0 is 10, negative no limit
	Latency            time.Duration // added before every answer, in real time
	Gzip               Gzip          // when answers are compressed
	Without            []string      // objects and fields that this tenant refuses as unknown: AWAPVL, USER.licenseType
	CustomFields       []string      // names of the custom fields of users, served as DE:<name>; see [User.Custom]
	StableUnsorted     bool          // keep insertion order where a search names no sort; by default every call has another order, as paging without sort repeats and skips rows
	SessionLifetime    time.Duration // of sessions and of tokens from the JWT exchange; 0 is 8 hours
	PasswordLogin      bool          // serve /login; by default it is refused, as documented for Adobe-managed organisations
	RefusePasswordKeys bool          // refuse generateApiKey and getApiKey with username and password

	Batch Batch // how several calls in one are served

	RemovedVersionStatus int    // status for a removed version; 0 is 410
	UnknownFieldStatus   int    // status for an unknown field name; 0 is 422 (400 is the other candidate)
	UnknownFieldWords    string // how a field is refused, with {version}, {field} and {object}; empty is "APIModel {version} does not support field {field} ({object})". "APIModel INTERNAL does not support field {field}" has been seen too
	HiddenStatus         int    // status of GET and PUT on a user that the caller cannot see; 0 is 404 (403 is the other candidate)
	RepeatStatus         int    // status of a PUT that sets isActive to what it is; 0 is 200 and a no-op, 422 refuses
	NoPartMetadata       bool   // refuse the metadata of objects that cannot be asked for themselves; by default it is served, since a tenant's own metadata links to it
	ErrorsWithoutClass   bool   // errors carry a message only
	IDParamAlwaysArray   bool   // GET /user?id=x answers an array for one id as well; by default an object
	CommasInText         bool   // the in modifier splits text values at commas; by default only identifiers
	ExchangeExpiresIn    bool   // the JWT exchange answers expires_in; by default access_token and token_type only
	InactiveKeepsAccess  bool   // keys, sessions and tokens of an inactive user keep working; by default they are refused
	RefuseAdminTarget    bool   // refuse to deactivate a system administrator (403)
	RefuseSelfTarget     bool   // refuse to deactivate the caller (422)
	ActivateNeedsLevel   bool   // isActive=true needs accessLevelID in the same update (422), as the page of Workfront does
	ActivateNeedsGroup   bool   // isActive=true is refused for a user without home group (422), as the page of Workfront has been seen to do
	RefusePending        bool   // isActive=true is refused for a user whose approval (USRAPV) is on record (422); by default it goes around the approval
	FullLicenses         int    // isActive=true is refused if so many other active users have licence F and this one has it too (422, the text made up); 0: no limit
	DuplicateActiveEmail bool   // allow two active users with one e-mail address; by default activating the second is refused (422)
}

// An OAuthApp is a server-to-server application of Setup > System > OAuth2
// Applications. The issuer of its tokens is [Config.CustomerID].
type OAuthApp struct {
	ClientID     string
	ClientSecret string
	PublicKey    *rsa.PublicKey // verifies the RS256 signature of the assertion
}

// Gzip says when answers are compressed.
type Gzip int

const (
	GzipWhenAccepted Gzip = iota // when the request accepts it
	GzipNever
	GzipAlways    // even when not asked for, which Workfront is known to do
	GzipAlternate // every second answer, whether asked for or not
)

// withDefaults resolves the zero values that are not useful by themselves.
func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Location == nil {
		c.Location = time.FixedZone("", -7*60*60)
	}
	c.APIKeyLifetime = cmp.Or(c.APIKeyLifetime, 30*24*time.Hour)
	c.SessionLifetime = cmp.Or(c.SessionLifetime, 8*time.Hour)
	c.NewestVersion = cmp.Or(c.NewestVersion, 22)
	c.OldestVersion = cmp.Or(c.OldestVersion, 16)
	c.MaxConcurrent = cmp.Or(c.MaxConcurrent, 10)
	c.RemovedVersionStatus = cmp.Or(c.RemovedVersionStatus, http.StatusGone)
	c.UnknownFieldStatus = cmp.Or(c.UnknownFieldStatus, http.StatusUnprocessableEntity)
	c.UnknownFieldWords = cmp.Or(c.UnknownFieldWords, "APIModel {version} does not support field {field} ({object})")
	c.HiddenStatus = cmp.Or(c.HiddenStatus, http.StatusNotFound)
	c.RepeatStatus = cmp.Or(c.RepeatStatus, http.StatusOK)
	return c
}
