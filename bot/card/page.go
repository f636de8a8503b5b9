package card

import (
	"fmt"

	"github.com/slack-go/slack"
)

// page collects the blocks of one message. Each part has a name, which makes its
// block_id unique; the prefix makes it another one whenever the message changes,
// as Slack wants.
type page struct {
	prefix string
	blocks []slack.Block
}

func (p *page) id(part string) string { return p.prefix + "-" + part }

func (p *page) add(b slack.Block) { p.blocks = append(p.blocks, b) }

// title adds a header; a page may have several.
func (p *page) title(part, text string) {
	p.add(slack.NewHeaderBlock(plain(text), slack.HeaderBlockOptionBlockID(p.id(part))))
}

// say adds a paragraph in our own words; none if it is empty.
func (p *page) say(part string, words markup) { p.sayBeside(part, words, nil) }

// sayBeside is say, with a button beside the paragraph unless it is nil.
func (p *page) sayBeside(part string, words markup, button *slack.ButtonBlockElement) {
	if words == "" {
		return
	}
	section := slack.NewSectionBlock(mrkdwn(words), nil, nil, slack.SectionBlockOptionBlockID(p.id(part)))
	if button != nil {
		section.Accessory = slack.NewAccessory(button)
	}
	p.add(section)
}

// quote adds a paragraph of outside text behind a label; none if it is empty.
func (p *page) quote(part, label, text string) {
	if text != "" {
		p.add(slack.NewSectionBlock(plain(label+": "+text), nil, nil, slack.SectionBlockOptionBlockID(p.id(part))))
	}
}

// fields adds up to ten short texts in two columns; nothing if there are none.
func (p *page) fields(part string, fields []*slack.TextBlockObject) {
	if len(fields) > 0 {
		p.add(slack.NewSectionBlock(nil, fields[:min(len(fields), 10)], nil, slack.SectionBlockOptionBlockID(p.id(part))))
	}
}

// note adds small print; none if it is empty.
func (p *page) note(part string, text *slack.TextBlockObject) {
	if text.Text != "" {
		p.add(slack.NewContextBlock(p.id(part), text))
	}
}

func (p *page) buttons(part string, buttons []slack.BlockElement) {
	if len(buttons) > 0 {
		p.add(slack.NewActionBlock(p.id(part), buttons...))
	}
}

// decide adds two of the buttons, and a menu with the others.
func (p *page) decide(buttons []*slack.ButtonBlockElement) {
	var elements []slack.BlockElement
	var others []*slack.OptionBlockObject
	for i, b := range buttons {
		if i < 2 {
			elements = append(elements, b)
		} else {
			others = append(others, slack.NewOptionBlockObject(b.ActionID+" "+b.Value, b.Text, nil))
		}
	}
	if len(others) > 0 {
		elements = append(elements, slack.NewOverflowBlockElement(ActionMore, others...))
	}
	p.buttons("decide", elements)
}

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

// mrkdwn is our own words; verbatim, so that Slack makes nothing else of them.
func mrkdwn(words markup) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, string(words), false, true)
}

func newPage(requestID string, look int64, buttons bool) *page {
	kind := map[bool]string{false: "p", true: "b"}[buttons] // posted, and painted with buttons
	return &page{prefix: fmt.Sprintf("%s-%d%s", clip(requestID, 150, width), look, kind)}
}

// modal is the page as a form; metadata comes back when it is submitted.
func (p *page) modal(callback, title, submit, back string, metadata []byte) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callback, Title: plain(title), Submit: plain(submit), Close: plain(back),
		Blocks: slack.Blocks{BlockSet: p.blocks}, PrivateMetadata: string(metadata),
	}
}
