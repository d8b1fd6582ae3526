"""${message}."""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}

# Tables whose number of rows this revision changes on purpose; in all others it must stay the same.
changes_rows: frozenset[str] = frozenset()


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
