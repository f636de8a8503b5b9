package store

import (
	"context"
	"fmt"
)

// BindingError says that the database works for another Workfront or another Slack
// workspace than the one that the configuration names.
type BindingError struct {
	text string // for the operator; what is wrong and what to do
}

// Error implements error.
func (e *BindingError) Error() string { return e.text }

// Binding is what the database works for: what was asked for and approved holds
// there and nowhere else.
type Binding struct {
	Workfront string // host of the tenant; empty: not known yet
	Slack     string // id of the workspace; empty: not known yet
}

// CheckWorkfront returns a *BindingError where the database works for another
// Workfront than the one at host, whose host was from before it moved. Empty: it has
// not.
func (b Binding) CheckWorkfront(host, from string) error {
	if b.Workfront == "" || b.Workfront == host || b.Workfront == from {
		return nil
	}
	text := fmt.Sprintf("the database works for the Workfront %s, and WORKFRONT_URL names %s. What was approved for one is never done in another: "+
		"set WFBOT_DATABASE_URL to the database of %s or to a new one, or WORKFRONT_URL to https://%s. "+
		"If it is the same Workfront under a new address, set WFBOT_MOVED_FROM=%s for the next start", b.Workfront, host, host, b.Workfront, b.Workfront)
	if from != "" {
		text += "; it names another host now"
	}
	return &BindingError{text}
}

// CheckSlack returns a *BindingError where the database works for another workspace
// than that of the bot token, teamID at url.
func (b Binding) CheckSlack(teamID, url string) error {
	if b.Slack == "" || b.Slack == teamID {
		return nil
	}
	return &BindingError{fmt.Sprintf("the database works for the Slack workspace %s, and SLACK_BOT_TOKEN is of %s (%s): "+
		"set WFBOT_DATABASE_URL to the database of that workspace or to a new one, or set the tokens of the workspace that the database works for",
		b.Slack, teamID, url)}
}

const readBinding = `SELECT workfront, slack FROM binding WHERE id = 1`

// Binding returns what the database works for.
func (s *Store) Binding(ctx context.Context) (b Binding, err error) {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	if err := s.db.QueryRowContext(ctx, readBinding).Scan(&b.Workfront, &b.Slack); err != nil {
		return Binding{}, fmt.Errorf("reading what the database works for: %w", err)
	}
	return b, nil
}

// Binding returns what the database works for. Until the transaction ends no other
// one changes it.
func (t *Tx) Binding() (b Binding, err error) {
	if err := t.tx.QueryRowContext(t.ctx, readBinding+t.store.forUpd).Scan(&b.Workfront, &b.Slack); err != nil {
		return Binding{}, fmt.Errorf("reading what the database works for: %w", err)
	}
	return b, nil
}

// Bind stores what the database works for.
func (t *Tx) Bind(b Binding) error {
	if _, err := t.exec(`UPDATE binding SET workfront = $1, slack = $2 WHERE id = 1`, b.Workfront, b.Slack); err != nil {
		return fmt.Errorf("storing what the database works for: %w", err)
	}
	return nil
}
