"""Which writing of a rate budget a row is, so that many can be written at once, each only as it was read.

A process of before goes on while it still runs: it writes a row without its version, and finds what was written since
it looked by the row's state, as ever. But who goes by the version does not see such a writing if it falls between their
look and their write, a millisecond or two, and what it entered is forgotten: one lease, or a pause.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not zero: a process that saw no row would take one that was just made by a process of before for none.
    op.add_column("rate_budgets", sa.Column("version", sa.BigInteger, nullable=False, server_default="1"))


def downgrade() -> None:
    with op.batch_alter_table("rate_budgets") as batch:
        batch.drop_column("version")
