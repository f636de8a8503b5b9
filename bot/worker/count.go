package worker

import (
	"context"

	"wfbot/bot/request"
	"wfbot/bot/workfrontapi"
	"wfbot/workfront"
)

// count counts what the target still holds. Whatever goes wrong costs a count and
// nothing else. While Workfront turns the bot away nothing is sent, but the buttons do
// not wait for that.
func (w *Worker) count(ctx context.Context, r *request.Request) (request.Result, error) {
	until, why := w.Access.AskIfPaused(ctx, r.LastRetry())
	if !until.IsZero() && r.Counts > 0 {
		return request.CountPaused{Until: until}, nil
	}
	var counted []workfront.Holding
	if until.IsZero() {
		counted, until = w.Workfront.Count(ctx, r.Target.ID)
	} else {
		for _, kind := range workfront.HoldingKinds() {
			counted = append(counted, workfront.Holding{Kind: kind, Err: why})
		}
	}
	if cut(ctx) {
		return nil, ctx.Err()
	}
	held := make([]request.Holding, len(counted))
	for i, h := range counted {
		held[i] = request.Holding{Kind: string(h.Kind), Count: h.Count, AtLeast: h.AtLeast}
		if h.Err != nil {
			w.Log.Warn("a count could not be read", "request", r.ID, "kind", h.Kind, "error", h.Err)
			held[i].Trouble, held[i].Pending = workfrontapi.Explain(h.Err), !workfrontapi.RefusedForGood(h.Err)
		}
	}
	return request.Counted{Holdings: held, Until: until}, nil
}
