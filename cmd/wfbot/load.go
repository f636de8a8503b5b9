package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/caarlos0/env/v11"
	"github.com/joho/godotenv"
)

// dotenv is the file of variables, in the working directory.
const dotenv = ".env"

// mistakes collects everything that is wrong with the configuration, one mistake
// for each variable. It is never given a value to print: any value may be a
// secret in the wrong place.
type mistakes struct {
	lines []string
	seen  map[string]bool
}

// add notes what is wrong with the variable, unless it has a mistake already.
func (m *mistakes) add(variable, format string, args ...any) {
	if m.seen[variable] {
		return
	}
	if m.seen == nil {
		m.seen = map[string]bool{}
	}
	m.seen[variable] = true
	m.lines = append(m.lines, variable+" "+fmt.Sprintf(format, args...))
}

// err returns a *misuse that names all mistakes, or nil if there are none.
func (m *mistakes) err() error {
	if len(m.lines) == 0 {
		return nil
	}
	count := "a mistake"
	if len(m.lines) > 1 {
		count = fmt.Sprintf("%d mistakes", len(m.lines))
	}
	return &misuse{"the configuration has " + count + ":\n  " + strings.Join(m.lines, "\n  ") +
		"\n\"wfbot run --help\" says what each variable means."}
}

// loadConfig reads the configuration of "wfbot run" from the environment and the
// file of variables. The error is a *misuse that names every mistake.
func loadConfig(environ []string, file string) (config, error) {
	var m mistakes
	inFile, err := readDotenv(file)
	if err != nil {
		return config{}, err
	}
	refuseUnknown(inFile, environ, &m)
	vars := merge(inFile, environ)
	c := decode[config](vars, &m)
	c.check(&m)
	return c, m.err()
}

// loadWorkfrontHost is loadConfig for a command that has no credentials.
func loadWorkfrontHost(environ []string, file string) (workfrontHost, error) {
	var m mistakes
	inFile, err := readDotenv(file)
	if err != nil {
		return workfrontHost{}, err
	}
	h := decode[workfrontHost](merge(inFile, environ), &m)
	h.check(&m)
	return h, m.err()
}

// readDotenv returns the variables of the file. Nothing is exported into the
// environment.
//
// A file that cannot be read is the only mistake that is named, since everything
// else would be missing for that reason alone.
func readDotenv(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, &misuse{fmt.Sprintf("%s cannot be read: %v", file, cause(err))}
	}
	vars, err := readVariables(text)
	if err != nil {
		return nil, &misuse{fmt.Sprintf("%s is malformed in line %d or the value that begins there. A line is empty, a # comment or NAME=value; "+
			"a value with spaces, quotation marks, # or $ stands in 'single quotes'", file, malformedLine(text))}
	}
	return vars, nil
}

// merge returns the variables of the file and of the environment, which takes
// precedence.
func merge(inFile map[string]string, environ []string) map[string]string {
	vars := maps.Clone(inFile)
	if vars == nil {
		vars = map[string]string{}
	}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		vars[name] = value
	}
	for name, value := range vars {
		vars[name] = strings.TrimSpace(value)
	}
	return vars
}

var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	errMalformed = errors.New("malformed")
)

// readVariables reads the text of a .env file. The errors of the library are
// dropped, since they quote the rest of the file with all its secrets.
func readVariables(text []byte) (map[string]string, error) {
	vars, err := godotenv.UnmarshalBytes(text)
	if err != nil {
		return nil, errMalformed
	}
	for name := range vars {
		if !variableName.MatchString(name) { // the library takes "NAME value" for a name
			return nil, errMalformed
		}
	}
	return vars, nil
}

// malformedLine returns the number of the line at which the first malformed
// statement begins: everything before it can be read.
func malformedLine(text []byte) int {
	lines := bytes.SplitAfter(text, []byte("\n"))
	for n := len(lines) - 1; n > 0; n-- {
		if _, err := readVariables(bytes.Join(lines[:n], nil)); err == nil {
			return n + 1
		}
	}
	return 1
}

// decode reads the variables into a T. Secrets are read from their files first.
func decode[T any](vars map[string]string, m *mistakes) T {
	list := variables[T]()
	for _, v := range list {
		if v.Secret {
			readSecret(vars, v.Name, m)
		}
	}
	c, err := env.ParseAsWithOptions[T](env.Options{Environment: vars})
	var all env.AggregateError
	errors.As(err, &all)
	for _, err := range all.Errors { // their texts quote values
		var empty env.EmptyVarError
		var malformed env.ParseError
		for _, v := range list {
			switch {
			case errors.As(err, &empty) && empty.Key == v.Name:
				m.add(v.Name, "is missing: %s", v.About)
			case errors.As(err, &malformed) && malformed.Name == v.field.Name:
				m.add(v.Name, "must be %s", v.form())
			}
		}
	}
	return c
}

// maxSecret is more than any secret is long, in bytes.
const maxSecret = 64 << 10

// readSecret sets the variable to what is in the file that name+"_FILE" names, if
// that is set.
func readSecret(vars map[string]string, name string, m *mistakes) {
	from := name + "_FILE"
	path := vars[from]
	switch {
	case path == "":
		return
	case vars[name] != "":
		m.add(name, "and %s are both set: keep one of them", from)
		return
	}
	file := "the file that " + from + " names"
	if filepath.IsAbs(path) { // anything else may be the secret itself, put there by mistake
		file = fmt.Sprintf("the file %q of %s", path, from)
	}
	text, err := readFile(path)
	text = strings.TrimSpace(text)
	switch {
	case err != nil:
		m.add(name, "cannot be read from %s: %v", file, err)
	case text == "":
		m.add(name, "is missing: %s is empty", file)
	case len(text) > maxSecret:
		m.add(name, "cannot be read from %s: it is too long", file)
	}
	vars[name] = text
}

func readFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", cause(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	return string(text), cause(err)
}

// cause is what went wrong with a file, without its name.
func cause(err error) error {
	var problem *fs.PathError
	if errors.As(err, &problem) {
		return problem.Err
	}
	return err
}
