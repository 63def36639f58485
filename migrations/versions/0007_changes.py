"""Changes, told to every process, so that none goes on with what it remembers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("mark", sa.BigInteger, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
    )
    for column in ("mark", "at"):
        op.create_index(f"ix_changes_{column}", "changes", [column])


def downgrade() -> None:
    op.drop_table("changes")
