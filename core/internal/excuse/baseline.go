// Files that may add violations of foreign keys, in one transaction with others that may
// not.

package excuse

import "fastmigrate/core/internal/foreign"

// Excuse lets do add violations: at the end, they count as if they had existed before the
// transaction. What the scripts before do added is still charged.
func (f *ForeignKeys) Excuse(do func() error) error {
	if err := f.renewBaseline(true); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return f.renewBaseline(false)
}

// renewBaseline makes the violations that exist now those that later ones are compared
// with. Charge says whether those added since the last call count as added.
func (f *ForeignKeys) renewBaseline(charge bool) error {
	now, err := foreign.ReadOrphans(f.Conn)
	if err != nil {
		return f.DB.Diagnose(err)
	}
	f.Known.Reset()
	for _, t := range now.Of {
		l, err := f.Search(t)
		if err != nil {
			return f.DB.Diagnose(err)
		}
		for _, o := range t.Orphans {
			o.Charged = charge
			if was := l.Take(o); was != nil {
				o.Charged = was.Charged
			}
		}
	}
	f.Known = now
	f.Lineage.Begin()
	return nil
}
