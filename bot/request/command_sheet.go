package request

import (
	"slices"
	"strings"
)

// readSheet reads rows as they come from a sheet: a person in each, always in the
// same column, and something else in the others, which isSheet says there are. What
// is not the person's name becomes a note, that is, reason: nothing is dropped that
// may say something about the person. Lines behind the rows are left; a line above
// them may have the names of the columns.
func readSheet(text string, parts []part) (l *list, isSheet bool, no *CommandError) {
	rows, header, isSheet := rowsOf(parts)
	if !isSheet {
		return nil, false, nil
	}
	l = &list{text: text, parts: parts}
	column := -1
	for _, row := range rows {
		at := slices.IndexFunc(row, func(c cell) bool { return c.person >= 0 })
		if at < 0 {
			continue // an empty one
		}
		if column < 0 {
			column = at
		}
		who := parts[row[at].person]
		if who.kind == brokenPart {
			return nil, true, &CommandError{Refusal: RefusedNotAnEmail, Word: Plain(who.text)}
		}
		if more := slices.IndexFunc(row[at+1:], func(c cell) bool { return c.person >= 0 }); more >= 0 || row[at].several || at != column {
			return nil, true, &CommandError{Refusal: RefusedColumns, Word: Plain(who.text)}
		}
		note, odd := row.note(at, who.who, header)
		if odd != "" {
			return nil, true, &CommandError{Refusal: RefusedColumns, Word: odd}
		}
		if note != "" && !slices.Contains(l.notes, note) {
			l.notes = append(l.notes, note)
		}
		l.add(who.who)
		l.last = row[at].person
		l.end = row[len(row)-1].end
	}
	return l, true, nil
}

// cell is one cell of a row.
type cell struct {
	words   []string
	person  int  // index of its part; -1: none
	several bool // there is another person in it
	behind  bool // there are words behind the person
	end     int  // offset behind it
}

type row []cell

// rowsOf splits parts into rows, up to the last with a person in it. It is a sheet
// if there are several people on lines of their own that have several cells.
func rowsOf(parts []part) (rows []row, header, isSheet bool) {
	current := row{{person: -1}}
	for i, p := range append(slices.Clone(parts), part{kind: linePart}) {
		at := &current[len(current)-1]
		switch {
		case p.kind == linePart:
			rows = append(rows, current)
			current = row{{person: -1, end: p.end}}
			continue
		case p.kind == cellPart:
			current = append(current, cell{person: -1, end: p.end})
			continue
		case p.names() && at.person >= 0:
			at.several = true
		case p.names():
			at.person = i
		case p.kind == wordPart:
			at.words, at.behind = append(at.words, p.text), at.person >= 0
		}
		at.end = p.end
	}
	for len(rows) > 0 && !rows[len(rows)-1].hasPerson() {
		rows = rows[:len(rows)-1]
	}
	if len(rows) > 0 && !rows[0].hasPerson() && rows[0].isHeader() {
		rows, header = rows[1:], true
	}
	for i, r := range rows { // of the last one the empty cells may have been cut off
		if i+1 < len(rows) && (r.hasPerson() && len(r) == 1 && !header || !r.hasPerson() && r.text() != "") {
			return nil, false, false
		}
	}
	return rows, header, len(rows) > 1 || header
}

func (r row) hasPerson() bool {
	return slices.ContainsFunc(r, func(c cell) bool { return c.person >= 0 })
}

// text is what the cells say.
func (r row) text() string {
	var cells []string
	for _, c := range r {
		if len(c.words) > 0 {
			cells = append(cells, Plain(strings.Join(c.words, " ")))
		}
	}
	return strings.Join(cells, ", ")
}

// isHeader reports whether the cells are names of columns, one of them that of the
// e-mails.
func (r row) isHeader() bool {
	return !strings.ContainsAny(r.text(), "0123456789") && slices.ContainsFunc(r, func(c cell) bool {
		return slices.ContainsFunc(c.words, emailLabel.MatchString)
	})
}

// note is what the row says about who, who is in the cell at, but for their name.
// odd is a word in front of them which may say that they are not meant.
func (r row) note(at int, who Mention, header bool) (note, odd string) {
	var notes row
	for i, c := range r {
		switch text := (row{c}).text(); {
		case len(c.words) == 0, !c.behind && isNameOf(c.words, who, false):
		case i < at && len(c.words) == 1 && strings.Trim(text, "0123456789.") == "":
			if len(text) > 3 {
				notes = append(notes, c)
			}
		case i < at && !header, i == at:
			return "", text
		default:
			notes = append(notes, c)
		}
	}
	return notes.text(), ""
}
