"""What else was said in a call: which appointments the caller has, and which zone they named."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("offers") as offers:
        offers.add_column(sa.Column("own", sa.Text(), nullable=False, server_default="[]"))
        offers.add_column(sa.Column("zone", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("offers") as offers:
        offers.drop_column("zone")
        offers.drop_column("own")
