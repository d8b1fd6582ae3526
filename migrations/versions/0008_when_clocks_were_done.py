"""An index for the promises that ended today."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

# Tables whose number of rows this revision changes on purpose; in all others it must stay the same.
changes_rows: frozenset[str] = frozenset()


def upgrade() -> None:
    op.create_index("ix_clock_done_at", "clock", ["done_at"])
