package workfrontsim

// workTypes are the objects that a user may hold. They are read-only: tests put
// their records in with [Server.AddRecord].
func workTypes() []*objectType {
	owned := func(code, name, alias string, more ...map[string]field) *objectType {
		parts := append([]map[string]field{texts("name", "status"), dates("entryDate", "lastUpdateDate"),
			references("owner", "USER")}, more...)
		return &objectType{code: code, name: name, aliases: []string{alias}, fields: fields(parts...)}
	}
	assigned := func(code, name string, aliases []string, via string) *objectType {
		return &objectType{code: code, name: name, aliases: aliases, fields: fields(
			texts("name", "status"), numbers("percentComplete"),
			dates("entryDate", "lastUpdateDate", "plannedCompletionDate", "actualCompletionDate"),
			references("assignedTo", "USER", "owner", "USER", "project", "PROJ"),
			map[string]field{"assignments": {kind: collectionField, target: "ASSGN", via: via}})}
	}
	people := references("approver", "USER", "user", "USER", "submittedBy", "USER")
	return []*objectType{
		assigned("TASK", "Task", []string{"task"}, "taskID"),
		assigned("OPTASK", "Issue", []string{"issue"}, "opTaskID"),
		{code: "ASSGN", name: "Assignment", aliases: []string{"assignment"}, fields: fields(
			texts("status"), references("assignedTo", "USER", "task", "TASK", "opTask", "OPTASK", "project", "PROJ", "role", "ROLE", "team", "TEAMOB"))},
		owned("PROJ", "Project", "project", references("sponsor", "USER"),
			map[string]field{"resourceManagers": {kind: collectionField, target: "USER"}}),
		owned("PORT", "Portfolio", "portfolio"),
		owned("PRGM", "Program", "program"),
		owned("TMPL", "Template", "template"),
		owned("PTLSEC", "PortalSection", "portalsection", references("runAsUser", "USER")),
		owned("PTLTAB", "PortalTab", "portaltab"),
		{code: "RRUL", name: "RoutingRule", aliases: []string{"routingrule"}, fields: fields(
			texts("name"), references("defaultAssignedTo", "USER", "project", "PROJ"))},
		{code: "TSPRO", name: "TimesheetProfile", aliases: []string{"timesheetprofile"}, fields: fields(
			texts("name"), references("approver", "USER"),
			map[string]field{"approvers": {kind: collectionField, target: "USER"}})},
		{code: "TSHET", name: "Timesheet", aliases: []string{"timesheet"}, fields: fields(
			texts("status"), references("approver", "USER", "user", "USER"))},
		{code: "AWAPVL", name: "AwaitingApproval", aliases: []string{"awaitingapproval"}, fields: fields(
			people, dates("entryDate"), references("task", "TASK", "opTask", "OPTASK", "project", "PROJ", "timesheet", "TSHET"),
			ids("teamID", "roleID", "documentID", "documentVersionID", "accessRequestID", "approvableID"))},
		{code: "DOCAPL", name: "DocumentApproval", aliases: []string{"documentapproval"}, fields: fields(
			texts("status"), references("approver", "USER"), ids("documentID"))},
		{code: "USRAPV", name: "UserApproval", aliases: []string{"userapproval"}, fields: fields(
			texts("status"), dates("requestedDate"), references("approver", "USER", "user", "USER", "requestor", "USER"))},
		{code: "SPAPVR", name: "StepApprover", aliases: []string{"stepapprover"}, fields: fields(
			references("user", "USER"), ids("approvalStepID", "roleID", "teamID"))},
	}
}
