package workfrontsim

// workTypes are the objects that a user may hold. They are read-only: tests put
// their records in with [Server.AddRecord] or [Server.AddWork]. Fields are those
// that Adobe's list of event subscription fields, its notes on API versions 6 and
// 15, or a public client generated from the API's metadata name.
func workTypes() []*objectType {
	dated := dates("entryDate", "lastUpdateDate")
	owned := func(code, name, alias string, more ...map[string]field) *objectType {
		parts := append([]map[string]field{texts("name"), dated, references("owner", "USER")}, more...)
		return &objectType{code: code, name: name, aliases: []string{alias}, fields: fields(parts...)}
	}
	// Projects and templates have several resource managers, by whose IDs they can be searched.
	managed := func(via string) map[string]field {
		return map[string]field{
			"resourceManagers":   {kind: collectionField, target: "RESMGR", via: via},
			"resourceManagerIDs": {kind: idField, from: "resourceManagers:resourceManagerID", search: true},
		}
	}
	return append(append(taskTypes(dated),
		owned("PROJ", "Project", "project", texts("status"), references("sponsor", "USER"), managed("projectID")),
		owned("PORT", "Portfolio", "portfolio", booleans("isActive")),
		owned("PRGM", "Program", "program", references("portfolio", "PORT")),
		owned("TMPL", "Template", "template", managed("templateID")),
		owned("DOCU", "Document", "document", references("checkedOutBy", "USER")),
		&objectType{code: "RESMGR", name: "ResourceManager", aliases: []string{"resourcemanager"}, fields: fields(
			references("resourceManager", "USER", "project", "PROJ", "template", "TMPL"))},
		&objectType{code: "SCHREP", name: "ScheduledReport", aliases: []string{"scheduledreport"}, fields: fields(
			texts("name"), dates("entryDate"), references("runAsUser", "USER", "enteredBy", "USER"))},
		&objectType{code: "PTLSEC", name: "PortalSection", aliases: []string{"portalsection", "report"}, fields: fields(
			texts("name", "uiObjCode"), booleans("isReport"), dates("lastUpdateDate"),
			references("runAsUser", "USER", "publicRunAsUser", "USER", "enteredBy", "USER"))},
		&objectType{code: "RRUL", name: "RoutingRule", aliases: []string{"routingrule"}, fields: fields(
			texts("name"), references("defaultAssignedTo", "USER", "project", "PROJ", "template", "TMPL"))},
	), approvalTypes()...)
}

// taskTypes are tasks, issues and who is assigned to them.
func taskTypes(dated map[string]field) []*objectType {
	assigned := func(code, name, alias, via string, more map[string]field) *objectType {
		return &objectType{code: code, name: name, aliases: []string{alias}, fields: fields(
			texts("name", "status"), numbers("percentComplete"), dated, dates("plannedCompletionDate", "actualCompletionDate"),
			references("assignedTo", "USER", "project", "PROJ"), more,
			map[string]field{"assignments": {kind: collectionField, target: "ASSGN", via: via}})}
	}
	return []*objectType{
		assigned("TASK", "Task", "task", "taskID", nil),
		assigned("OPTASK", "Issue", "issue", "opTaskID", references("owner", "USER")),
		{code: "ASSGN", name: "Assignment", aliases: []string{"assignment"}, fields: fields(
			texts("status"), booleans("isPrimary"), references("assignedTo", "USER", "assignedBy", "USER",
				"task", "TASK", "opTask", "OPTASK", "project", "PROJ", "role", "ROLE", "team", "TEAMOB"))},
	}
}

// approvalTypes are what waits for or names an approver.
func approvalTypes() []*objectType {
	approvers := map[string]field{"approvers": {kind: collectionField, target: "USER"}}
	return []*objectType{
		{code: "TSPRO", name: "TimesheetProfile", aliases: []string{"timesheetprofile"}, fields: fields(
			texts("name"), references("approver", "USER"), approvers)},
		{code: "TSHET", name: "Timesheet", aliases: []string{"timesheet"}, fields: fields(
			texts("status", "displayName"), dates("startDate", "endDate"), references("approver", "USER", "user", "USER", "timesheetProfile", "TSPRO"), approvers)},
		{code: "AWAPVL", name: "AwaitingApproval", aliases: []string{"awaitingapproval"}, fields: fields(
			references("approver", "USER", "user", "USER", "submittedBy", "USER"), dates("entryDate"),
			references("document", "DOCU", "task", "TASK", "opTask", "OPTASK", "project", "PROJ", "timesheet", "TSHET", "role", "ROLE", "team", "TEAMOB"),
			ids("documentVersionID", "accessRequestID", "approvableID"))},
		{code: "DOCAPL", name: "DocumentApproval", aliases: []string{"documentapproval"}, fields: fields(
			texts("status"), references("approver", "USER", "document", "DOCU"))},
		{code: "DOCV", name: "DocumentVersion", aliases: []string{"documentversion"}, fields: fields(
			texts("fileName", "version"), references("document", "DOCU"))},
		{code: "PRFAPL", name: "ProofApproval", aliases: []string{"proofapproval"}, fields: fields(
			texts("approverDecision"), booleans("isAwaitingDecision"), references("approver", "USER", "documentVersion", "DOCV"))},
		{code: "USRAPV", name: "UserApproval", aliases: []string{"userapproval"}, fields: since(15, fields(
			texts("status"), dates("requestedDate"), references("approver", "USER", "user", "USER", "requestor", "USER")))},
		// An approval process has paths, they have steps, and those have approvers.
		{code: "ARVPRC", name: "ApprovalProcess", aliases: []string{"approvalprocess"}, fields: fields(
			texts("name", "approvalObjCode"), booleans("isPrivate"), since(11, booleans("isActive")),
			map[string]field{"approvalPaths": {kind: collectionField, target: "ARVPTH", via: "approvalProcessID"}})},
		{code: "ARVPTH", name: "ApprovalPath", aliases: []string{"approvalpath"}, fields: fields(
			texts("name", "targetStatus"), references("approvalProcess", "ARVPRC"),
			map[string]field{"approvalSteps": {kind: collectionField, target: "ARVSTP", via: "approvalPathID"}})},
		{code: "ARVSTP", part: true, name: "ApprovalStep", aliases: []string{"approvalstep"}, fields: fields(
			texts("name"), numbers("sequenceNumber"), references("approvalPath", "ARVPTH"),
			map[string]field{"stepApprovers": {kind: collectionField, target: "SPAPVR", via: "approvalStepID"}})},
		{code: "SPAPVR", part: true, name: "StepApprover", aliases: []string{"stepapprover"}, fields: fields(
			references("approvalStep", "ARVSTP", "user", "USER", "role", "ROLE", "team", "TEAMOB"))},
	}
}
