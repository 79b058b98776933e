package core

// scriptConfig is what the statements of scripts are run with: see [Options].
type scriptConfig struct {
	NoForeignKeyCheck bool
	OnCascade         func(map[string]int64)
	Watcher           Watcher
}
