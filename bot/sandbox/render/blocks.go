package render

import "html/template"

// Block is one block of a message or view. Which fields are set depends on Type.
type Block struct {
	Type      string // as in Block Kit, or "unknown"
	ID        string
	Text      template.HTML   // header, section, context of an unknown block
	Fields    []template.HTML // section, in two columns
	Elements  []Element       // actions and context
	Accessory *Element        // section; nil: none
	Input     *Input          // input
}

// Element is a part of a block: exactly one field is set.
type Element struct {
	Text   template.HTML
	Button *Button
	// Input is an element that takes a value where it stands, without the label
	// and the submission of an input block.
	Input *Input
}

// Button is a button.
type Button struct {
	ActionID, BlockID, Value string
	Label                    template.HTML
	Name                     string // for screen readers; empty: the label
	Style                    string // "", primary, danger
	URL                      string // that it opens as well, on the page itself if it begins with "/"; empty: none
	Confirm                  *Confirm
}

// Confirm is the dialog that asks before a press counts.
type Confirm struct {
	Title, Text   template.HTML
	Confirm, Deny string // the labels of its buttons
	Style         string // "", primary, danger
}

// Blocks turns blocks, as decoded from JSON, into what a template draws.
func (v Viewer) Blocks(blocks []map[string]any) []Block {
	drawn := make([]Block, len(blocks))
	for i, b := range blocks {
		drawn[i] = v.block(b)
	}
	return drawn
}

func (v Viewer) block(b map[string]any) Block {
	drawn := Block{Type: str(b["type"]), ID: str(b["block_id"])}
	switch drawn.Type {
	case "divider":
	case "header":
		drawn.Text = v.Text(obj(b["text"]))
	case "section":
		drawn.Text = v.Text(obj(b["text"]))
		for _, f := range list(b["fields"]) {
			drawn.Fields = append(drawn.Fields, v.Text(f))
		}
		if accessory := obj(b["accessory"]); accessory != nil {
			e := v.element(drawn.ID, accessory)
			drawn.Accessory = &e
		}
	case "actions", "context":
		for _, e := range list(b["elements"]) {
			drawn.Elements = append(drawn.Elements, v.element(drawn.ID, e))
		}
	case "input":
		drawn.Input = v.input(b, obj(b["element"]))
	default:
		drawn.Text = notDrawn("A block", drawn.Type)
		drawn.Type = "unknown"
	}
	return drawn
}

func (v Viewer) element(blockID string, e map[string]any) Element {
	switch kind := str(e["type"]); kind {
	case "mrkdwn", "plain_text":
		return Element{Text: v.Text(e)}
	case "image": // other hosts are never asked for anything
		return Element{Text: Plain("[image: "+str(e["alt_text"])+"]", false)}
	case "button":
		return Element{Button: v.button(blockID, e)}
	default:
		if in := v.input(map[string]any{"block_id": blockID}, e); in.Kind != "" {
			return Element{Input: in}
		}
		return Element{Text: notDrawn("An element", kind)}
	}
}

func (v Viewer) button(blockID string, e map[string]any) *Button {
	b := &Button{
		ActionID: str(e["action_id"]), BlockID: blockID, Value: str(e["value"]), Confirm: v.confirm(e),
		Label: v.Text(obj(e["text"])), Name: str(e["accessibility_label"]), Style: style(e["style"]),
	}
	if address := str(e["url"]); followable(address) {
		b.URL = v.address(address)
	}
	return b
}

// confirm returns the dialog of an element; nil: it has none.
func (v Viewer) confirm(e map[string]any) *Confirm {
	c := obj(e["confirm"])
	if c == nil {
		return nil
	}
	return &Confirm{
		Title: v.Text(obj(c["title"])), Text: v.Text(obj(c["text"])),
		Confirm: or(str(obj(c["confirm"])["text"]), "Yes"), Deny: or(str(obj(c["deny"])["text"]), "Cancel"),
		Style: or(style(c["style"]), "primary"),
	}
}

// style keeps what ends up in a class name to the two that Slack has.
func style(v any) string {
	if v == "primary" || v == "danger" {
		return v.(string)
	}
	return ""
}

func notDrawn(what, kind string) template.HTML {
	return Plain(what+" of type "+kind+", which is not drawn here.", false)
}

// str returns v if it is a string, else "".
func str(v any) string {
	s, _ := v.(string)
	return s
}

// obj returns v if it is a JSON object, else nil.
func obj(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

// list returns the JSON objects in v.
func list(v any) []map[string]any {
	all, _ := v.([]any)
	var objects []map[string]any
	for _, one := range all {
		if o := obj(one); o != nil {
			objects = append(objects, o)
		}
	}
	return objects
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
