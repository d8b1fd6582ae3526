"""Pure rules: standard library only, no database, no screen, no clock of its own."""
