"""Rate budgets: how much of Cal.com's rate limit each key has used, for all processes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rate_budgets",
        sa.Column("id", sa.LargeBinary, nullable=False),
        sa.Column("leases", sa.Text, nullable=False),
        sa.Column("told_limit", sa.Integer),
        sa.Column("paused_until", INSTANT),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rate_budgets"),
    )
    op.create_index("ix_rate_budgets_seen_at", "rate_budgets", ["seen_at"])


def downgrade() -> None:
    op.drop_table("rate_budgets")
