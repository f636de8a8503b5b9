package slacksim

// surface is where blocks are shown.
type surface int

const (
	inMessage surface = iota
	inModal
	inHome
)

func validateBlocks(list []any, where surface, pointer string) []string { return nil }

func validateView(raw object, where surface) []string { return nil }
