package tools

import (
	"slices"
	"strings"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/sqlite"
)

// former is a table that a tool keeps in a database: a migration tool its versions or other
// data, which stay there after it is no longer used.
type former struct {
	tool, table string
	columns     string // in lower case
	common      bool   // an application may have chosen the name: then it has no other columns
}

// formers are the known tables, those with versions before others of the tool. Later
// versions of a tool add columns. The first entry that fits is taken: Rails has the table
// of dbmate too.
var formers = []former{
	{"goose", "goose_db_version", "version_id is_applied", false},
	{"Rails", "ar_internal_metadata", "key value created_at updated_at", false},
	{"golang-migrate", "schema_migrations", "version dirty", true},
	{"Ecto", "schema_migrations", "version inserted_at", true},
	{"Sequel", "schema_migrations", "filename", true},
	{"dbmate", "schema_migrations", "version", true},
	{"Sequel", "schema_info", "version", true},
	{"alembic", "alembic_version", "version_num", false},
	{"Django", "django_migrations", "id app name applied", false},
	{"Prisma", "_prisma_migrations", "id checksum finished_at migration_name", false},
	{"Drizzle", "__drizzle_migrations", "hash created_at", false},
	{"Knex", "knex_migrations", "id name batch migration_time", false},
	{"Knex", "knex_migrations_lock", "is_locked", false},
	{"Kysely", "kysely_migration", "name timestamp", false},
	{"Kysely", "kysely_migration_lock", "id is_locked", false},
	{"Sequelize", "SequelizeMeta", "name", false},
	{"sqlx", "_sqlx_migrations", "version description installed_on success checksum", false},
	{"Diesel", "__diesel_schema_migrations", "version run_on", false},
	{"refinery", "refinery_schema_history", "version name applied_on checksum", false},
	{"SeaORM", "seaql_migrations", "version applied_at", false},
	{"Flyway", "flyway_schema_history", "installed_rank version description type script checksum", false},
	{"Flyway", "schema_version", "installed_rank version description type script checksum installed_by installed_on execution_time success", true}, // 4
	{"Flyway", "schema_version", "version_rank installed_rank version description type script checksum installed_by installed_on execution_time success", true},
	{"Liquibase", "DATABASECHANGELOG", "id author filename dateexecuted md5sum", false},
	{"Liquibase", "DATABASECHANGELOGLOCK", "id locked lockgranted lockedby", false},
	{"Entity Framework", "__EFMigrationsHistory", "migrationid productversion", false},
	{"Entity Framework", "__EFMigrationsLock", "id timestamp", false},
	{"FluentMigrator", "VersionInfo", "version appliedon description", true},
	{"FluentMigrator", "VersionInfo", "version appliedon", true}, // 1.1
	{"DbUp", "SchemaVersions", "schemaversionid scriptname applied", true},
	{"Evolve", "changelog", "id type version description name checksum installed_by installed_on success", true},
	{"Atlas", "atlas_schema_revisions", "version description applied total executed_at", false},
	{"Bun", "bun_migrations", "id name group_id migrated_at", false},
	{"Bun", "bun_migration_locks", "id table_name", false},
	{"pop", "schema_migration", "version version_self", true},
	{"pop", "schema_migration", "version", true},
	{"sql-migrate", "gorp_migrations", "id applied_at", false},
	{"GRDB", "grdb_migrations", "identifier", false},
	{"Doctrine", "doctrine_migration_versions", "version executed_at", false},
	{"Phinx", "phinxlog", "version start_time end_time", false},
	{"yoyo", "_yoyo_migration", "migration_hash migration_id applied_at_utc", false},
	{"yoyo", "_yoyo_migration", "id ctime", false}, // 5
	{"yoyo", "_yoyo_log", "id migration_hash migration_id operation", false},
	{"yoyo", "_yoyo_version", "version installed_at_utc", false},
	{"yoyo", "yoyo_lock", "locked ctime pid", false},
	{"peewee", "migratehistory", "id name migrated_at", false},
	{"Aerich", "aerich", "id version app content", true},
	{"Wrangler", "d1_migrations", "id name applied_at", false},
	{"sqlite-migrate", "_sqlite_migrations", "migration_set name applied_at", false},
	{"MikroORM", "mikro_orm_migrations", "id name executed_at", false},
	{"Postgrator", "schemaversion", "version name md5 run_at", true},
	{"Laravel", "migrations", "id migration batch", true},
	{"TypeORM", "migrations", "id timestamp name", true},
	{"TypeORM", "typeorm_metadata", "type database schema table name value", true},
	{"db-migrate", "migrations", "id name run_on", true},
	{"node-sqlite", "migrations", "id name up down", true},
}

// replicators are the tables that a program keeps in the databases it replicates. It makes
// them again if they are gone.
var replicators = []former{
	{"Litestream", "_litestream_seq", "id seq", false},
	{"Litestream", "_litestream_lock", "id", false},
}

// Former finds the tool that migrated a database, and its table; "" if no known table is
// there.
func Former(c *sqlite.Conn) (tool, table string, err error) {
	for _, f := range formers {
		if tool, err := FormerTable(c, f.table); tool == f.tool || err != nil {
			return tool, f.table, err
		}
	}
	return "", "", nil
}

// FormerTable returns the tool that made a table, by its name and its columns; "" if none
// is known.
func FormerTable(c *sqlite.Conn, table string) (tool string, err error) {
	return keeper(c, formers, table)
}

// ReplicatorTable returns the program that keeps a table in a database to replicate it,
// as Litestream does, by its name and its columns; "" if none is known.
func ReplicatorTable(c *sqlite.Conn, table string) (program string, err error) {
	return keeper(c, replicators, table)
}

// keeper returns the tool of the first of the known tables that fits a table of the
// database.
func keeper(c *sqlite.Conn, known []former, table string) (tool string, err error) {
	named := func(f former) bool { return strings.EqualFold(f.table, table) }
	if !slices.ContainsFunc(known, named) {
		return "", nil
	}
	all, err := catalog.Columns(c, table)
	var columns []string
	for _, name := range catalog.Ordinary(all) {
		columns = append(columns, strings.ToLower(name))
	}
	for _, f := range known {
		if err == nil && named(f) && f.fits(columns) {
			return f.tool, nil
		}
	}
	return "", err
}

func (f former) fits(columns []string) bool {
	want := strings.Fields(f.columns)
	return (!f.common || len(want) == len(columns)) && !slices.ContainsFunc(want, func(c string) bool { return !slices.Contains(columns, c) })
}
