"""Windows for visits that hold on one date alone."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

# Tables whose number of rows this revision changes on purpose; in all others it must stay the same.
changes_rows: frozenset[str] = frozenset()


def upgrade() -> None:
    op.add_column("visit_slot", sa.Column("day", sa.Date(), nullable=True))
