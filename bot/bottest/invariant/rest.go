package invariant

import "wfbot/bot/request"

func (c *checker) checkInteractions() {
	for _, w := range c.Interactions {
		switch {
		case !w.Acknowledged: // Slack told the person that it did not work
		case !w.Stored:
			c.violated(InteractionStored, "", "interaction %s is acknowledged and not stored", w.ID)
		case c.Settled && !w.Ended:
			c.violated(InteractionEnds, "", "interaction %s was never dealt with", w.ID)
		case c.Settled && !w.Answered:
			c.violated(InteractionEnds, "", "interaction %s was dealt with and the person cannot know", w.ID)
		}
	}
}

// checkRest looks at a request when nothing is left to do.
func (c *checker) checkRest(l *life) {
	r := l.r
	switch r.State {
	case request.Received, request.Approved, request.Executing:
		c.violated(AtRest, r.ID, "it is still %s", r.State)
	}
}
