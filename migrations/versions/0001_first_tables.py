"""First tables: organizations, agents, accounts, bookings, API keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("require_key", sa.Boolean, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organizations"),
    )
    op.create_table(
        "agents",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("linked_account_id", sa.Uuid),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("deleted_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_agents_organization_id"),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("agent_id", sa.Uuid),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("sealed_key", sa.LargeBinary),
        sa.Column("base_url", sa.Text, nullable=False),
        sa.Column("bookings_version", sa.Text, nullable=False),
        sa.Column("host_id", sa.BigInteger, nullable=False),
        sa.Column("host_username", sa.Text, nullable=False),
        sa.Column("host_name", sa.Text, nullable=False),
        sa.Column("host_email", sa.Text, nullable=False),
        sa.Column("host_timezone", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("calcom_username", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("can_check_availability", sa.Boolean, nullable=False),
        sa.Column("can_book", sa.Boolean, nullable=False),
        sa.Column("default_event_type_id", sa.BigInteger),
        sa.Column("default_event_type_slug", sa.Text),
        sa.Column("connected_at", INSTANT, nullable=False),
        sa.Column("key_set_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_accounts_organization_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_accounts_agent_id"),
    )
    # Agents and accounts point at each other: one of the two constraints has to come later.
    with op.batch_alter_table("agents") as batch:
        batch.create_foreign_key("fk_agents_linked_account_id", "accounts", ["linked_account_id"], ["id"])
    op.create_index("ix_agents_linked_account_id", "agents", ["linked_account_id"])
    op.create_index("ix_agents_organization_id_created_at", "agents", ["organization_id", "created_at"])
    op.create_index(
        "uq_accounts_organization_id_base_url_host_id",
        "accounts",
        ["organization_id", "base_url", "host_id"],
        unique=True,
        sqlite_where=sa.text("agent_id IS NULL"),
        postgresql_where=sa.text("agent_id IS NULL"),
    )
    op.create_index(
        "uq_accounts_agent_id",
        "accounts",
        ["agent_id"],
        unique=True,
        sqlite_where=sa.text("agent_id IS NOT NULL"),
        postgresql_where=sa.text("agent_id IS NOT NULL"),
    )
    op.create_table(
        "bookings",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("agent_id", sa.Uuid, nullable=False),
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("root_uid", sa.Text, nullable=False),
        sa.Column("event_type_id", sa.BigInteger),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("call_session_id", sa.Text, nullable=False),
        sa.Column("sealed_caller", sa.LargeBinary, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bookings"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_bookings_organization_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_bookings_account_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_bookings_agent_id"),
        sa.UniqueConstraint("account_id", "uid", name="uq_bookings_account_id_uid"),
    )
    op.create_index("ix_bookings_organization_id_uid", "bookings", ["organization_id", "uid"])
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_api_keys_organization_id"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )
    op.create_index("ix_api_keys_organization_id", "api_keys", ["organization_id"])


def downgrade() -> None:
    op.drop_table("api_keys")
    op.drop_table("bookings")
    with op.batch_alter_table("agents") as batch:
        batch.drop_constraint("fk_agents_linked_account_id", type_="foreignkey")
    op.drop_table("accounts")
    op.drop_table("agents")
    op.drop_table("organizations")
