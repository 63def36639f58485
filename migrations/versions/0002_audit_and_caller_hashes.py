"""An audit log that only grows; callers who can be found by keyed hashes, and erased."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
REFUSE_ON_SQLITE = "BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END"
TRIGGERS_ON_SQLITE = {
    "audit_entries_no_update": "BEFORE UPDATE ON audit_entries",
    "audit_entries_no_delete": "BEFORE DELETE ON audit_entries",
    # INSERT OR REPLACE takes the place of a row without asking the trigger that guards deletion.
    "audit_entries_no_replace": (
        "BEFORE INSERT ON audit_entries WHEN EXISTS (SELECT 1 FROM audit_entries WHERE id = NEW.id)"
    ),
}
FUNCTION_ON_POSTGRESQL = """
    CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'audit entries are append-only' USING ERRCODE = 'insufficient_privilege';
    END $$
"""
TRIGGER_ON_POSTGRESQL = """
    CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
"""


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_kind", sa.Text, nullable=False),
        sa.Column("actor_name", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name="fk_audit_entries_organization_id"),
    )
    op.create_index("ix_audit_entries_organization_id_at", "audit_entries", ["organization_id", "at"])
    if _is_sqlite():
        for name, condition in TRIGGERS_ON_SQLITE.items():
            op.execute(f"CREATE TRIGGER {name} {condition} {REFUSE_ON_SQLITE}")
    else:
        op.execute(FUNCTION_ON_POSTGRESQL)
        op.execute(TRIGGER_ON_POSTGRESQL)
    # Records of before get their hashes from ``calbridge secrets rotate``: a migration has no keys.
    with op.batch_alter_table("bookings") as batch:
        batch.alter_column("sealed_caller", existing_type=sa.LargeBinary(), nullable=True)
        batch.add_column(sa.Column("phone_hash", sa.LargeBinary))
        batch.add_column(sa.Column("email_hash", sa.LargeBinary))
    op.create_index("ix_bookings_phone_hash", "bookings", ["phone_hash"])
    op.create_index("ix_bookings_email_hash", "bookings", ["email_hash"])
    op.create_index(
        "ix_bookings_ends_at",
        "bookings",
        ["ends_at"],
        sqlite_where=sa.text("sealed_caller IS NOT NULL"),
        postgresql_where=sa.text("sealed_caller IS NOT NULL"),
    )


def downgrade() -> None:
    for column in ("ends_at", "email_hash", "phone_hash"):
        op.drop_index(f"ix_bookings_{column}", "bookings")
    # The version before knows no record without a caller, and does well without the record.
    op.execute("DELETE FROM bookings WHERE sealed_caller IS NULL")
    with op.batch_alter_table("bookings") as batch:
        batch.drop_column("email_hash")
        batch.drop_column("phone_hash")
        batch.alter_column("sealed_caller", existing_type=sa.LargeBinary(), nullable=False)
    op.drop_table("audit_entries")
    if not _is_sqlite():
        op.execute("DROP FUNCTION refuse_audit_change()")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
