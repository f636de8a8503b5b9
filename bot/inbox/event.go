package inbox

import (
	"context"
	"encoding/json"

	"wfbot/bot/socket"
)

// What the bot reads of an event: its type, and what else there is only where it is
// a Home tab's, since events of other types have other things under the same names.
type (
	eventPayload struct {
		Event struct {
			Type string `json:"type"`
		} `json:"event"`
	}

	homePayload struct {
		Event struct {
			User string `json:"user"`
			Tab  string `json:"tab"`
		} `json:"event"`
	}
)

// takeEvent notes that somebody has opened their Home tab. Slack sends again what
// is not acknowledged, since it could not be stored. Other events mean nothing, and
// one that cannot be understood would not be the next time either.
func (i *Inbox) takeEvent(ctx context.Context, e socket.Envelope) error {
	var p eventPayload
	var home homePayload
	err := json.Unmarshal(e.Payload, &p)
	if err == nil && p.Event.Type == "app_home_opened" {
		err = json.Unmarshal(e.Payload, &home)
	}
	if err != nil {
		i.Log.Warn("an event could not be understood, and is dropped", "event", p.Event.Type, "error", err)
		return nil
	}
	if home.Event.Tab != "home" || home.Event.User == "" {
		return nil
	}
	if err := i.Store.OpenHome(ctx, home.Event.User, i.Now()); err != nil {
		i.Database.Failed(err)
		return err
	}
	i.Wake()
	return nil
}
