// Package workfrontsim simulates an Adobe Workfront tenant at the level of HTTP:
// strict, so that a client that passes against it has a fair chance against the
// real one, and stateful, so that what a client wrote is what the next one reads.
// Tests use it, crash tests where the client is another process, and the sandbox page.
//
// It shares no code with the client, and is tested with Adobe's JavaScript client.
// Its facts come from Adobe's documentation
// (https://experienceleague.adobe.com/en/docs/workfront/using/adobe-workfront-api/api-general-information/api-basics),
// Adobe's OpenAPI document and JavaScript client, and observations of live
// tenants. Where those are silent, [Config] has a switch with a stated default.
//
// # Use
//
//	sim := workfrontsim.New(workfrontsim.Config{})
//	server := httptest.NewServer(sim)
//	defer server.Close()
//	defer sim.Close() // first: lets go of answers that hang
//	jane := sim.AddUser(workfrontsim.User{Name: "Jane Doe", Email: "jane@acme.com", Active: true})
//	// … a client with server.URL and sim.APIKey() deactivates jane …
//	changes := sim.Changes() // one, from true to false, by sim.Caller().ID
//
// # What is served
//
//   - GET /attask/api/v22.0/user/<id>, user?id=a,b, user?id=$$USER, user/search,
//     user/count, user/metadata; the same for tasks, issues, projects and the other
//     objects a user may hold, which [Server.AddRecord] stores one by one and
//     [Server.AddWork] by the dozen, and for approvals of users (USRAPV)
//   - PUT of users as plain parameters, as updates= or as JSON, one or up to 100;
//     DELETE, which exists, warns and is marked in the journal
//   - API keys, sessions, GET /session, /login, /logout, generateApiKey, getApiKey,
//     clearApiKey, and the JWT exchange of Workfront's own OAuth2
//   - POST /attask/api/v22.0/batch with reads in it; see [Batch]
//   - filters with modifiers, OR groups, filters=, wildcards, sorts, pages, fields=
//     with references and collections
//
// What Workfront has and this package does not (reports, creating objects, the
// list of all objects, rare modifiers) is refused with status 501 and a message that names
// workfrontsim, never ignored.
//
// # Faults
//
// [Server.Inject] takes a [Fault]: which calls, whether their change is applied, and
// what the client gets to see. The pair is what networks do:
//
//	{Apply: true, Answer: Answer{Kind: Reset}}            // it was done, the answer was lost
//	{Apply: false, Answer: Answer{Kind: Reset}}           // it was not done
//	{Apply: false, Answer: Answer{Kind: Normal}}          // claims success, did nothing
//	{Apply: false, Answer: Answer{Kind: Unchanged}}       // 200, but still active in the answer
//	{Apply: true, Answer: Answer{Delay: time.Second}}     // slow, otherwise normal
//
// A fault can be that of a single query (Operation rrul/count) or of a single field
// ([RefuseField], or the field Field of any fault).
//
// # Journal and observers
//
// [Server.Journal] holds every request, [Server.Writes] every write of isActive,
// [Server.Changes] those that changed something. [Server.Observe] runs a function
// synchronously when a call has been received, applied and answered; a crash test
// kills the client from there. [Server.Wait] and [Server.Subscribe] tell of changes
// without polling.
package workfrontsim
