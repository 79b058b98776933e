// The tables that another migration tool keeps its versions in. They stay in a
// database that it migrated before, and are nothing that our migrations make: no
// drift, and no part of what is enrolled.

package core

import (
	"slices"
	"strings"

	"fastmigrate/core/internal/sqlite"
)

// former are such tables, by name, with their columns. A table with more columns is one
// too, as later versions of a tool add some, but under a name that an application
// may have chosen; then it has to have these and no others.
var former = map[string]struct {
	any    bool     // an application may have chosen the name
	shapes []string // of the versions, and the tools, that have the name
}{
	"__drizzle_migrations":        {shapes: []string{"hash created_at"}},
	"__diesel_schema_migrations":  {shapes: []string{"version run_on"}},
	"__efmigrationshistory":       {shapes: []string{"migrationid productversion"}},
	"__efmigrationslock":          {shapes: []string{"id timestamp"}},
	"_prisma_migrations":          {shapes: []string{"id checksum finished_at migration_name"}},
	"_sqlite_migrations":          {shapes: []string{"migration_set name applied_at"}}, // sqlite-migrate
	"_sqlx_migrations":            {shapes: []string{"version description installed_on success checksum"}},
	"_yoyo_log":                   {shapes: []string{"id migration_hash migration_id operation"}},
	"_yoyo_migration":             {shapes: []string{"migration_hash migration_id applied_at_utc"}},
	"_yoyo_version":               {shapes: []string{"version installed_at_utc"}},
	"yoyo_lock":                   {shapes: []string{"locked ctime pid"}},
	"aerich":                      {any: true, shapes: []string{"id version app content"}},
	"alembic_version":             {shapes: []string{"version_num"}},
	"ar_internal_metadata":        {shapes: []string{"key value created_at updated_at"}}, // Rails
	"atlas_schema_revisions":      {shapes: []string{"version description applied total executed_at"}},
	"bun_migrations":              {shapes: []string{"id name group_id migrated_at"}},
	"bun_migration_locks":         {shapes: []string{"id table_name"}},
	"d1_migrations":               {shapes: []string{"id name applied_at"}},
	"databasechangelog":           {shapes: []string{"id author filename dateexecuted md5sum"}}, // Liquibase
	"databasechangeloglock":       {shapes: []string{"id locked lockgranted lockedby"}},
	"django_migrations":           {shapes: []string{"id app name applied"}},
	"doctrine_migration_versions": {shapes: []string{"version executed_at"}},
	"flyway_schema_history":       {shapes: []string{"installed_rank version description type script checksum"}},
	"goose_db_version":            {shapes: []string{"version_id is_applied"}},
	"gorp_migrations":             {shapes: []string{"id applied_at"}}, // sql-migrate
	"grdb_migrations":             {shapes: []string{"identifier"}},
	"knex_migrations":             {shapes: []string{"id name batch migration_time"}},
	"knex_migrations_lock":        {shapes: []string{"is_locked"}},
	"kysely_migration":            {shapes: []string{"name timestamp"}},
	"kysely_migration_lock":       {shapes: []string{"id is_locked"}},
	"migratehistory":              {shapes: []string{"id name migrated_at"}}, // peewee_migrate
	"migrations": {any: true, shapes: []string{
		"id timestamp name", "id migration batch", "id name run_on", "id name up down"}}, // TypeORM, Laravel, db-migrate, node-sqlite
	"mikro_orm_migrations":    {shapes: []string{"id name executed_at"}},
	"phinxlog":                {shapes: []string{"version start_time end_time"}},
	"refinery_schema_history": {shapes: []string{"version name applied_on checksum"}},
	"schema_info":             {any: true, shapes: []string{"version"}},                                                     // Sequel
	"schema_migrations":       {any: true, shapes: []string{"version", "version dirty", "version inserted_at", "filename"}}, // dbmate and Rails, golang-migrate, Ecto, Sequel
	"seaql_migrations":        {shapes: []string{"version applied_at"}},
	"sequelizemeta":           {shapes: []string{"name"}},
	"typeorm_metadata":        {any: true, shapes: []string{"type database schema table name value"}},
}

// isFormer reports whether a table is such a one.
func isFormer(name string, columns []string) bool {
	f, known := former[strings.ToLower(name)]
	return known && slices.ContainsFunc(f.shapes, func(shape string) bool {
		want := strings.Fields(shape)
		return (!f.any || len(want) == len(columns)) && !slices.ContainsFunc(want, func(c string) bool { return !slices.Contains(columns, c) })
	})
}

// subject is the part of the schema that migrations are to make: not the tables of a
// tool before, nor those that are to be ignored, and what is about them.
func (d *database) subject(c *sqlite.Conn) ([]Object, error) {
	list, err := objects(c)
	if err != nil {
		return nil, err
	}
	apart := map[string]bool{guarded[0]: true, guarded[1]: true} // which no migration may make
	for _, o := range list {
		if o.Type != "table" {
			continue
		}
		ignored := slices.ContainsFunc(d.o.IgnoreTables, func(name string) bool { return strings.EqualFold(name, o.Name) })
		if _, known := former[strings.ToLower(o.Name)]; known && !ignored {
			t, err := findOwn(c, o.Name)
			if err != nil {
				return nil, err
			}
			ignored = isFormer(o.Name, t.columns)
		}
		if ignored {
			apart[strings.ToLower(o.Name)] = true
		}
	}
	return slices.DeleteFunc(list, func(o Object) bool { return apart[strings.ToLower(o.Table)] }), nil
}
