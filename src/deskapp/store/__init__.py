"""Engine, unit of work, queries, search, change feed, migrations, backup."""
