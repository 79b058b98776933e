// Foreign keys while the statements of a script run, and when they are checked.

package session

import (
	"errors"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/enforce"
)

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
	if x.Unchecked() || x.KeysAtEnd {
		return nil
	}
	return check()
}

// Unchecked reports whether the script may add violations of foreign keys.
func (x *Session) Unchecked() bool {
	return x.Opts.NoForeignKeyCheck || x.Script != nil && x.Script.Says.Unchecked
}

// CheckAtEnd checks foreign keys if KeysAtEnd has them checked at the end of the
// transaction; else it does nothing.
func (x *Session) CheckAtEnd() error {
	check := x.Foreign.Check
	switch {
	case !x.KeysAtEnd || x.Opts.NoForeignKeyCheck:
		return nil
	case x.SchemaEdit.writable:
		check = x.Foreign.CheckAll
	}
	err := check()
	if err == nil {
		err = x.Diagnose(enforce.ForgetViolations(x.Conn))
	}
	if e := (*fault.Error)(nil); err != nil && !errors.As(err, &e) {
		return fault.New("", x.Diagnose(err))
	}
	return err
}
