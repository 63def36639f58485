"""In whose calendar an intent is carried out: a private account may become another Cal.com user's."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("intents", sa.Column("base_url", sa.Text))
    op.add_column("intents", sa.Column("host_id", sa.BigInteger))
    for column in ("base_url", "host_id"):  # as far as anybody knows
        op.execute(
            f"UPDATE intents SET {column} = "  # noqa: S608 - one of two words
            f"(SELECT accounts.{column} FROM accounts WHERE accounts.id = intents.account_id)"
        )
    with op.batch_alter_table("intents") as batch:
        batch.alter_column("base_url", nullable=False)
        batch.alter_column("host_id", nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("intents") as batch:
        batch.drop_column("host_id")
        batch.drop_column("base_url")
