package slacksim

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The limits and members below are those of Slack's published types for Block
// Kit and of docs.slack.dev/reference/block-kit. Blocks that Slack has and the
// simulator does not know are refused like a misspelt type: call, card, carousel,
// container, context_actions, data_table, data_visualization, file, layout, plan,
// task_card.

// The largest numbers of blocks.
const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	maxMarkdown      = 12000 // characters, all markdown blocks together
)

// validateBlocks returns what is wrong with the blocks of a message.
func validateBlocks(list []any, where surface, pointer string) []string {
	c := &check{surface: where}
	c.blocks(pointer, list, maxMessageBlocks)
	return c.problems
}

// validateView returns what is wrong with a view.
func validateView(view object, where surface) []string {
	c := &check{surface: where}
	members, kind := homeShape(), "home"
	if where == inModal {
		members, kind = modalShape(), "modal"
	}
	if view["type"] != kind {
		c.failf("/view/type", "must be one of: %s", kind)
		return c.problems
	}
	members.rule()(c, "/view", view)
	list, ok := view["blocks"].([]any)
	if !ok {
		return c.problems
	}
	c.blocks("/view/blocks", list, maxViewBlocks)
	if where == inModal && view["submit"] == nil && hasInput(list) {
		c.failf("/view", "missing required field: submit")
	}
	return c.problems
}

// homeShape and modalShape leave the blocks to check.blocks.
func homeShape() shape {
	return shape{
		"*type": oneOf("home", "modal"), "*blocks": listOf(0, maxViewBlocks, anything),
		"callback_id": characters(0, 255), "external_id": characters(0, 255), "private_metadata": characters(0, 3000),
	}
}

func modalShape() shape {
	return homeShape().with(shape{
		"*title": plain(24), "submit": plain(24), "close": plain(24),
		"clear_on_close": boolean, "notify_on_close": boolean, "submit_disabled": boolean,
	})
}

func anything(*check, string, any) {}

func hasInput(list []any) bool {
	for _, block := range objects(list) {
		if block["type"] == "input" {
			return true
		}
	}
	return false
}

// blocks checks each block, and what must hold between them.
func (c *check) blocks(pointer string, list []any, most int) {
	rules := blockRules()
	allowed := []string{"actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video"}
	switch c.surface {
	case inMessage:
		allowed = append(allowed, "markdown", "table")
	case inModal:
		allowed = append(allowed, "alert")
	}
	listOf(0, most, byType(rules, allowed...))(c, pointer, list)
	c.unique(pointer, list)
	c.totals(pointer, list)
}

// unique notes repeated block_ids, and action_ids repeated within a block.
func (c *check) unique(pointer string, list []any) {
	blockIDs := make(map[string]bool)
	for i, item := range list {
		block, ok := item.(object)
		if !ok {
			continue
		}
		at := fmt.Sprintf("%s/%d", pointer, i)
		if id := text(block["block_id"]); id != "" {
			if blockIDs[id] {
				c.failf(at+"/block_id", "block_id %q already exists", id)
			}
			blockIDs[id] = true
		}
		actionIDs := make(map[string]bool)
		for j, el := range elements(block) {
			id := text(el["action_id"])
			if id != "" && actionIDs[id] {
				c.failf(fmt.Sprintf("%s/elements/%d/action_id", at, j), "action_id %q already exists", id)
			}
			actionIDs[id] = true
		}
	}
}

// totals notes what may occur once, or so much, in all blocks together.
func (c *check) totals(pointer string, list []any) {
	tables, focused, markdown := 0, 0, 0
	for _, block := range objects(list) {
		switch block["type"] {
		case "table":
			tables++
		case "markdown":
			markdown += utf8.RuneCountInString(text(block["text"]))
		}
		for _, el := range elements(block) {
			if el["focus_on_load"] == true {
				focused++
			}
		}
	}
	if tables > 1 {
		c.failf(pointer, "only one table allowed")
	}
	if focused > 1 {
		c.failf(pointer, "only one element may have focus_on_load")
	}
	if markdown > maxMarkdown {
		c.failf(pointer, "markdown must be less than %d characters in all", maxMarkdown+1)
	}
}

// block is the members of every block.
func block(kind string) shape {
	return shape{"*type": oneOf(kind), "block_id": characters(1, 255)}
}

// image is the members of image blocks and image elements.
func image() shape {
	file := shape{"id": characters(1, 255), "url": link(3000)}
	return shape{
		"*type": oneOf("image"), "*alt_text": characters(1, 2000),
		"image_url": link(3000), "slack_file": file.rule(exactlyOne("id", "url")),
	}
}

