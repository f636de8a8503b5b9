package request

// TriedBefore reports whether a step was begun before and has not come to its end: it
// failed, or what became of it is open.
func (r *Request) TriedBefore(step Step) bool {
	switch step {
	case LookUp:
		return r.LookUpRetry.Failures > 0
	case FindManager:
		return r.ManagerRetry.Failures > 0
	case CountHoldings:
		return r.CountRetry.Failures > 0
	case Execute:
		return r.State == Executing || r.ExecuteRetry.Failures > 0
	case Verify:
		return r.VerifyRetry.Failures > 0
	}
	return false
}

// TriedBefore is [Request.TriedBefore] for the steps of a card.
func (c *Card) TriedBefore(step Step) bool {
	switch step {
	case PostCard, PaintCard:
		return c.PaintRetry.Failures > 0
	case Tell:
		return c.TellRetry.Failures > 0
	case Remind:
		return c.RemindRetry.Failures > 0
	}
	return false
}
