package slacksim_test

import (
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"wfbot/bot/slacksim"
)

func TestCommandIsDeliveredEscapedAndAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slacksim.Config{})
	got := make(chan slack.SlashCommand, 1)
	w.connect(t, func(c *socketmode.Client, e socketmode.Event) {
		got <- e.Data.(slack.SlashCommand)
		_ = c.Ack(*e.Request, map[string]any{"text": "on it"})
	})
	reply, err := w.Command(w.jane, w.it, "/wf-deactivate Jane@ACME.com left & <gone> @mary #secret")
	if err != nil {
		t.Fatal(err)
	}
	cmd := <-got
	want := "<mailto:Jane@ACME.com|Jane@ACME.com> left &amp; &lt;gone&gt; <@U0MARY> <#C0PRIV|>"
	if cmd.Text != want {
		t.Errorf("text = %q, want %q", cmd.Text, want)
	}
	if !reply.Acked || reply.Failure != "" || reply.Message == nil || reply.Message.Text != "on it" {
		t.Errorf("reply = %+v", reply)
	}
	if private := w.Ephemerals(w.jane); len(private) != 1 || private[0].Text != "on it" {
		t.Errorf("jane sees %+v", private)
	}
	if other := w.Ephemerals(w.mary); len(other) != 0 {
		t.Errorf("mary sees %+v", other)
	}
}