// blockRules returns the rule of each block type.
func blockRules() map[string]rule {
	elements := elementRules()
	of := func(names string) rule { return byType(elements, strings.Fields(names)...) }
	contextElements := elementRules()
	contextElements["plain_text"], contextElements["mrkdwn"] = plain(3000), textObject(3000, "mrkdwn")

	return map[string]rule{
		"actions": block("actions").with(shape{"*elements": listOf(1, 25, of(actionElements))}).rule(),
		"alert": block("alert").with(shape{
			"*text": anyText(200), "level": oneOf("default", "info", "warning", "error", "success"),
		}).rule(),
		"context": block("context").with(shape{
			"*elements": listOf(1, 10, byType(contextElements, "image", "plain_text", "mrkdwn")),
		}).rule(),
		"divider": block("divider").rule(),
		"header":  block("header").with(shape{"*text": plain(150), "level": whole(1, 4)}).rule(),
		"image": block("image").with(image()).with(shape{"title": plain(2000)}).
			rule(exactlyOne("image_url", "slack_file")),
		"input": block("input").with(shape{
			"*label": plain(2000), "*element": of(inputElements), "hint": plain(2000),
			"optional": boolean, "dispatch_action": boolean,
		}).rule(),
		"markdown":  block("markdown").with(shape{"*text": characters(1, maxMarkdown)}).rule(),
		"rich_text": richTextRule(),
		"section": block("section").with(shape{
			"text": anyText(3000), "fields": listOf(1, 10, anyText(2000)),
			"accessory": of(accessories), "expand": boolean,
		}).rule(anyOf("text", "fields")),
		"table": block("table").with(shape{
			"*rows":           listOf(1, 100, listOf(1, 20, byType(cellRules(), "raw_text", "raw_number", "rich_text"))),
			"column_settings": listOf(0, 20, shape{"align": oneOf("left", "center", "right"), "is_wrapped": boolean}.rule()),
		}).rule(),
		"video": block("video").with(shape{
			"*video_url": link(3000), "*thumbnail_url": link(3000), "*alt_text": characters(1, 2000), "*title": plain(200),
			"title_url": link(3000), "author_name": characters(1, 50), "provider_name": characters(1, 50),
			"provider_icon_url": link(3000), "description": plain(200),
		}).rule(),
	}
}

func cellRules() map[string]rule {
	number := func(c *check, pointer string, value any) {
		if _, ok := value.(float64); !ok {
			c.failf(pointer, "must provide a number")
		}
	}
	return map[string]rule{
		"raw_text":   shape{"*type": oneOf("raw_text"), "*text": characters(1, 3000)}.rule(),
		"raw_number": shape{"*type": oneOf("raw_number"), "*value": number, "*text": characters(1, 3000)}.rule(),
		"rich_text":  richTextRule(),
	}
}

// richTextRule is the rule of rich_text blocks.
func richTextRule() rule {
	style := shape{
		"bold": boolean, "italic": boolean, "strike": boolean, "code": boolean, "underline": boolean,
		"highlight": boolean, "client_highlight": boolean, "unlink": boolean,
	}.rule()
	inline := func(kind string, members shape) rule {
		return shape{"*type": oneOf(kind), "style": style}.with(members).rule()
	}
	id := characters(1, 255)
	inlines := map[string]rule{
		"text":      inline("text", shape{"*text": characters(1, 3000)}),
		"link":      inline("link", shape{"*url": link(3000), "text": characters(1, 3000), "unsafe": boolean}),
		"emoji":     inline("emoji", shape{"*name": id, "unicode": id, "skin_tone": whole(1, 6), "url": link(3000)}),
		"user":      inline("user", shape{"*user_id": id}),
		"usergroup": inline("usergroup", shape{"*usergroup_id": id}),
		"channel":   inline("channel", shape{"*channel_id": id}),
		"team":      inline("team", shape{"*team_id": id}),
		"broadcast": inline("broadcast", shape{"*range": oneOf("here", "channel", "everyone")}),
		"color":     inline("color", shape{"*value": id}),
		"date": inline("date", shape{
			"*timestamp": whole(0, 1<<40), "*format": id, "url": link(3000), "fallback": id,
		}),
	}
	inlined := byType(inlines, "text", "link", "emoji", "user", "usergroup", "channel", "team", "broadcast", "color", "date")
	section := shape{"*type": oneOf("rich_text_section"), "*elements": listOf(0, 1000, inlined)}
	border := shape{"border": whole(0, 1)}
	parts := map[string]rule{
		"rich_text_section": section.rule(),
		"rich_text_preformatted": shape{
			"*type": oneOf("rich_text_preformatted"), "*elements": listOf(0, 1000, byType(inlines, "text", "link")),
			"language": id,
		}.with(border).rule(),
		"rich_text_quote": shape{"*type": oneOf("rich_text_quote"), "*elements": listOf(0, 1000, inlined)}.with(border).rule(),
		"rich_text_list": shape{
			"*type": oneOf("rich_text_list"), "*style": oneOf("bullet", "ordered"),
			"*elements": listOf(1, 1000, section.rule()), "indent": whole(0, 8), "offset": whole(0, 1<<20),
		}.with(border).rule(),
	}
	return block("rich_text").with(shape{"*elements": listOf(1, 1000,
		byType(parts, "rich_text_section", "rich_text_preformatted", "rich_text_quote", "rich_text_list"))}).rule()
}
