package story_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"wfbot/bot/slacksim"
	"wfbot/bot/slacksim/story"
)

// chooser publishes a Home tab, posts a card with a menu and tells jane what was
// chosen or pressed anywhere; the shortcut "form" opens a modal.
type chooser struct{ api *slack.Client }

func menu(actionID string) *slack.SelectBlockElement {
	return slack.NewOptionsSelectBlockElement("static_select", plain("Why"), actionID,
		slack.NewOptionBlockObject("left", plain("Left"), nil), slack.NewOptionBlockObject("moved", plain("Moved"), nil))
}

// start runs the bot until the test ends.
func (b *chooser) start(t *testing.T, st *story.Story) {
	b.api = slack.New(st.BotToken(), slack.OptionAPIURL(st.APIURL()), slack.OptionAppLevelToken(st.AppToken()))
	client := socketmode.New(b.api)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = client.RunContext(ctx) })
	running.Go(func() {
		for {
			select {
			case e := <-client.Events:
				if c, ok := e.Data.(slack.InteractionCallback); ok {
					_ = client.Ack(*e.Request)
					b.serve(t, c)
				}
			case <-ctx.Done():
				return
			}
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	if err := st.WaitFor(t.Context(), func() bool { return len(st.Connections()) == 1 }); err != nil {
		t.Fatal(err)
	}
}

func (b *chooser) serve(t *testing.T, c slack.InteractionCallback) {
	var err error
	switch {
	case c.Type == slack.InteractionTypeShortcut:
		input := slack.NewInputBlock("b", plain("Reason"), nil, menu("reason"))
		input.DispatchAction = true
		_, err = b.api.OpenView(c.TriggerID, slack.ModalViewRequest{
			Type: slack.VTModal, Title: plain("Form"), Submit: plain("Go"),
			Blocks: slack.Blocks{BlockSet: []slack.Block{input, buttons()}},
		})
	case len(c.ActionCallback.BlockActions) > 0:
		action := c.ActionCallback.BlockActions[0]
		said := string(c.Container.Type) + " " + action.ActionID + " " + action.SelectedOption.Value
		_, _, err = b.api.PostMessage("U0JANE", slack.MsgOptionText(said, false))
	}
	if err != nil {
		t.Errorf("bot: %v", err)
	}
}

func buttons() slack.Block {
	return slack.NewActionBlock("more", slack.NewButtonBlockElement("go", "v", plain("Go")))
}

func TestSelections(t *testing.T) {
	t.Parallel()
	st := story.Start(t, slacksim.Config{AckDeadline: time.Minute, TriggerLife: time.Minute})
	st.AddUser(slacksim.User{ID: "U0JANE", Name: "jane"})
	st.AddChannel(slacksim.Channel{ID: "C0IT", Name: "it", Members: []string{"U0JANE", st.BotUserID()}})
	var bot chooser
	bot.start(t, st)

	section := slack.NewSectionBlock(plain("Reason"), nil, slack.NewAccessory(menu("reason")))
	if _, _, err := bot.api.PostMessage("C0IT", slack.MsgOptionText("x", false), slack.MsgOptionBlocks(section)); err != nil {
		t.Fatal(err)
	}
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{section, buttons()}}}
	if _, err := bot.api.PublishView("U0JANE", home, ""); err != nil {
		t.Fatal(err)
	}

	st.Channel("C0IT").ExpectMessage("Reason").Select("U0JANE", "Reason", "Moved")
	st.ExpectDM("U0JANE", "message reason moved")
	tab := st.ExpectHome("U0JANE", "Reason")
	tab.Select("U0JANE", "reason", "Left")
	st.ExpectDM("U0JANE", "view reason left")
	tab.Click("U0JANE", "Go")
	st.ExpectDM("U0JANE", "view go")
	st.As("U0JANE").Chooses("form")
	form := st.ExpectModal("U0JANE", "Form")
	form.Select("Reason", "Left")
	st.ExpectDM("U0JANE", "view reason left")
	form.Click("Go")
	st.ExpectDM("U0JANE", "view go")
	form.Submit(nil)
	st.ExpectNoModal("U0JANE")
}
