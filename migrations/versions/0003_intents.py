"""Intents: what callers want to happen once. Records also of bookings that others made, and one for each seat."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "intents",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("agent_id", sa.Uuid, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary),
        sa.Column("caller", sa.LargeBinary, nullable=False),
        sa.Column("payload", sa.LargeBinary),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("claim", sa.Text),
        sa.Column("event_type_id", sa.BigInteger),
        sa.Column("starts_at", INSTANT),
        sa.Column("uid", sa.Text),
        sa.Column("seat_uid", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("sealed_wish", sa.LargeBinary),
        sa.Column("phone_hash", sa.LargeBinary),
        sa.Column("email_hash", sa.LargeBinary),
        sa.Column("history", sa.Text, nullable=False),
        sa.Column("looks", sa.Integer, nullable=False),
        sa.Column("looked_at", INSTANT),
        sa.Column("attempted_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("settled_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intents"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_intents_organization_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_intents_account_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_intents_agent_id"),
        sa.UniqueConstraint("key", "caller", name="uq_intents_key_caller"),
        sa.UniqueConstraint("account_id", "claim", name="uq_intents_account_id_claim"),
    )
    for column in ("phone_hash", "email_hash"):
        op.create_index(f"ix_intents_{column}", "intents", [column])
    op.create_index("ix_intents_organization_id_created_at", "intents", ["organization_id", "created_at"])
    open_only = sa.text("due_at IS NOT NULL")
    op.create_index("ix_intents_due_at", "intents", ["due_at"], sqlite_where=open_only, postgresql_where=open_only)
    with op.batch_alter_table("bookings") as batch:
        batch.alter_column("agent_id", existing_type=sa.Uuid(), nullable=True)
        batch.add_column(sa.Column("intent_id", sa.Uuid))
        batch.add_column(sa.Column("seat_uid", sa.Text, nullable=False, server_default=""))
        batch.drop_constraint("uq_bookings_account_id_uid", type_="unique")
        batch.create_unique_constraint("uq_bookings_account_id_uid_seat_uid", ["account_id", "uid", "seat_uid"])
    with op.batch_alter_table("bookings") as batch:
        batch.alter_column("seat_uid", existing_type=sa.Text(), nullable=False, server_default=None)


def downgrade() -> None:
    # The version before knows neither seats nor bookings of others, and does well without their records.
    op.execute("DELETE FROM bookings WHERE agent_id IS NULL OR seat_uid != ''")
    with op.batch_alter_table("bookings") as batch:
        batch.drop_constraint("uq_bookings_account_id_uid_seat_uid", type_="unique")
        batch.create_unique_constraint("uq_bookings_account_id_uid", ["account_id", "uid"])
        batch.drop_column("seat_uid")
        batch.drop_column("intent_id")
        batch.alter_column("agent_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_table("intents")
