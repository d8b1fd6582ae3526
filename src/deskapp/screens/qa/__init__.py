"""QA's screens: one's place, and scoring."""
