package request

// Action is what a request wants done to the Workfront user.
type Action string

// The actions.
const (
	Deactivate Action = "deactivate" // switch the user off: isActive=false
	Reactivate Action = "reactivate" // the way back: isActive=true
)

// Active is the value of isActive that the action leaves behind.
func (a Action) Active() bool { return a == Reactivate }
