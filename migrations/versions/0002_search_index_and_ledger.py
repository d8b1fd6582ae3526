"""The search index, whose form differs between the databases, and the ledger's one row."""

from alembic import op

revision = "0002"
down_revision = "0001"

# Tables whose number of rows this revision changes on purpose; in all others it must stay the same.
changes_rows: frozenset[str] = frozenset({"ledger"})

SEARCH = {
    "sqlite": (
        "CREATE TABLE search_entry (id INTEGER PRIMARY KEY, kind VARCHAR(16) NOT NULL, object_id CHAR(32) NOT NULL)",
        "CREATE UNIQUE INDEX uq_search_entry_object ON search_entry (object_id, kind)",
        "CREATE VIRTUAL TABLE search_gram USING fts5(grams, tokenize = 'unicode61 remove_diacritics 0')",
    ),
    "postgresql": (
        "CREATE TABLE search_entry (kind VARCHAR(16) NOT NULL, object_id UUID NOT NULL, grams TEXT[] NOT NULL,"
        " CONSTRAINT pk_search_entry PRIMARY KEY (object_id, kind))",
        "CREATE INDEX ix_search_entry_grams ON search_entry USING gin (grams)",
    ),
}


def upgrade() -> None:
    for statement in SEARCH[op.get_bind().dialect.name]:
        op.execute(statement)
    op.execute("INSERT INTO ledger (id, seq, head) VALUES (1, 0, '')")
