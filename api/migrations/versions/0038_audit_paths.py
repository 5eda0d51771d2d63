"""audit_paths: what lets auditors find presentations, and what a department deposited and issued.

Revision: 0038, after 0037.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    # A refused scan names the licence its code is of, as one that was shown does.
    op.execute(
        "UPDATE certs.presentation p SET licence_id = c.licence_id FROM certs.code c "
        "WHERE c.id = p.code_id AND p.reason IS NOT NULL AND c.licence_id IS NOT NULL"
    )
    op.create_index(
        "ix_presentation_licence_id_at_id",
        "presentation",
        ["licence_id", "at", "id"],
        unique=False,
        schema="certs",
        postgresql_where=sa.text("licence_id IS NOT NULL"),
    )
    op.create_index(
        "ix_presentation_party_id_at_id", "presentation", ["party_id", "at", "id"], unique=False, schema="certs"
    )
    op.create_index(
        "ix_licence_event_party_id_at_licence_id",
        "licence_event",
        ["party_id", "at", "licence_id"],
        unique=False,
        schema="certs",
    )
    op.create_index(
        "ix_material_party_id_deposited_at_id",
        "material",
        ["party_id", "deposited_at", "id"],
        unique=False,
        schema="materials",
    )
    op.create_index(
        "ix_case_party_id_opened_at_entry_id",
        "case_",
        ["party_id", "opened_at", "entry_id"],
        unique=False,
        schema="materials",
    )
    op.drop_index("ix_case_party_id_opened_at", table_name="case_", schema="materials")


def downgrade() -> None:
    """Go down."""
    op.create_index("ix_case_party_id_opened_at", "case_", ["party_id", "opened_at"], unique=False, schema="materials")
    op.drop_index("ix_case_party_id_opened_at_entry_id", table_name="case_", schema="materials")
    op.drop_index("ix_material_party_id_deposited_at_id", table_name="material", schema="materials")
    op.drop_index("ix_licence_event_party_id_at_licence_id", table_name="licence_event", schema="certs")
    op.drop_index("ix_presentation_party_id_at_id", table_name="presentation", schema="certs")
    op.drop_index("ix_presentation_licence_id_at_id", table_name="presentation", schema="certs")
    op.execute("UPDATE certs.presentation SET licence_id = NULL WHERE reason IS NOT NULL")
