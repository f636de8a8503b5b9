package inbox

import (
	"context"
	"encoding/json"

	"wfbot/bot/metrics"
	"wfbot/bot/socket"
	"wfbot/bot/store"
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

	// Source: https://docs.slack.dev/reference/events/channel_id_changed
	channelPayload struct {
		Event struct {
			Old string `json:"old_channel_id"`
			New string `json:"new_channel_id"`
		} `json:"event"`
	}
)

// move is a channel that has another id.
type move struct{ from, to string }

// The types of the events that the bot takes in: the manifest subscribes to them.
const (
	homeOpened     = "app_home_opened"
	channelRenamed = "channel_id_changed"
)

// takeEvent notes that somebody has opened their Home tab, or that a channel has
// another id. Slack sends again what is not acknowledged, since it could not be stored.
// Other events mean nothing. One that cannot be understood could not be understood the
// next time either.
func (i *Inbox) takeEvent(ctx context.Context, e socket.Envelope) error {
	var p eventPayload
	var home homePayload
	var channel channelPayload
	err := json.Unmarshal(e.Payload, &p)
	switch {
	case err != nil:
	case p.Event.Type == homeOpened:
		err = json.Unmarshal(e.Payload, &home)
	case p.Event.Type == channelRenamed:
		err = json.Unmarshal(e.Payload, &channel)
	}
	if err != nil {
		i.Operator.Later(cannotRead, "wfbot could not read an event of Slack's and has dropped it (%s): %v. "+
			"A Home tab that somebody opened may be old, or the cards of a channel with a new id may not go on. "+readItAgain, p.Event.Type, err)
		return nil
	}
	switch {
	case home.Event.Tab == "home" && home.Event.User != "":
		i.Metrics.Interaction("home", metrics.Opened)
		err = i.Store.OpenHome(ctx, home.Event.User, i.Now())
	case channel.Event.Old != "" && channel.Event.New != "":
		err = i.moveChannel(ctx, channel.Event.Old, channel.Event.New)
	default:
		return nil
	}
	if err != nil {
		i.Database.Failed(err)
		return err
	}
	return nil
}

// moveChannel has the cards of a channel follow it to its new id. Sent again, there are
// none left. The operator is told of a channel that they have set, but not before the
// event is acknowledged.
func (i *Inbox) moveChannel(ctx context.Context, from, to string) error {
	var cards int64
	err := i.Store.Update(ctx, i.Now(), func(tx *store.Tx) (err error) {
		cards, err = tx.MoveChannel(from, to)
		return err
	})
	if err != nil {
		return err
	}
	i.Log.Info("a channel has another id", "from", from, "to", to, "cards", cards)
	select {
	case i.moves <- move{from, to}:
	default: // more than there are channels to set: sent again and again
	}
	return nil
}

// tellMove tells the operator that a channel has another id, if they have set it.
func (i *Inbox) tellMove(ctx context.Context, m move) {
	if m.from == i.Channel {
		i.Operator.Alarm(ctx, "the channel of WFBOT_CHANNEL has another id", "Slack has given the channel of WFBOT_CHANNEL the id %s. Its cards still work, but new ones cannot be posted. "+
			"Set WFBOT_CHANNEL to that id and start wfbot again.", m.to)
	}
	i.Operator.Moved(ctx, m.from, m.to)
}
