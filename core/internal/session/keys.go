// Foreign keys while the statements of a script run, and when they are checked.

package session

import "fastmigrate/core/internal/enforce"

// Enforce has SQLite enforce foreign keys in the open transaction, as an application
// would, until [enforce.Keys.Finish]. With Config.NoForeignKeyCheck it does nothing.
func (x *Session) Enforce() (err error) {
	if !x.Opts.NoForeignKeyCheck {
		x.Enforced, err = enforce.Begin(x.DB, x.Conn, x.Opts.OnCascade)
	}
	return err
}

// CheckKeys calls check, unless the script may add violations, or it is for
// [Session.CheckAtEnd].
func (x *Session) CheckKeys(check func() error) error {
	if x.Unchecked() || x.Foreign.AtEnd {
		return nil
	}
	return check()
}

// Unchecked reports whether the script may add violations of foreign keys.
func (x *Session) Unchecked() bool {
	return x.Opts.NoForeignKeyCheck || x.Script != nil && x.Script.Says.Unchecked
}
