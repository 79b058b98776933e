// Package plan divides a script into the steps in which it must run, and refuses what
// must not run at all.
//
// The rule: a script is one transaction unless it makes that impossible, and then it has
// as few steps as possible. No statement runs here: all is known from the text.
package plan

import (
	"slices"
	"strings"

	"fastmigrate/core/fault"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/split"
)

// Step is a part of a script that runs as one.
type Step struct {
	Kind       stepKind
	Start, End int // bytes of the script
	Specials   []special
	Statements int
	Ends       uint64 // hash of the ends of its statements: see HashEnds
}

// special is a statement of a step that needs more than to be run.
type special struct {
	At int // where the statement before it ends
	split.Statement
}

// add makes a statement part of the step. The statement before it ends at the byte at.
func (u *Step) add(st split.Statement, at int) {
	if u.End == 0 {
		u.Start = at
	}
	u.End = st.End
	u.Ends = HashEnds(u.Ends, st.End)
	u.Statements++
	if st.Kind != split.Plain || st.Explain {
		u.Specials = append(u.Specials, special{at, st})
	}
}

// Statements is the number of statements of all steps.
func (s *Script) Statements() (n int) {
	for _, u := range s.Steps {
		n += u.Statements
	}
	return n
}

// Savepoints reports whether the step has a SAVEPOINT.
func (u *Step) Savepoints() bool {
	return slices.ContainsFunc(u.Specials, func(m special) bool { return m.Kind == split.Savepoint })
}

// HashEnds adds the end of a statement to a hash of ends, so that the plan can be
// compared with where SQLite sees the ends. The hash of none is 0.
func HashEnds(ends uint64, end int) uint64 { return (ends ^ uint64(end)) * 0x9E3779B97F4A7C15 }

// stepKind says how a step must run.
type stepKind uint8

const (
	Transaction stepKind = iota // statements in one transaction
	Setting                     // one statement, which only changes the connection
	Outside                     // one statement, which is its own transaction and may safely run twice
)

// settings are the PRAGMAs that change the connection, and that fail or do nothing in a
// transaction (https://sqlite.org/pragma.html).
var settings = map[string]bool{
	"foreign_keys": true, "synchronous": true, "page_size": true, "auto_vacuum": true,
	"encoding": true, "locking_mode": true, "temp_store": true,
}

// Stateless are the PRAGMAs that take a value and change nothing on the
// connection: they ask something, or change the database.
var Stateless = map[string]bool{
	"user_version": true, "application_id": true, "schema_version": true, "defer_foreign_keys": true, "journal_mode": true,
	"table_info": true, "table_xinfo": true, "table_list": true, "index_list": true, "index_info": true, "index_xinfo": true,
	"foreign_key_list": true, "foreign_key_check": true, "integrity_check": true, "quick_check": true, "optimize": true,
	"incremental_vacuum": true, "wal_checkpoint": true, "default_cache_size": true, "shrink_memory": true,
	"collation_list": true, "compile_options": true, "data_version": true, "database_list": true, "freelist_count": true,
	"function_list": true, "module_list": true, "page_count": true, "pragma_list": true,
}

// Shared are the PRAGMAs that a script in one transaction with others may not set: they
// change the whole process, and cannot be set back.
var Shared = map[string]bool{"hard_heap_limit": true, "temp_store_directory": true, "data_store_directory": true}

// Parse plans how to run the text of the script with that name. If cut is not 0, a step
// ends at the byte cut in any case: a run that stopped there continues there. The error
// is a [fault.Error] that says where the script is refused and why.
func Parse(name string, text []byte, cut int) (*Script, error) {
	s := &Script{Name: name, Text: text, Says: directive.Read("sql", text)}
	if err := s.readable(); err != nil {
		return nil, err
	}
	p := planner{s: s, begun: -1, cut: cut}
	sc := split.New(text, Guarded...)
	for at := 0; ; {
		st, ok := sc.Next()
		if !ok {
			break
		}
		if st.Ordinary() && p.open && p.between == nil && p.cut == 0 {
			s.Steps[len(s.Steps)-1].add(st, at) // as nearly all are
		} else if err := p.take(st, at); err != nil {
			return nil, err
		}
		s.cut(st, at)
		at = st.End
	}
	p.flush()
	if err := p.unended(); err != nil {
		return nil, err
	}
	return s, nil
}

// planner divides a script into steps, statement by statement.
type planner struct {
	s            *Script
	begun        int    // where the script's own open transaction begins; -1 if none is open
	transactions int    // that the script begins itself
	open         bool   // the last step is a transaction that continues
	between      []Step // settings since then
	savepoints   []split.Statement
	cut          int // see Parse; 0 once a step ends there
}

