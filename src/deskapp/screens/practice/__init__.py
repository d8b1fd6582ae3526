"""Practice: which flow to rehearse, the rehearsal itself, who has practised."""
