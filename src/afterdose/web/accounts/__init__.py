"""Who may sign in, in which team, as what."""
