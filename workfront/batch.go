package workfront

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
)

// Workfront does several reads in one call, POST /batch, and answers them in the order
// they were asked in. Adobe's own client does so; no page of Adobe's says it. None says
// what becomes of a read that fails, how many a call may hold, or who may send one. So
// only counts are asked for like that, and only what proves itself is believed: between
// the counts stand marks, reads of the user's own ID, and a count stands only if the
// marks before and behind it are where they have to be. What does not stand is asked for
// alone.
// https://github.com/Workfront/workfront-api/blob/HEAD/src/Api.ts
// https://github.com/Workfront/workfront-api/blob/HEAD/fixtures/batch.json

// markEvery is how many counts stand between two marks. A batch of fewer is not worth
// its marks.
const markEvery = 6

// mostDeclined is how often in a row a tenant declines batches, since it is busy, until
// they are made smaller: it may take each count for a call, and never have room for so many.
const mostDeclined = 6

// batching is what was learnt of how the tenant takes several reads in one call. It
// lasts as long as the process.
type batching struct {
	mu    sync.Mutex
	most  int                      // counts in one call; 0: none is sent
	alone map[HoldingKind]bool     // kinds that the tenant refuses to count, and might refuse a whole batch for
	forms map[HoldingKind]question // where it is not the first one that is answered
	news  int                      // how often something was learnt

	declined int // how often in a row a batch was, since the tenant was busy
}

func newBatching() *batching {
	return &batching{most: len(heldQueries), alone: map[HoldingKind]bool{}, forms: map[HoldingKind]question{}}
}

// plan is how counts can be asked for now: how many at once, which kinds, and by which
// question. news goes with what is learnt from it.
func (b *batching) plan() (most int, forms map[int]question, news int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	forms = map[int]question{}
	for i, q := range heldQueries {
		if b.alone[q.kind] {
			continue
		}
		form, ok := b.forms[q.kind]
		if !ok {
			form = q.questions[0]
		}
		forms[i] = form
	}
	return b.most, forms, b.news
}

// answered learns from a count that was asked for alone which question it was answered
// by, or that it is refused.
func (b *batching) answered(kind HoldingKind, form question, first bool, err error) {
	e, isError := errors.AsType[*Error](err)
	refused := isError && !e.Temporary() && !errors.Is(err, ErrUnauthorized)
	if err != nil && !refused {
		return // which says nothing about the question
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	known, other := b.forms[kind]
	switch {
	case refused && b.alone[kind], !refused && !b.alone[kind] && (first && !other || other && known.same(form)):
		return
	case refused:
		b.alone[kind] = true
	default:
		delete(b.alone, kind)
		delete(b.forms, kind)
		if !first {
			b.forms[kind] = form
		}
	}
	b.news++
}

// failed learns from a batch that was planned with news and did not come to what it
// should, while Workfront answered others. If nothing was learnt of single counts
// since, it is the batch: smaller ones may do, unless Workfront has none.
func (b *batching) failed(err error, news int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if news != b.news {
		return
	}
	b.news++
	b.most -= markEvery
	e, isError := errors.AsType[*Error](err)
	if isError && e.Status >= 400 && !e.Temporary() && !e.malformed() || b.most < markEvery {
		b.most = 0
	}
}

// wasBusy learns from a batch whether the tenant declined it since it was busy, and
// returns how often in a row it has.
func (b *batching) wasBusy(busy bool) (declined int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.declined++; !busy {
		b.declined = 0
	}
	if declined = b.declined; declined < mostDeclined {
		return declined
	}
	b.declined = 0
	b.news++
	if b.most -= markEvery; b.most < markEvery {
		b.most = 0
	}
	return declined
}

// same reports whether two questions are one.
func (q question) same(other question) bool {
	return q.object == other.object && q.filter == other.filter
}

// batch fills held with the counts of the kinds at these places of it, by these
// questions, as far as they stand. The error is why some do not: where all is as it
// should be, and only single counts are refused, there is none.
func (c *Client) batch(ctx context.Context, userID string, own map[string][]string, held []Holding, kinds []int, forms map[int]question) error {
	// The first one is a list, so that an answer turned round has it in the wrong place.
	uris, mark := []string{"user/search?ID=" + userID + "&fields=ID&method=GET"}, "user/"+userID+"?fields=ID&method=GET"
	for group := range slices.Chunk(kinds, markEvery) {
		for _, i := range group {
			query := forms[i].query(userID, c.closedFor(heldQueries[i], own))
			query.Set("method", http.MethodGet)
			uris = append(uris, forms[i].object+"/count?"+query.Encode())
		}
		uris = append(uris, mark)
	}
	const op = "counting what is held"
	data, err := c.do(ctx, request{
		op: op, method: http.MethodPost, url: c.api + "/batch", media: formMedia, brief: true,
		body: url.Values{"atomic": {"false"}, "concurrent": {"false"}, "uri": uris}.Encode(),
	})
	if err != nil {
		return err
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return unusable(op, "the answer to a batch holds no list")
	}
	odd := len(parts) != len(uris)
	at := 0 // of the mark before a group
	for group := range slices.Chunk(kinds, markEvery) {
		behind := at + 1 + len(group)
		if behind >= len(parts) || !isMark(parts[at], at == 0, userID) || !isMark(parts[behind], false, userID) {
			odd = true
		} else {
			for n, i := range group {
				if count, ok := readCount(parts[at+1+n]); ok {
					held[i] = Holding{Kind: held[i].Kind, Count: count, AtLeast: forms[i].some}
				}
			}
		}
		at = behind
	}
	if odd {
		return unusable(op, "the answer to a batch is not in the order of its questions")
	}
	return nil
}

// isMark reports whether a part of an answer is that of a mark, the first one or another.
func isMark(part json.RawMessage, first bool, userID string) bool {
	type object struct {
		ID text `json:"ID"`
	}
	if first {
		var answer struct{ Data []object }
		return json.Unmarshal(part, &answer) == nil && len(answer.Data) == 1 && string(answer.Data[0].ID) == userID
	}
	var answer struct{ Data *object }
	return json.Unmarshal(part, &answer) == nil && answer.Data != nil && string(answer.Data.ID) == userID
}

// readCount reads a part of an answer, or the data of one, that is to be a count.
func readCount(part json.RawMessage) (int, bool) {
	var env envelope
	if json.Unmarshal(part, &env) != nil || env.failed() {
		return 0, false
	}
	return parseCount(env.Data)
}

// parseCount reads the number of a count.
func parseCount(data json.RawMessage) (int, bool) {
	var answer struct {
		Count text `json:"count"`
	}
	err := json.Unmarshal(data, &answer)
	n, notNumber := strconv.ParseUint(string(answer.Count), 10, 31)
	return int(n), err == nil && notNumber == nil
}
