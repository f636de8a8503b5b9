package bot

// Wake has b look for rows that are due at once, and not within the second after which
// it looks by itself: for a test that has set the clock.
func (b *Bot) Wake() { b.loops.Wake() }
