// Package workfront is a client for the part of Adobe Workfront's REST API
// ("Core API") that finds a user, reads it, tells what it still holds, and
// switches it off or on again.
//
//	client, err := workfront.New(workfront.Config{
//		URL:    "https://acme.my.workfront.adobe.com",
//		APIKey: key,
//	})
//	…
//	users, err := client.FindByEmail(ctx, "jane@acme.com")
//	user, err := client.SetActive(ctx, users[0].ID, false)
//
// # Host and version
//
// The whole host is configuration and never derived from a customer's name,
// since Adobe has moved tenants from one domain to another. Requests go to
//
//	<URL>/attask/api/<Version>/…
//
// with the version pinned (v22.0 unless configured otherwise), because the
// unversioned path changes its meaning with each release. A version that Adobe
// has removed answers 410.
//
// # Credentials
//
// A client holds exactly one of two credentials:
//
//   - an API key, sent in the header apiKey. Keys expire, monthly unless the
//     tenant's administrator chose otherwise. [GenerateAPIKey] makes one from
//     a username and password where the tenant still allows that.
//   - an OAuth2 server-to-server application ([OAuth]): a JWT signed with its
//     private key is exchanged for a token, which is sent in the header
//     sessionID. The token is kept until it expires or is refused.
//
// No credential is ever part of a URL. No error or log entry of this package
// holds one: what Workfront or the network says is searched for the credentials
// in use, and for anything of the form apiKey=…, before it is kept.
//
// # What a call sends
//
// A read is tried up to four times, one to four seconds apart with jitter (or
// as long as Retry-After asks for, up to 30 s), while the context's deadline
// leaves time for it. It is repeated after time-outs, connection errors, 408,
// 409, 429, 5xx and answers that are not the API's, and never after a redirect or
// a refusal, except for optional fields; see below. The counts of [Client.Holdings]
// share a deadline and are sent once.
//
// The write is sent once. What its failure means is the caller's to find out:
// see [Error.MaybeApplied].
//
// Where a token is refused (401) it is exchanged again, once, and the request
// repeated, once; also the write, if the API itself refused it, for then it did not take
// effect. An API key cannot be renewed this way; its refusal is final.
//
// A client sends few requests at a time, token exchanges included: Workfront limits the
// number of concurrent requests of all of a customer's integrations together. It sends
// three at first, one more after each round that Workfront has answered, and half as many
// when Workfront is busy (429); that makes it more careful from then on. It never sends
// more than [Config.Concurrency]. Further calls wait for their turn until their context
// ends, the more important ones first ([With]); one place is kept for what was approved.
// Each request has [Config.Timeout]. Redirects are not followed, since a credential would
// follow them. At most 1 MiB of an answer is read.
//
// # What a user still holds
//
// [Client.Holdings] counts what would be left on a person who has left, by kind,
// and [Client.HeldNames] names it. Few of the queries are known to have been sent to a
// tenant: they are composed from documented names, and the table of kinds in holding.go
// says how sure each is. Therefore a refusal costs that one number; where a narrower
// question is left, it is asked instead and the number is AtLeast.
//
// All counts go in one request, POST /batch, if the tenant takes it. Only Adobe's own
// client says that it does. What it takes is learnt once: whether there are batches, of
// how many counts, and which counts are refused. A number that does not prove to be in
// its place (batch.go) is asked for in a request of its own. Numbers are those that this
// client's account may see. Which statuses of a tenant's own are as good as closed is
// read once (object CSTEM); until that has worked they count as open, unless
// [Config.ClosedStatuses] names them.
//
// # Optional fields
//
// One field unknown to the API version fails the whole call. A user is read with
// a few fields that decide about safety and with optional ones
// ([Config.UserFields]). An optional one that Workfront refuses is dropped for the
// life of the client, logged once as a warning, and the call repeated. If the refusal
// (400 or 422) names no field, or does not name the object, the field is found by halves.
// User.Missing names it. A field that is needed is never dropped.
//
// # Preflight
//
// [Client.Preflight] looks all objects, fields and filters up in the tenant's own
// metadata, and says what will come of each question; [Client.Rights] whether the
// account may edit users; [SupportEnds] until when Adobe supports an API version.
//
// # Errors
//
// Whatever Workfront or the network answered is an [*Error]. Four sentinels
// mark what callers branch on, in this order of precedence:
//
//   - [ErrUnauthorized]: the credential is refused. Every other call will fail too.
//   - [ErrMoved]: the address answers with a redirect. So will every other call.
//   - [ErrNotFound]: no such user, or not one this account may see. Workfront
//     does not tell the two apart.
//   - [ErrUnchanged]: the write was answered with success and changed nothing.
//
// [Error.Temporary] tells whether the same call may succeed later. Ten users or
// more with one e-mail address are an [*AmbiguousError]. An argument that
// cannot be sent (an ID that is none, say) is a plain error: nothing was sent.
//
//	                            Temporary   MaybeApplied (write)
//	could not connect           yes         no
//	time-out, reset             yes         yes
//	301 302 303 307 308         no          yes          ErrMoved
//	other 3xx                   yes         yes
//	2xx that is not JSON        yes         yes
//	2xx with an error member    no          yes
//	2xx, value not as asked     no          yes          ErrUnchanged
//	401                         no          no (*)       ErrUnauthorized
//	404, the API's own          no          no (*)       ErrNotFound
//	408, 409, 429               yes         yes
//	other 4xx, the API's own    no          no (*)
//	other 4xx, not the API's    yes         yes          but 410: not temporary
//	5xx                         yes         yes
//
// (*) Yes, unless the answer is the API's own error object, with a class where it is
// not 401: what stands between the client and Workfront can answer with any status
// to a write that has taken effect in Workfront.
//
// # What is checked
//
// Workfront is known to confirm changes of some fields with 200 without carrying
// them out, and an answer may come from something in front of it. Therefore a
// user without an ID or without isActive is an error and not an inactive user;
// the user read is the one asked for; the user found has the e-mail address
// asked for; and [Client.SetActive] succeeds only if the answer shows the new
// value. Read the user again all the same before telling anybody.
//
// This package never deletes: deleting a user loses their history.
//
// Facts about the wire are from Adobe's documentation
// (https://github.com/AdobeDocs/workfront.en), its OpenAPI description
// (https://github.com/AdobeDocs/workfront-apis) and its JavaScript client
// (https://github.com/Workfront/workfront-api).
package workfront
