"""Use cases: what an agent, a lead, a rater does."""
