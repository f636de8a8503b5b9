package main

import (
	"context"
	"flag"
	"io"

	"go.yaml.in/yaml/v3"

	"wfbot/bot/manifest"
)

const manifestHelp = `Usage: wfbot manifest [-format yaml|json]

Prints the manifest of the Slack app that wfbot needs: commands, shortcuts, scopes,
events and settings. At https://api.slack.com/apps press "Create New App", "From a
manifest", and paste it; for an app that you have, paste it under "App Manifest"
and install the app again.

`

// printManifest is "wfbot manifest".
func printManifest(_ context.Context, p process, flags *flag.FlagSet, args []string) error {
	format := flags.String("format", "yaml", "`yaml` or json, as the tab is called in which you paste it")
	if done, err := p.parse(flags, args, manifestHelp); done {
		return err
	}
	switch *format {
	case "yaml":
		_, err := io.WriteString(p.stdout, manifest.YAML)
		return err
	case "json":
		var m any
		if err := yaml.Unmarshal([]byte(manifest.YAML), &m); err != nil {
			return err
		}
		return printJSON(p.stdout, m)
	}
	return &misuse{"-format takes yaml or json"}
}
