package adopt

import "fastmigrate/core/internal/sqlite"

// formers are the tables in which tools keep their versions, by a name and a column
// that only they have together. The first that fits is meant.
var formers = []struct{ table, column, tool string }{
	{"goose_db_version", "version_id", "goose"},
	{"schema_migrations", "dirty", "golang-migrate"},
	{"ar_internal_metadata", "key", "Rails"}, // beside schema_migrations
	{"schema_migrations", "inserted_at", "Ecto"},
	{"schema_migrations", "version", "dbmate"},
	{"alembic_version", "version_num", "alembic"},
	{"django_migrations", "app", "Django"},
	{"_prisma_migrations", "migration_name", "Prisma"},
	{"__drizzle_migrations", "hash", "Drizzle"},
	{"knex_migrations", "migration_time", "Knex"},
	{"kysely_migration", "timestamp", "Kysely"},
	{"SequelizeMeta", "name", "Sequelize"},
	{"_sqlx_migrations", "installed_on", "sqlx"},
	{"__diesel_schema_migrations", "run_on", "Diesel"},
	{"refinery_schema_history", "applied_on", "refinery"},
	{"seaql_migrations", "applied_at", "SeaORM"},
	{"flyway_schema_history", "installed_rank", "Flyway"},
	{"DATABASECHANGELOG", "ORDEREXECUTED", "Liquibase"},
	{"__EFMigrationsHistory", "MigrationId", "Entity Framework"},
	{"atlas_schema_revisions", "executed_at", "Atlas"},
	{"gorp_migrations", "applied_at", "sql-migrate"},
	{"doctrine_migration_versions", "executed_at", "Doctrine"},
	{"phinxlog", "migration_name", "Phinx"},
	{"_yoyo_migration", "migration_hash", "yoyo"},
	{"migratehistory", "migrated_at", "peewee"},
	{"d1_migrations", "applied_at", "Wrangler"},
	{"migrations", "batch", "Laravel"},
}

// Former finds the tool that has migrated a database, and its table; "" if there is
// no table that is known.
func Former(c *sqlite.Conn) (tool, table string, err error) {
	for _, f := range formers {
		n, err := c.Int("SELECT count(*) FROM pragma_table_info(?, 'main') WHERE name = ? COLLATE NOCASE", f.table, f.column)
		if err != nil {
			return "", "", err
		}
		if n > 0 {
			return f.tool, f.table, nil
		}
	}
	return "", "", nil
}
