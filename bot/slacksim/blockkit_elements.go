package slacksim

// Where each element may stand.
const (
	selects = "static_select external_select users_select conversations_select channels_select " +
		"multi_static_select multi_external_select multi_users_select multi_conversations_select multi_channels_select"
	accessories = "button checkboxes datepicker image overflow radio_buttons timepicker " + selects
	// rich_text_input and workflow_button are left out: nothing here can fill in
	// the one or run the other.
	actionElements = "button checkboxes datepicker datetimepicker overflow radio_buttons timepicker " + selects
	inputElements  = "checkboxes datepicker datetimepicker email_text_input number_input plain_text_input " +
		"radio_buttons timepicker url_text_input " + selects
)

// interactiveElement is the members of every interactive element.
func interactiveElement(kind string) shape {
	return shape{"*type": oneOf(kind), "action_id": characters(1, 255)}
}

// confirmRule is the rule of confirm dialogs. Slack's types let title, confirm and
// deny be absent; the clients then show their own.
func confirmRule() rule {
	return shape{
		"title": plain(100), "*text": anyText(300), "confirm": plain(30), "deny": plain(30),
		"style": oneOf("primary", "danger"),
	}.rule()
}

// optionRule is the rule of an option; only overflow menus have links.
func optionRule(label rule, links bool) rule {
	members := shape{"*text": label, "*value": characters(1, 75), "description": plain(75)}
	if links {
		members["url"] = link(3000)
	}
	return members.rule()
}

// elementRules returns the rule of each element type.
func elementRules() map[string]rule {
	confirm := shape{"confirm": confirmRule()}
	focus := shape{"focus_on_load": boolean}
	placeholder := shape{"placeholder": plain(150)}
	menu := confirm.with(focus).with(placeholder)
	rules := map[string]rule{
		"button": interactiveElement("button").with(confirm).with(shape{
			"*text": plain(75), "url": link(3000), "value": characters(1, 2000), "style": oneOf("primary", "danger"),
			"accessibility_label": characters(1, 75), "visible_to_user_ids": listOf(1, 100, characters(1, 255)),
			"agent_prompt": characters(1, 3000), "agent_prompt_display": characters(1, 3000),
		}).rule(),
		"image": image().rule(exactlyOne("image_url", "slack_file")),
		"overflow": interactiveElement("overflow").with(confirm).with(shape{
			"*options": listOf(1, 5, optionRule(plain(75), true)),
		}).rule(),
		"datepicker": interactiveElement("datepicker").with(menu).with(shape{
			"initial_date": date,
		}).rule(),
		"timepicker": interactiveElement("timepicker").with(menu).with(shape{
			"initial_time": pattern(`^([01]\d|2[0-3]):[0-5]\d$`, "a time as HH:mm"), "timezone": characters(1, 255),
		}).rule(),
		"datetimepicker": interactiveElement("datetimepicker").with(confirm).with(focus).with(shape{
			"initial_date_time": whole(1e9, 1e10-1),
		}).rule(),
	}
	addChoices(rules, confirm.with(focus))
	addSelects(rules, menu)
	addTextInputs(rules, focus.with(placeholder))
	return rules
}

// addChoices adds radio buttons and checkboxes.
func addChoices(rules map[string]rule, common shape) {
	options := listOf(1, 10, optionRule(anyText(75), false))
	rules["radio_buttons"] = interactiveElement("radio_buttons").with(common).with(shape{
		"*options": options, "initial_option": optionRule(anyText(75), false),
	}).rule(among("initial_option"))
	rules["checkboxes"] = interactiveElement("checkboxes").with(common).with(shape{
		"*options": options, "initial_options": options,
	}).rule(among("initial_options"))
}

// addSelects adds the select menus and their multi_ forms.
func addSelects(rules map[string]rule, common shape) {
	option := optionRule(plain(75), false)
	options := listOf(1, 100, option)
	groups := listOf(1, 100, shape{"*label": plain(75), "*options": options}.rule())
	id := characters(1, 255)
	ids := listOf(1, 100, id)
	filter := shape{
		"include":                          listOf(1, 4, oneOf("im", "mpim", "private", "public")),
		"exclude_external_shared_channels": boolean, "exclude_bot_users": boolean,
	}.rule(anyOf("include", "exclude_external_shared_channels", "exclude_bot_users"))
	conversations := shape{"default_to_current_conversation": boolean, "filter": filter}
	several := shape{"max_selected_items": whole(1, 100)}
	answer := shape{"response_url_enabled": boolean}

	add := func(kind string, members shape, more ...rule) {
		rules[kind] = interactiveElement(kind).with(common).with(members).rule(more...)
	}
	static := shape{"options": options, "option_groups": groups}
	one := exactlyOne("options", "option_groups")
	add("static_select", static.with(shape{"initial_option": option}), one, among("initial_option"))
	add("multi_static_select", static.with(several).with(shape{"initial_options": options}), one, among("initial_options"))
	add("external_select", shape{"initial_option": option, "min_query_length": whole(0, 3000)})
	add("multi_external_select", several.with(shape{"initial_options": options, "min_query_length": whole(0, 3000)}))
	add("users_select", shape{"initial_user": id})
	add("multi_users_select", several.with(shape{"initial_users": ids}))
	add("conversations_select", conversations.with(answer).with(shape{"initial_conversation": id}))
	add("multi_conversations_select", conversations.with(several).with(shape{"initial_conversations": ids}))
	add("channels_select", answer.with(shape{"initial_channel": id}))
	add("multi_channels_select", several.with(shape{"initial_channels": ids}))
}

// addTextInputs adds the inputs people type into.
func addTextInputs(rules map[string]rule, common shape) {
	common = common.with(shape{
		"initial_value": characters(1, 3000),
		"dispatch_action_config": shape{
			"trigger_actions_on": listOf(1, 2, oneOf("on_enter_pressed", "on_character_entered")),
		}.rule(),
	})
	add := func(kind string, members shape) {
		rules[kind] = interactiveElement(kind).with(common).with(members).rule()
	}
	add("plain_text_input", shape{"multiline": boolean, "min_length": whole(0, 3000), "max_length": whole(1, 3000)})
	add("email_text_input", shape{})
	add("url_text_input", shape{})
	number := pattern(`^-?\d+(\.\d+)?$`, "a number as a string")
	add("number_input", shape{"*is_decimal_allowed": boolean, "min_value": number, "max_value": number})
}
