package session

// Config is what the statements of scripts run with: see core.Options for each.
type Config struct {
	NoForeignKeyCheck bool
	OnCascade         func(map[string]int64)
	Watcher           Watcher
}
