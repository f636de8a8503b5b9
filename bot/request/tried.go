package request

// TriedBefore reports whether a step was begun before and has not come to its end: it
// failed, or what became of it is open.
func (r *Request) TriedBefore(step Step) bool {
	retry := map[Step]Retry{
		LookUp: r.LookUpRetry, FindManager: r.ManagerRetry, CountHoldings: r.CountRetry, Execute: r.ExecuteRetry, Verify: r.VerifyRetry,
	}[step]
	return retry.Failures > 0 || step == Execute && r.State == Executing
}

// TriedBefore is [Request.TriedBefore] for the steps of a card.
func (c *Card) TriedBefore(step Step) bool {
	retry := map[Step]Retry{PostCard: c.PaintRetry, PaintCard: c.PaintRetry, Tell: c.TellRetry, Remind: c.RemindRetry}[step]
	return retry.Failures > 0
}