// take makes a statement part of the last step or of a new one. The statement before it
// ends at the byte at.
func (p *planner) take(st split.Statement, at int) error {
	if err := p.s.refuse(st, p.begun); err != nil {
		return p.s.plainer(st, err)
	}
	kind := Transaction
	if p.begun < 0 {
		kind = p.s.kind(st)
	}
	p.note(st)
	u := Step{Kind: kind}
	u.add(st, at)
	if p.cut > 0 && at >= p.cut {
		p.flush()
		p.cut = 0
	}
	switch {
	case kind == Setting && p.open:
		p.between = append(p.between, u)
	case kind != Transaction:
		p.flush(u)
	case p.open && p.s.joins(p.between, st, p.transactions):
		last := &p.s.Steps[len(p.s.Steps)-1]
		for _, b := range p.between {
			last.add(b.Specials[0].Statement, b.Specials[0].At)
		}
		last.add(st, at)
		p.between = nil
	default:
		p.flush(u)
		p.open = true
	}
	return nil
}

// note keeps the transactions and savepoints that are open, and what the script does.
func (p *planner) note(st split.Statement) {
	switch st.Kind {
	case split.Begin:
		p.transactions++
		p.begun = st.Start
	case split.Commit:
		p.begun, p.savepoints = -1, nil
	case split.Savepoint:
		p.savepoints = append(p.savepoints, st)
	case split.Release:
		for i := len(p.savepoints) - 1; i >= 0; i-- {
			if strings.EqualFold(p.savepoints[i].Name, st.Name) {
				p.savepoints = p.savepoints[:i]
				break
			}
		}
	case split.Attach:
		p.s.Attaches = true
	case split.Pragma:
		p.s.Pragmas = true
		p.s.WritesSchema = p.s.WritesSchema || st.Name == "writable_schema"
	}
}

// flush ends the last step, and adds the settings after it and other steps.
func (p *planner) flush(more ...Step) {
	p.s.Steps = append(append(p.s.Steps, p.between...), more...)
	p.between, p.open = nil, false
}

// unended reports a transaction or a savepoint that is still open at the end.
func (p *planner) unended() error {
	if p.begun >= 0 {
		return p.s.At(p.begun, &fault.Reason{Key: fault.BeginAlone, Err: fault.Of(fault.ErrRefused, "the transaction that begins here has no COMMIT")})
	}
	if len(p.savepoints) > 0 {
		return p.s.At(p.savepoints[0].Start, fault.Of(fault.ErrRefused, "the savepoint %s that begins here is never released", p.savepoints[0].Name))
	}
	return nil
}

// kind is how a statement outside the script's own transactions must run.
func (s *Script) kind(st split.Statement) stepKind {
	switch {
	case st.Kind == split.Vacuum:
		s.stepwise(st.Start, "VACUUM cannot be in a transaction", true)
		return Outside
	case st.Kind == split.Attach:
		s.stepwise(st.Start, firstWord(s.Text[st.Start:st.End])+" cannot be in a transaction", true)
		return Setting
	case st.Kind == split.Pragma && (st.Name == "journal_mode" && st.Value != "" || st.Name == "wal_checkpoint"):
		s.stepwise(st.Start, "PRAGMA "+st.Name+" cannot be in a transaction", true)
		return Outside
	case st.Kind == split.Pragma && settings[st.Name] && st.Value != "":
		return Setting
	}
	return Transaction
}

// joins reports whether a statement continues the transaction before it, with these
// settings in between. Only foreign_keys may be one of them, since it can be set in a
// transaction too.
func (s *Script) joins(between []Step, st split.Statement, transactions int) bool {
	for _, u := range between {
		switch m := u.Specials[0]; {
		case m.Kind == split.Attach:
			return false
		case m.Name != "foreign_keys":
			s.stepwise(m.Start, "PRAGMA "+m.Name+" between statements cannot be in their transaction", false)
			return false
		}
	}
	if st.Kind == split.Begin && transactions > 1 {
		s.stepwise(st.Start, "a second transaction begins", true)
		return false
	}
	return true
}

// stepwise notes why the script is not one transaction, the first reason alone; firm
// says that a transaction with other migrations cannot do without the statement either.
func (s *Script) stepwise(at int, why string, firm bool) {
	if s.Why == "" {
		s.StepsAt, s.Why = at, why
	}
	if s.cause == "" && firm {
		s.never, s.cause = at, why
	}
}
