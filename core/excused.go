// Files of one transaction that may add violations of foreign keys, among others that
// may not. The invariant: what a file has added, or not mended, counts for or against
// that file alone.

package core

// excused has do add violations: at the end, they are as if they had been there before
// the transaction. What there must not be before do must not be after it.
func (f *foreignKeys) excused(do func() error) error {
	if err := f.renew(true); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return f.renew(false)
}

// renew compares from now on with the violations that there are now. Those that were
// added since it was last done are charged, or are not.
func (f *foreignKeys) renew(charge bool) error {
	now, err := known(f.conn)
	if err != nil {
		return f.x.diagnose(err)
	}
	f.known.reset()
	for _, t := range now.of {
		l, err := f.search(t)
		if err != nil {
			return f.x.diagnose(err)
		}
		for _, o := range t.orphans {
			o.charged = charge
			if was := l.take(o); was != nil {
				o.charged = was.charged
			}
		}
	}
	f.known = now
	f.tables.begin()
	return nil
}
