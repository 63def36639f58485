"""Indexes for those who look after intents: what is not settled, and what of callers is still held after it was."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    unsettled = sa.text("state IN ('sending', 'unknown', 'needs_human')")
    op.create_index("ix_intents_state", "intents", ["state"], sqlite_where=unsettled, postgresql_where=unsettled)
    held = sa.text("sealed_wish IS NOT NULL")
    op.create_index("ix_intents_settled_at", "intents", ["settled_at"], sqlite_where=held, postgresql_where=held)


def downgrade() -> None:
    op.drop_index("ix_intents_settled_at", "intents")
    op.drop_index("ix_intents_state", "intents")
