package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

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

// want is add for a variable that is wrong unless ok.
func (m *mistakes) want(ok bool, variable, must string) {
	if !ok {
		m.add(variable, "%s", must)
	}
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

// among reports whether a line is about one of the variables. A name that ends in _
// stands for all that begin with it.
func among(line string, variables []string) bool {
	name, _, _ := strings.Cut(line, " ")
	return slices.ContainsFunc(variables, func(v string) bool {
		return name == v || name == v+"_FILE" || strings.HasSuffix(v, "_") && strings.HasPrefix(name, v)
	})
}

// only returns err for the mistakes in these variables alone; see among.
func (m *mistakes) only(variables ...string) error {
	few := mistakes{lines: slices.DeleteFunc(slices.Clone(m.lines), func(line string) bool { return !among(line, variables) })}
	return few.err()
}

// loadConfig reads the configuration of "wfbot run" from the environment and the
// file of variables. The error is a *misuse that names every mistake.
func loadConfig(environ []string, file string) (config, error) {
	var m mistakes
	c, err := readConfig(environ, file, &m)
	if err != nil {
		return config{}, err
	}
	return c, m.err()
}

// readConfig is loadConfig for callers that go on with what is right: m names the
// mistakes. The error is about the file as a whole.
func readConfig(environ []string, file string, m *mistakes) (config, error) {
	inFile, err := readDotenv(file, m)
	if err != nil {
		return config{}, err
	}
	vars := merge(inFile, environ, file, m)
	refuseUnknown(inFile, environ, file, m)
	checkProcess(environ, m)
	c := decode[config](vars, m)
	c.check(m)
	return c, nil
}

// loadDatabaseAddress is loadConfig for a command that needs the database alone: what
// else is wrong does not keep it from that.
func loadDatabaseAddress(environ []string, file string) (DatabaseAddress, error) {
	return loadPart(environ, file, (*DatabaseAddress).check)
}

// loadPart reads a part of the configuration.
func loadPart[T any](environ []string, file string, check func(*T, *mistakes)) (T, error) {
	var m mistakes
	inFile, err := readDotenv(file, &m)
	if err != nil {
		return *new(T), err
	}
	checkProcess(environ, &m)
	part := decode[T](merge(inFile, environ, file, &m), &m)
	check(&part, &m)
	return part, m.err()
}

// merge returns the variables of the file and of the environment, which takes
// precedence: a variable of the file that is there but empty is a mistake, since
// somebody's rule would go without a word.
func merge(inFile []setting, environ []string, file string, m *mistakes) map[string]string {
	vars := map[string]string{}
	for _, s := range inFile {
		vars[s.name] = s.value
	}
	known := knownNames()
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		value = strings.TrimSpace(value)
		if value == "" && vars[name] != "" && slices.Contains(known, name) {
			m.add(name, "is set in %s and empty in the environment, which takes precedence: remove one of them", file)
		}
		vars[name] = value
	}
	return vars
}

// decode reads the variables into a T. Secrets are read from their files first.
func decode[T any](vars map[string]string, m *mistakes) T {
	list := variables[T]()
	for _, v := range list {
		if v.Secret {
			checkValue(v.Name+"_FILE", vars[v.Name+"_FILE"], m)
			readSecret(vars, v.Name, m)
		}
		checkValue(v.Name, vars[v.Name], m)
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
	switch {
	case err != nil && strings.HasPrefix(path, "~"):
		m.add(name, "cannot be read from %s: write the whole path, since only a shell knows what ~ is", file)
	case err != nil:
		m.add(name, "cannot be read from %s: %v", file, err)
	case text == "":
		m.add(name, "is missing: %s is empty", file)
	}
	vars[name] = text
}

// readFile returns the text of a file without the white space around it.
func readFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", cause(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", cause(err)
	}
	if len(text) > maxSecret {
		return "", errors.New("it is too long")
	}
	if text, err = plain(text); err != nil {
		return "", fmt.Errorf("it %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// cause is what went wrong with a file, without its name.
func cause(err error) error {
	if problem, ok := errors.AsType[*fs.PathError](err); ok {
		return problem.Err
	}
	return err
}
