package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/joho/godotenv"
)

// dotenv is the file of variables, in the working directory.
const dotenv = ".env"

// setting is a variable as the file of variables sets it.
type setting struct {
	name, value string
	written     string // the value as a person reads it in the file
	line        int    // where it begins; the first one is 1
}

// readDotenv returns what the file sets, in its order, and names what does not
// mean what it seems to. Nothing is exported into the environment.
//
// A file that cannot be read is an error, a *misuse, and the only mistake that is
// named then, since everything else would be missing for that reason alone.
func readDotenv(file string, m *mistakes) ([]setting, error) {
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, syscall.EISDIR):
		return nil, &misuse{file + " is a folder and has to be a file. Docker makes a folder where the file that it is to mount is missing: remove it, and write the file first"}
	case errors.Is(err, fs.ErrPermission):
		return nil, &misuse{file + " cannot be read by the user that wfbot runs as: give the file to that user (chown)"}
	case err != nil:
		return nil, &misuse{fmt.Sprintf("%s cannot be read: %v", file, cause(err))}
	}
	settings, err := parseDotenv(text)
	if err != nil {
		return nil, &misuse{file + " " + err.Error()}
	}
	checkSettings(settings, file, m)
	return settings, nil
}

// parseDotenv reads the text of a .env file. Its errors show nothing of the text.
func parseDotenv(text []byte) ([]setting, error) {
	text, err := plain(text)
	if err != nil {
		return nil, err
	}
	// Each way of ending a line is one. An old Mac's, \r alone, would make the whole
	// file part of its first comment.
	rest := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(text))
	var settings []setting
	for line := 1; rest != ""; {
		statement, written := next(rest)
		// The errors of the library are dropped, since they quote the rest of the file
		// with all its secrets.
		vars, err := godotenv.Unmarshal(statement)
		if err != nil || len(vars) > 1 {
			return nil, malformed(line)
		}
		for name, value := range vars {
			if !variableName.MatchString(name) { // the library takes "NAME value" for a name
				return nil, malformed(line)
			}
			settings = append(settings, setting{name, strings.TrimSpace(value), strings.TrimSpace(written), line})
		}
		line += strings.Count(statement, "\n")
		rest = rest[len(statement):]
	}
	return settings, nil
}

// plain returns text without its byte order mark, and an error for text that is
// not UTF-8.
func plain(text []byte) ([]byte, error) {
	const save = `; save it as UTF-8 ("Unicode" in Windows is something else, and so is what > writes in an old PowerShell)`
	switch {
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return nil, errors.New("is in UTF-16" + save)
	case bytes.IndexByte(text, 0) >= 0:
		return nil, errors.New("is not plain text" + save)
	}
	return bytes.TrimPrefix(text, []byte("\ufeff")), nil
}

func malformed(line int) error {
	return fmt.Errorf("is malformed in line %d or the value that begins there. A line is empty, a # comment or NAME=value; "+
		"a value with spaces, quotation marks, # or $ stands in 'single quotes'", line)
}

var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	beforeValue  = regexp.MustCompile(`^[^\n#=:]*[=:][^\S\n]*`)
	comment      = regexp.MustCompile(`(^|\s)#.*`)
	escapes      = strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\"`, `"`, `\'`, "'", `\\`, `\`, `\$`, "$") // between "quotation marks"
)

// next returns the first statement of text, with the end of its last line, and
// the value that a person reads there. A statement is a line, or more if its
// value is in quotation marks.
func next(text string) (statement, written string) {
	begin := beforeValue.FindString(text)
	value, _, _ := strings.Cut(text[len(begin):], "\n")
	if begin == "" || value == "" || value[0] != '"' && value[0] != '\'' {
		return text[:min(len(text), len(begin)+len(value)+1)], strings.ReplaceAll(comment.ReplaceAllString(value, ""), `\$`, "$")
	}
	quote, value := value[0], text[len(begin)+1:]
	for i := range len(value) {
		if value[i] != quote || i > 0 && value[i-1] == '\\' {
			continue
		}
		tail, _, _ := strings.Cut(value[i:], "\n")
		written = value[:i]
		if quote == '"' {
			written = escapes.Replace(written)
		}
		return text[:min(len(text), len(begin)+1+i+len(tail)+1)], written
	}
	return text, ""
}

// processOnly are variables that the Go runtime and the database driver read from
// the environment of the process, whatever the file says.
var processOnly = regexp.MustCompile(`^(?i:(http|https|no|all)_proxy)$|^SSL_CERT_(FILE|DIR)$|^(TZ|ZONEINFO)$|` +
	`^GO(DEBUG|GC|MAXPROCS|MEMLIMIT|TRACEBACK)$|` +
	`^PG(HOST|PORT|DATABASE|USER|PASSWORD|PASSFILE|SERVICE|SERVICEFILE|SSL[A-Z]+|OPTIONS|APPNAME|CONNECT_TIMEOUT|TARGETSESSIONATTRS|TZ|MINPROTOCOLVERSION|MAXPROTOCOLVERSION)$`)

// checkSettings names the variables of the file that do not mean what they seem to.
func checkSettings(settings []setting, file string, m *mistakes) {
	lines := map[string][]string{}
	for _, s := range settings {
		lines[s.name] = append(lines[s.name], fmt.Sprint(s.line))
	}
	for _, s := range settings {
		if at := lines[s.name]; len(at) > 1 {
			m.add(s.name, "stands in %s in the lines %s: keep one of them", file, strings.Join(at, ", "))
		}
		if processOnly.MatchString(s.name) {
			m.add(s.name, "has no effect in %s (line %d): set it in the environment in which wfbot is started, and remove it there", file, s.line)
		}
		if !utf8.ValidString(s.written) {
			m.add(s.name, "holds a character in line %d of %s that is not UTF-8: save the file as UTF-8", s.line, file)
		}
		if s.value != s.written {
			m.add(s.name, "is not read from %s as line %d has it, because of a $, # or \\ in it: put the value in 'single quotes', and a comment on a line of its own", file, s.line)
		}
	}
}
