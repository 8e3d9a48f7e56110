"""Settings, database, registry: the ground the other packages stand on."""
