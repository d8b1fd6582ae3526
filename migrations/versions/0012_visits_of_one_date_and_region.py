"""Windows for visits that hold on one date alone; facts of the desk as a whole: its region."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

# Tables whose number of rows this revision changes on purpose; in all others it must stay the same.
changes_rows: frozenset[str] = frozenset()


def upgrade() -> None:
    op.add_column("visit_slot", sa.Column("day", sa.Date(), nullable=True))
    op.create_table(
        "desk_fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_fact")),
        sa.UniqueConstraint("name", name=op.f("uq_desk_fact_name")),
    )
