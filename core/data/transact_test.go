package data_test

import (
	"errors"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/data"
	"fastmigrate/core/fault"
	"fastmigrate/core/runner"
)

// TestTransactAllOrNothing commits what succeeds, and nothing of what does not.
func TestTransactAllOrNothing(t *testing.T) {
	path := newDB(t)
	if _, err := data.Execute(t.Context(), path, "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INTEGER REFERENCES p)", nil, core.Options{}); err != nil {
		t.Fatal(err)
	}
	wrong := errors.New("wrong")
	for _, test := range []struct {
		sql  string
		err  error // of do
		want error
		rows int64
	}{
		{"INSERT INTO p VALUES (1)", nil, nil, 1},
		{"INSERT INTO p VALUES (2)", wrong, wrong, 1},
		{"INSERT INTO c VALUES (3)", nil, fault.ErrForeignKey, 1},
		{"INSERT INTO c VALUES (1)", nil, nil, 2},
		{"UPDATE _meta SET version = 7", nil, fault.ErrRefused, 2},
		{"COMMIT", nil, fault.ErrRefused, 2},
	} {
		err := data.Transact(t.Context(), path, func(tx *runner.Tx) error {
			if _, err := tx.Exec(test.sql); err != nil {
				return err
			}
			return test.err
		}, core.Options{})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.sql, err, test.want)
		}
		r, err := data.Query(t.Context(), path, "SELECT (SELECT count(*) FROM p) + (SELECT count(*) FROM c)", nil, 0, core.Options{})
		if err != nil || r.Values[0][0] != test.rows {
			t.Errorf("%s: %v rows, %v; want %d", test.sql, r.Values, err, test.rows)
		}
	}
}
