package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is the release, which a release build sets:
//
//	go build -ldflags "-X main.version=v1.2.3" ./cmd/wfbot
var version string

func printVersion(_ context.Context, p process, flags *flag.FlagSet, args []string) error {
	if done, err := p.parse(flags, args, "Usage: wfbot version\n\nPrints the version, the commit if known, and what built it.\n"); done {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "wfbot %s (%s %s/%s)\n", versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// versionText is the release, or what Go knows of the module, and the commit.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(version, "(unknown)")
	}
	text := cmp.Or(version, info.Main.Version, "(devel)")
	var commit, modified string
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				modified = ", modified"
			}
		}
	}
	if commit != "" {
		text += " commit " + commit[:min(len(commit), 12)] + modified
	}
	return text
}
