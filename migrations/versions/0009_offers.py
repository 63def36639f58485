"""What was offered last in each call, so that "the second one" can be understood by any process."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "offers",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("starts", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
    )
    op.create_index("ix_offers_told_at", "offers", ["told_at"])


def downgrade() -> None:
    op.drop_table("offers")
