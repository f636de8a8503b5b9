// Command wfbot is a Slack bot that IT staff use to switch off the Adobe Workfront
// accounts of people who leave, after approval by others.
//
//	wfbot run          connect to Slack and Workfront and work
//	wfbot sandbox      try it on this machine, with a simulated Slack and Workfront
//	wfbot check        check a set-up before you rely on it, and find ids
//	wfbot manifest     print the manifest of the Slack app
//	wfbot audit        check, export and show the audit trail
//	wfbot backup       copy the SQLite database
//	wfbot forget       erase what wfbot knows of a person
//	wfbot apikey       make a Workfront API key from a username and password
//	wfbot healthcheck  ask the wfbot that runs here whether it is ready
//	wfbot version      print the version
//
// Configuration comes from environment variables and the file .env in the
// working directory; "wfbot run --help" lists them.
//
// The exit status is 0 after a clean end, 1 after a failure, and 2 for wrong
// usage or configuration.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // people's time zones, also where the system has none
)

// endWithin is how long the program takes to end at most, once it was told to: what
// told it kills it after 10 seconds (docker stop).
const endWithin = 8 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // a second signal ends the program at once
		time.Sleep(endWithin)
		// A database that hangs, say. To end here is a crash, and loses nothing either.
		fmt.Fprintf(os.Stderr, "wfbot: not everything came to its end within %v; the next start goes on with it\n", endWithin)
		os.Exit(1)
	})
	// Where a proxy or a server speaks no HTTP/2, net/http keeps only two connections to
	// a host for the next call, and the others are made again.
	everywhere := http.DefaultTransport.(*http.Transport)
	everywhere.MaxIdleConnsPerHost = everywhere.MaxIdleConns
	p := process{environ: os.Environ(), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(p.report(run(ctx, os.Args[1:], p)))
}
