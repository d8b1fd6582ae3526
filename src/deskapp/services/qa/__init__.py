"""QA: who acts is asked first, each step in its turn, and no query tells what its reader may not know."""
