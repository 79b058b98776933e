// Files of one transaction that may add violations of foreign keys, among others that
// may not. The invariant: what a file has added, or not mended, counts for or against
// that file alone.

package session

import "fastmigrate/core/internal/foreign"

// Excuse has do add violations: at the end, they are as if they had been there before
// the transaction. What there must not be before do must not be after it.
func (f *ForeignKeys) Excuse(do func() error) error {
	if err := f.renewBaseline(true); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return f.renewBaseline(false)
}

// renewBaseline compares from now on with the violations that there are now. Those that were
// added since it was last done are charged, or are not.
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
