package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"wfbot/bot/request"
)

// Record is an audit entry with what the database knows around it.
type Record struct {
	Entry
	Request *request.Request // that the entry is about; nil: none, or it cannot be decoded
	Card    *request.Card    // that the entry is about, without its requests, or that of Request; nil: the same
}

// EachRecord calls do for all entries after number seq, in order. It holds some
// hundreds of them in memory at most. An error of do ends it.
func (r *Reader) EachRecord(ctx context.Context, seq int64, do func(Record) error) error {
	if err := r.readable(); err != nil {
		return err
	}
	for {
		var entries []Entry
		if err := auditPage(ctx, r.db, seq, pageOfEntries, func(n int64, e entry, prev, hash string) error {
			shown, err := e.shown(n, prev, hash)
			if err != nil { // somebody has changed it: VerifyTrail finds that, and this goes on
				shown.Detail = map[string]string{"cannot be decoded": e.detail}
			}
			entries = append(entries, shown)
			return nil
		}); err != nil {
			return err
		}
		requests, cards, err := r.around(ctx, entries)
		if err != nil {
			return err
		}
		for _, e := range entries {
			record := Record{Entry: e, Request: requests[e.RequestID], Card: cards[e.RequestID]}
			if record.Request != nil {
				record.Card = cards[record.Request.CardID]
			}
			if err := do(record); err != nil {
				return err
			}
			seq = e.Seq
		}
		if len(entries) < pageOfEntries {
			return nil
		}
	}
}

