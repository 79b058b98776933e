package core

import "fastmigrate/core/fault"

// What a caller can act on, for errors.Is. Beside these, the errors of package
// fs mean what they say: fs.ErrNotExist, fs.ErrExist, fs.ErrPermission. Package
// [fastmigrate/core/fault] has more of them.
var (
	ErrUnversioned = fault.ErrUnversioned // a database without the table _meta: it is never migrated
	ErrVersioned   = fault.ErrVersioned   // a database that has a version where one without is needed
	ErrMeta        = fault.ErrMeta        // the table _meta does not hold one version
	ErrBusy        = fault.ErrBusy        // locked for longer than Options.LockTimeout
	ErrNotDatabase = fault.ErrNotDatabase // something else than an SQLite database
	ErrCorrupt     = fault.ErrCorrupt     // a damaged database
	ErrReadOnly    = fault.ErrReadOnly    // the file system does not permit writing
	ErrRefused     = fault.ErrRefused     // what was not begun because it could not be safe
	ErrInterrupted = fault.ErrInterrupted // an earlier run ended in the middle: see Resolve
	ErrForeignKey  = fault.ErrForeignKey  // a migration adds rows that violate a foreign key
)
