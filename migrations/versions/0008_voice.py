"""Secrets of voice platforms, and which tool call an intent is an attempt for."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voice_secrets",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("sealed_secrets", sa.LargeBinary, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_voice_secrets"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_voice_secrets_organization_id"),
        sa.UniqueConstraint("organization_id", "platform", name="uq_voice_secrets_organization_id_platform"),
    )
    op.add_column("intents", sa.Column("tool_call", sa.LargeBinary))
    op.create_index("ix_intents_tool_call", "intents", ["tool_call"])


def downgrade() -> None:
    op.drop_index("ix_intents_tool_call", "intents")
    with op.batch_alter_table("intents") as batch:
        batch.drop_column("tool_call")
    op.drop_table("voice_secrets")