// around reads the requests and cards that entries are about, by their ids.
func (r *Reader) around(ctx context.Context, entries []Entry) (map[string]*request.Request, map[string]*request.Card, error) {
	var about []string
	for _, e := range entries {
		if e.RequestID != "" {
			about = append(about, e.RequestID)
		}
	}
	byID, cards := map[string]*request.Request{}, map[string]*request.Card{}
	which, args := among(about)
	if len(args) == 0 {
		return byID, cards, nil
	}
	all, _, err := requests(ctx, r.db, r.file == "", `WHERE id IN (`+which+`)`, args...)
	if err != nil {
		return nil, nil, fmt.Errorf("reading requests: %w", err)
	}
	for _, one := range all {
		byID[one.ID], about = one, append(about, one.CardID)
	}
	which, args = among(about)
	rows, err := r.db.QueryContext(ctx, `SELECT `+cardColumns+` FROM cards WHERE id IN (`+which+`)`, args...)
	if err != nil {
		return nil, nil, fmt.Errorf("reading cards: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		c, _, err := scanCard(rows)
		if err != nil && !Unreadable(err) {
			return nil, nil, fmt.Errorf("reading cards: %w", err)
		}
		if err == nil {
			cards[c.ID] = c
		}
	}
	return byID, cards, rows.Err()
}

// among lists the places of arguments, each of all once.
func among(all []string) (places string, args []any) {
	var names []string
	for _, one := range slices.Compact(slices.Sorted(slices.Values(all))) {
		args = append(args, one)
		names = append(names, "$"+strconv.Itoa(len(args)))
	}
	return strings.Join(names, ", "), args
}

// Workspace is the address of the Slack workspace that the database works for, such as
// https://acme.slack.com/; empty: it is not known.
func (r *Reader) Workspace(ctx context.Context) (url string, err error) {
	if err := r.readable(); err != nil {
		return "", err
	}
	all, err := ids(ctx, r.db, `SELECT detail FROM audit WHERE kind = 'workspace adopted' ORDER BY seq DESC LIMIT 1`)
	if err != nil {
		return "", fmt.Errorf("reading which workspace it works for: %w", err)
	}
	var adopted struct{ URL string }
	if len(all) > 0 && json.Unmarshal([]byte(all[0]), &adopted) != nil {
		return "", nil
	}
	return adopted.URL, nil
}

// Person is somebody that there may be entries about.
type Person struct {
	emails map[string]bool // lower case
	others map[string]bool // e-mails that they go by besides: who has one may be somebody else
	byAny  bool            // whatever holds one of these names them as well
	slack  map[string]bool // Slack user ids
	target map[string]bool // Workfront IDs
	about  map[string]bool // requests that are about them, and the cards of those
}

// Person finds out who is meant by an e-mail, a Slack user id or a Workfront ID, from
// all requests: what else they are called there, and what is about them. ErrNamesNobody
// if it can be none of these.
func (r *Reader) Person(ctx context.Context, named string) (*Person, error) {
	if err := r.readable(); err != nil {
		return nil, err
	}
	named = strings.TrimSpace(named)
	if !namesSomebody(named) {
		return nil, ErrNamesNobody
	}
	p := &Person{
		emails: map[string]bool{}, others: map[string]bool{}, slack: map[string]bool{named: true}, target: map[string]bool{named: true}, about: map[string]bool{},
	}
	if strings.Contains(named, "@") {
		p.emails[strings.ToLower(named)] = true
	}
	if err := r.eachRequest(ctx, p.learn); err != nil {
		return nil, err
	}
	// Once more: who they are may stand in a request that came later.
	return p, r.eachRequest(ctx, func(one *request.Request) {
		p.learn(one)
		if p.isTarget(one) {
			p.about[one.ID], p.about[one.CardID] = true, true
		}
	})
}

// ErrNamesNobody: what is given names nobody, whoever there may be.
var ErrNamesNobody = errors.New("this names nobody: write an e-mail, a Slack user id such as U0123ABCD, or a Workfront ID")

var (
	slackID     = regexp.MustCompile(`^[UW][A-Z0-9]+$`)
	workfrontID = regexp.MustCompile(`^[0-9A-Za-z_-]{4,}$`)
)

// namesSomebody reports whether a text can be an e-mail or an id. A word that entries
// hold for another reason, such as that of a decision, or no word at all, would be
// found in those of everybody.
func namesSomebody(named string) bool {
	return strings.Contains(named, "@") || slackID.MatchString(named) || workfrontID.MatchString(named) && strings.ContainsAny(named, "0123456789")
}

// learn takes from a request which other names the person has.
func (p *Person) learn(r *request.Request) {
	by := []request.Identity{r.Requester, r.Manager}
	for _, d := range r.Decisions {
		by = append(by, d.By)
	}
	for _, who := range by {
		if p.hasEmail(who.Email) {
			p.add(p.slack, who.ID, who.OtherID)
		}
		if who.ID != "" && p.slack[who.ID] || who.OtherID != "" && p.slack[who.OtherID] {
			p.add(p.others, who.Email)
		}
	}
	if p.isTarget(r) {
		p.add(p.target, r.Target.ID)
		p.add(p.slack, r.TargetIDs...)
		p.add(p.others, r.Email, r.Target.Email)
	}
}

func (p *Person) add(to map[string]bool, names ...string) {
	for _, name := range names {
		if name != "" {
			to[name] = true
		}
	}
}

func (p *Person) hasEmail(email string) bool { return isAmong(p.emails, email) }

func isAmong(emails map[string]bool, email string) bool {
	for known := range maps.Keys(emails) {
		if (request.Target{Email: known}).SameEmail(email) {
			return true
		}
	}
	return false
}

func (p *Person) isTarget(r *request.Request) bool {
	return r.Target.ID != "" && p.target[r.Target.ID] || p.hasEmail(r.Email) || p.hasEmail(r.Target.Email) ||
		slices.ContainsFunc(r.TargetIDs, func(id string) bool { return p.slack[id] })
}

// IsAbout reports whether an entry belongs to a request about the person.
func (p *Person) IsAbout(e Entry) bool { return p.about[e.RequestID] }

// In reports whether an entry is about the person, was by them, or names them.
func (p *Person) In(e Entry) bool {
	if p.about[e.RequestID] || p.slack[e.Actor] {
		return true
	}
	for _, value := range e.Detail {
		if p.slack[value] || p.target[value] || slices.ContainsFunc(mentioned.FindAllStringSubmatch(value, -1), func(m []string) bool { return p.slack[m[1]] }) {
			return true
		}
		if slices.ContainsFunc(addressesIn(value), func(email string) bool { return p.hasEmail(email) || p.byAny && isAmong(p.others, email) }) {
			return true
		}
	}
	return false
}

// mentioned is a person as Slack delivers them in what somebody typed.
var mentioned = regexp.MustCompile(`<@([A-Z0-9]+)[|>]`)

// addressesIn are the e-mails that stand in a text, as people write them there.
func addressesIn(text string) (all []string) {
	if !strings.Contains(text, "@") {
		return nil
	}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`<>()[]{},;:|"!?`, r) }) {
		local, domain, ok := strings.Cut(strings.TrimLeft(word, "'"), "@")
		if end := strings.IndexFunc(domain, func(r rune) bool { return r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }); end >= 0 {
			domain = domain[:end] // jane@acme.com's
		}
		if ok {
			all = append(all, local+"@"+strings.TrimRight(domain, "."))
		}
	}
	return all
}

// eachRequest calls do for each request that can be decoded, in no order. It holds
// some hundreds in memory at most.
func (r *Reader) eachRequest(ctx context.Context, do func(*request.Request)) error {
	for last := ""; ; {
		page, err := ids(ctx, r.db, `SELECT id FROM requests WHERE id > $1 ORDER BY id LIMIT $2`, last, pageOfEntries)
		if err != nil {
			return fmt.Errorf("reading requests: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		which, args := among(page)
		all, _, err := requests(ctx, r.db, r.file == "", `WHERE id IN (`+which+`)`, args...)
		if err != nil {
			return fmt.Errorf("reading requests: %w", err)
		}
		for _, one := range all {
			do(one)
		}
		last = page[len(page)-1]
	}
}
