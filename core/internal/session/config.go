package session

// Config is what the statements of scripts are run with: see [Options].
type Config struct {
	NoForeignKeyCheck bool
	OnCascade         func(map[string]int64)
	Watcher           Watcher
}
