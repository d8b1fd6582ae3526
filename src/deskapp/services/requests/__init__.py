"""What can be asked of the desk: frozen commands and queries, standard library only."""
