"""authz: holders of things held together, attempts in an emergency, certificates by client, counts by what they count.

Revision: 0030, after 0028.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

_HELD_WITH = """
INSERT INTO authz.use_holder (use_id, holder_id, opened_at)
SELECT DISTINCT g.use_id, g.grantor_id, g.opened_at FROM authz.use_grant g JOIN authz.use_ u ON u.id = g.use_id
WHERE g.grantor_id <> u.holder_id"""
_NOTICED = """
UPDATE authz.duty_use d SET notice_id = n.id FROM authz.use_ u
JOIN authz.notice n ON n.holder_id = u.holder_id AND n.kind = 'duty-use' AND n.subject = u.id::text
WHERE u.id = d.use_id"""


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "use_holder",
        sa.Column("use_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["authz.holder.id"], name=op.f("fk_use_holder_holder_id")),
        sa.ForeignKeyConstraint(["use_id"], ["authz.use_.id"], name=op.f("fk_use_holder_use_id")),
        sa.PrimaryKeyConstraint("use_id", "holder_id", name=op.f("pk_use_holder")),
        schema="authz",
    )
    op.create_index(
        "ix_use_holder_holder_id_opened_at_use_id",
        "use_holder",
        ["holder_id", "opened_at", "use_id"],
        unique=False,
        schema="authz",
    )
    op.execute(_HELD_WITH)
    op.drop_index("ix_use_grant_grantor_id_opened_at_use_id", table_name="use_grant", schema="authz")
    op.create_index("ix_use_grant_grantor_id", "use_grant", ["grantor_id"], unique=False, schema="authz")
    op.drop_column("duty_use", "notice_id", schema="authz")
    op.add_column("refusal", sa.Column("emergency_id", sa.Uuid(as_uuid=False), nullable=True), schema="authz")
    op.create_index(
        "ix_refusal_emergency_id_at",
        "refusal",
        ["emergency_id", "at"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("emergency_id IS NOT NULL"),
    )
    op.drop_index("ix_client_certificate_client_id", table_name="client_certificate", schema="authz")
    op.drop_constraint("pk_client_certificate", "client_certificate", schema="authz", type_="primary")
    op.create_primary_key("pk_client_certificate", "client_certificate", ["client_id", "thumbprint"], schema="authz")
    op.create_index(
        "ix_access_request_type_code_standing",
        "access_request",
        ["type_code"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("state IN ('open', 'approved')"),
    )
    op.create_index("ix_party_usage_what_since", "party_usage", ["what", "since"], unique=False, schema="authz")
    op.alter_column("application", "contact", existing_type=sa.LargeBinary(), nullable=True, schema="authz")
    op.create_index(
        "ix_application_decided_at_contact",
        "application",
        ["decided_at"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("state <> 'open' AND contact IS NOT NULL"),
    )


def downgrade() -> None:
    """Go down. A certificate that two clients have stays with one of them, and what was forgotten stays so."""
    op.drop_index("ix_application_decided_at_contact", table_name="application", schema="authz")
    op.execute("UPDATE authz.application SET contact = '' WHERE contact IS NULL")
    op.alter_column("application", "contact", existing_type=sa.LargeBinary(), nullable=False, schema="authz")
    op.drop_index("ix_access_request_type_code_standing", table_name="access_request", schema="authz")
    op.drop_index("ix_party_usage_what_since", table_name="party_usage", schema="authz")
    op.execute(
        "DELETE FROM authz.client_certificate c USING authz.client_certificate o"
        " WHERE o.thumbprint = c.thumbprint AND o.client_id < c.client_id"
    )
    op.drop_constraint("pk_client_certificate", "client_certificate", schema="authz", type_="primary")
    op.create_primary_key("pk_client_certificate", "client_certificate", ["thumbprint"], schema="authz")
    op.create_index(
        "ix_client_certificate_client_id", "client_certificate", ["client_id"], unique=False, schema="authz"
    )
    op.drop_index("ix_refusal_emergency_id_at", table_name="refusal", schema="authz")
    op.drop_column("refusal", "emergency_id", schema="authz")
    op.add_column("duty_use", sa.Column("notice_id", sa.Uuid(as_uuid=False), nullable=True), schema="authz")
    op.execute(_NOTICED)
    op.alter_column("duty_use", "notice_id", existing_type=sa.Uuid(as_uuid=False), nullable=False, schema="authz")
    op.drop_index("ix_use_grant_grantor_id", table_name="use_grant", schema="authz")
    op.create_index(
        "ix_use_grant_grantor_id_opened_at_use_id",
        "use_grant",
        ["grantor_id", "opened_at", "use_id"],
        unique=False,
        schema="authz",
    )
    op.drop_table("use_holder", schema="authz")
