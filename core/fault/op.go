package fault

// Op is the operation that went wrong: the verb that an error begins with.
type Op string

const (
	OpAccept   Op = "accept"
	OpAdopt    Op = "adopt"
	OpBackup   Op = "back up"
	OpCheck    Op = "check"
	OpCompare  Op = "compare" // the schema with its migrations
	OpCreate   Op = "create"
	OpEnroll   Op = "enroll"
	OpExecute  Op = "execute"
	OpFix      Op = "fix"
	OpList     Op = "list the backups of"
	OpMigrate  Op = "migrate"
	OpQuery    Op = "query"
	OpRead     Op = "read"
	OpRebuild  Op = "rebuild"
	OpRenumber Op = "renumber"
	OpResolve  Op = "resolve"
	OpRestore  Op = "restore"
	OpWait     Op = "wait for"
)
