package slacksim

import (
	"cmp"
	"strings"
)

// Button is a button, or an entry of an overflow menu, as a person sees it, and how a
// driver says which one to press: empty fields of a selector match anything.
type Button struct {
	ActionID string
	BlockID  string
	Text     string
	Value    string
	Style    string // "", primary, danger
	URL      string
	Confirm  *Confirm // dialog that asks before anything is sent; nil: none
	// Answer is what the driver presses in the confirm dialog: its Confirm or its
	// Deny text. It is needed if there is a dialog, and only then.
	Answer string
}

// Confirm is the dialog that opens when an element with one is used.
type Confirm struct {
	Title, Text   string
	Confirm, Deny string // texts of its two buttons
	Style         string
}

// matches reports whether the button is one that the selector means.
func (b Button) matches(selector Button) bool {
	same := func(got, want string) bool { return want == "" || got == want }
	return same(b.ActionID, selector.ActionID) && same(b.BlockID, selector.BlockID) &&
		same(b.Text, selector.Text) && same(b.Value, selector.Value)
}

// Buttons returns the buttons of the message and the entries of its overflow menus, in
// reading order.
func (m Message) Buttons() []Button { return buttons(m.Blocks) }

// Button returns the button of that text.
func (m Message) Button(text string) (Button, bool) {
	for _, b := range m.Buttons() {
		if b.Text == text {
			return b, true
		}
	}
	return Button{}, false
}

func buttons(blocks []object) []Button {
	var found []Button
	for _, block := range blocks {
		for _, element := range elements(block) {
			found = append(found, buttonsOf(block, element)...)
		}
	}
	return found
}

// buttonsOf returns what can be pressed of an element.
func buttonsOf(block, element object) (found []Button) {
	switch element["type"] {
	case "button":
		found = append(found, newButton(block, element))
	case "overflow":
		for _, o := range offered(element) {
			b := newButton(block, element)
			b.Text, b.Value, b.URL = textOf(o["text"]), text(o["value"]), text(o["url"])
			found = append(found, b)
		}
	}
	return found
}

func newButton(block, element object) Button {
	b := Button{
		ActionID: text(element["action_id"]), BlockID: text(block["block_id"]),
		Text: textOf(element["text"]), Value: text(element["value"]),
		Style: text(element["style"]), URL: text(element["url"]),
	}
	b.Confirm = newConfirm(element)
	return b
}

// newConfirm returns the element's confirm dialog, or nil.
func newConfirm(element object) *Confirm {
	c, ok := element["confirm"].(object)
	if !ok {
		return nil
	}
	return &Confirm{
		Title: textOf(c["title"]), Text: textOf(c["text"]), Style: text(c["style"]),
		Confirm: cmp.Or(textOf(c["confirm"]), "Yes"), Deny: cmp.Or(textOf(c["deny"]), "Cancel"),
	}
}

// elements returns the elements of a block that a person can act on or read:
// those of actions and context blocks, a section's accessory, an input's element.
func elements(block object) []object {
	var found []object
	if list, ok := block["elements"].([]any); ok && block["type"] != "rich_text" {
		for _, element := range list {
			if o, ok := element.(object); ok {
				found = append(found, o)
			}
		}
	}
	for _, key := range []string{"accessory", "element"} {
		if o, ok := block[key].(object); ok {
			found = append(found, o)
		}
	}
	return found
}

// text returns v if it is a string, else "".
func text(v any) string {
	s, _ := v.(string)
	return s
}

// textOf returns the text of a text object.
func textOf(v any) string {
	o, _ := v.(object)
	return text(o["text"])
}

// plainText renders blocks for readers and for tests.
func plainText(blocks []object) string {
	var lines []string
	for _, block := range blocks {
		if line := blockText(block); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func blockText(block object) string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	for _, key := range []string{"text", "label", "title", "hint"} {
		add(textOf(block[key]))
	}
	if block["type"] == "markdown" {
		add(text(block["text"]))
	}
	if fields, ok := block["fields"].([]any); ok {
		for _, field := range fields {
			add(textOf(field))
		}
	}
	for _, element := range elements(block) {
		add(elementText(element))
	}
	if block["type"] == "rich_text" {
		add(richText(block))
	}
	separator := "\n"
	if block["type"] == "actions" || block["type"] == "context" {
		separator = " "
	}
	return strings.Join(parts, separator)
}

func elementText(element object) string {
	switch element["type"] {
	case "mrkdwn", "plain_text":
		return text(element["text"])
	case "button":
		return "[" + textOf(element["text"]) + "]"
	case "image":
		return text(element["alt_text"])
	default:
		return textOf(element["placeholder"])
	}
}

// richText joins every text found in a rich_text block.
func richText(v any) string {
	switch v := v.(type) {
	case []any:
		var b strings.Builder
		for _, item := range v {
			b.WriteString(richText(item))
		}
		return b.String()
	case object:
		if list, ok := v["elements"]; ok {
			return richText(list)
		}
		if v["type"] == "user" {
			return "<@" + text(v["user_id"]) + ">"
		}
		return text(v["text"])
	default:
		return ""
	}
}

// interactive are the elements that Slack gives an action_id if the app does not.
var interactive = map[string]bool{
	"button": true, "checkboxes": true, "datepicker": true, "datetimepicker": true, "timepicker": true,
	"email_text_input": true, "url_text_input": true, "number_input": true, "plain_text_input": true,
	"rich_text_input": true, "file_input": true, "overflow": true, "radio_buttons": true,
	"static_select": true, "external_select": true, "users_select": true,
	"conversations_select": true, "channels_select": true,
	"multi_static_select": true, "multi_external_select": true, "multi_users_select": true,
	"multi_conversations_select": true, "multi_channels_select": true,
}

// complete fills in what Slack adds to blocks when it stores them: block_id,
// action_id, emoji and verbatim. The caller holds s.mu.
func (s *Server) complete(blocks []object) []object {
	blocks = cloneBlocks(blocks)
	for _, block := range blocks {
		if text(block["block_id"]) == "" {
			block["block_id"] = s.secret(5)
		}
		for _, element := range elements(block) {
			if interactive[text(element["type"])] && text(element["action_id"]) == "" {
				element["action_id"] = s.secret(5)
			}
		}
		completeText(block)
	}
	return blocks
}

// completeText adds emoji and verbatim to every text object below v.
func completeText(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			completeText(item)
		}
	case object:
		missing := func(key string) bool { _, ok := v[key]; return !ok }
		if v["type"] == "plain_text" && missing("emoji") {
			v["emoji"] = true
		}
		if v["type"] == "mrkdwn" && missing("verbatim") {
			v["verbatim"] = false
		}
		for _, item := range v {
			completeText(item)
		}
	}
}
