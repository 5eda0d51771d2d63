"""materials: bulk intake and figures.

Revision: 0027, after 0026.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_CHANNELS = "channel IN ('counter','web','app','kiosk','system')"
_WITH_ARCHIVE = "channel IN ('counter','web','app','kiosk','system','archive')"
_ROUTES = ("by_licence", "by_check", "by_reuse", "by_assistance", "by_generated", "by_commitment", "by_upload")
_OF_DAYS = ("intakes", "first_pass", "second_back", "decided", "in_time", "in_law")


def upgrade() -> None:
    """Go up."""
    op.drop_constraint(op.f("ck_material_channel"), "material", schema="materials", type_="check")
    op.create_check_constraint(op.f("ck_material_channel"), "material", _WITH_ARCHIVE, schema="materials")
    same = ["party_id", "sha256", "holder_id"]
    op.create_index("ix_material_party_id_sha256_holder_id", "material", same, schema="materials")
    op.create_index("ix_material_deposited_at", "material", ["deposited_at"], schema="materials")
    closed = sa.text("closed_at IS NOT NULL")
    op.create_index("ix_case_closed_at", "case_", ["closed_at"], schema="materials", postgresql_where=closed)
    op.create_index("ix_kept_checklist_kept_at", "kept_checklist", ["kept_at"], schema="materials")
    _intakes()
    _figures()


def _intakes() -> None:
    op.create_table(
        "intake",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the manifest's bytes"),
        sa.Column("rows", sa.Integer(), nullable=False, comment="the manifest has; refused ones count"),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rows > 0", name=op.f("ck_intake_rows")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
        sa.UniqueConstraint("party_id", "manifest", name=op.f("uq_intake_party_id_manifest")),
        schema="materials",
    )
    op.create_table(
        "intake_row",
        sa.Column("intake_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("material_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_intake_row_number")),
        sa.ForeignKeyConstraint(["intake_id"], ["materials.intake.id"], name=op.f("fk_intake_row_intake_id")),
        sa.ForeignKeyConstraint(["material_id"], ["materials.material.id"], name=op.f("fk_intake_row_material_id")),
        sa.PrimaryKeyConstraint("intake_id", "number", name=op.f("pk_intake_row")),
        sa.UniqueConstraint("material_id", name=op.f("uq_intake_row_material_id")),
        schema="materials",
    )


def _figures() -> None:
    counted = (*_ROUTES, "avoidable", "fields", "prefilled")
    op.create_table(
        "figure_case",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counted),
        sa.ForeignKeyConstraint(["case_no"], ["materials.case_.case_no"], name=op.f("fk_figure_case_case_no")),
        sa.PrimaryKeyConstraint("case_no", name=op.f("pk_figure_case")),
        schema="materials",
    )
    op.create_index("ix_figure_case_day", "figure_case", ["day"], schema="materials")
    op.create_table(
        "figure_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("item_code", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("division", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("deposits", "archived", "cases", *counted, *_OF_DAYS)
        ),
        sa.PrimaryKeyConstraint("day", "item_code", "party_id", "division", name=op.f("pk_figure_day")),
        schema="materials",
    )
    op.create_index("ix_figure_day_party_id_day", "figure_day", ["party_id", "day"], schema="materials")


def downgrade() -> None:
    """Go down."""
    for name in ("figure_day", "figure_case", "intake_row", "intake"):
        op.drop_table(name, schema="materials")
    op.drop_index("ix_kept_checklist_kept_at", "kept_checklist", schema="materials")
    op.drop_index("ix_case_closed_at", "case_", schema="materials")
    op.drop_index("ix_material_deposited_at", "material", schema="materials")
    op.drop_index("ix_material_party_id_sha256_holder_id", "material", schema="materials")
    op.drop_constraint(op.f("ck_material_channel"), "material", schema="materials", type_="check")
    op.create_check_constraint(op.f("ck_material_channel"), "material", _CHANNELS, schema="materials")
