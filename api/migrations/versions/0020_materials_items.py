"""materials: items, answers, checklists.

Revision: 0020, after 0019.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_STATES = ("state IN ('draft', 'open', 'closed')", "state IN ('open', 'closed')")
_CHECKS = (
    ("decision", "decision IN ('granted', 'refused', 'withdrawn')"),
    ("decided", "decision IS NULL OR state = 'closed'"),
    ("granted", "decision <> 'granted' OR accepted_at IS NOT NULL"),
    ("result", "result_id IS NULL OR decision = 'granted'"),
    (
        "accepted",
        (
            "(accepted_at IS NULL) = (acceptance_entry_id IS NULL) AND (accepted_at IS NULL) = (due_at IS NULL)"
            " AND (accepted_at IS NULL) = (statutory_due_at IS NULL)"
        ),
    ),
    ("draft", "state <> 'draft' OR accepted_at IS NULL"),
)


def upgrade() -> None:
    """Go up."""
    _projects()
    _bundles()
    _cases()
    _checklists()


def _projects() -> None:
    op.add_column(
        "project_member",
        sa.Column("role", sa.Text(), server_default=sa.text("'member'"), nullable=False),
        schema="materials",
    )
    op.add_column("project_member", sa.Column("joined_at", sa.DateTime(timezone=True)), schema="materials")
    op.add_column(
        "project_member",
        sa.Column("proof", sa.LargeBinary(), comment="encrypted: what the lead signed"),
        schema="materials",
    )
    op.add_column("project_member", sa.Column("entry_id", sa.Uuid(as_uuid=False)), schema="materials")
    op.create_check_constraint(
        op.f("ck_project_member_role"),
        "project_member",
        "role IN ('lead','owner','contractor','designer','supervisor','operator','member')",
        schema="materials",
    )
    op.create_index("ix_project_member_holder_id", "project_member", ["holder_id"], schema="materials")
    # Whoever led a project before roles were written leads it still.
    op.execute(
        "UPDATE materials.project_member m SET role = 'lead' FROM materials.project p"
        " WHERE p.id = m.project_id AND p.lead_holder_id = m.holder_id"
    )


def _bundles() -> None:
    op.create_table(
        "bundle_run",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("bundle_code", sa.Text(), nullable=False),
        sa.Column("bundle_version", sa.Text(), nullable=False),
        sa.Column("applicant_holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle_run")),
        schema="materials",
    )
    op.create_index("ix_bundle_run_party_id_id", "bundle_run", ["party_id", "id"], schema="materials")


def _cases() -> None:
    for column in (
        sa.Column("answers", sa.LargeBinary(), comment="encrypted; answers of the questionnaire"),
        sa.Column("accepted_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("statutory_due_at", sa.DateTime(timezone=True)),
        sa.Column("acceptance_entry_id", sa.Uuid(as_uuid=False)),
        sa.Column("send_backs", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("decision", sa.Text()),
        sa.Column("result_id", sa.Uuid(as_uuid=False)),
        sa.Column("from_case_no", sa.Text()),
        sa.Column("bundle_run_id", sa.Uuid(as_uuid=False)),
    ):
        op.add_column("case_", column, schema="materials")
    op.drop_constraint(op.f("ck_case__state"), "case_", schema="materials", type_="check")
    op.create_check_constraint(op.f("ck_case__state"), "case_", _STATES[0], schema="materials")
    for name, rule in _CHECKS:
        op.create_check_constraint(op.f(f"ck_case__{name}"), "case_", rule, schema="materials")
    op.create_foreign_key(
        op.f("fk_case__bundle_run_id"),
        "case_",
        "bundle_run",
        ["bundle_run_id"],
        ["id"],
        source_schema="materials",
        referent_schema="materials",
    )
    due = sa.text("state = 'open' AND due_at IS NOT NULL")
    op.create_index("ix_case_due_at_open", "case_", ["party_id", "due_at"], schema="materials", postgresql_where=due)
    run = sa.text("bundle_run_id IS NOT NULL")
    op.create_index("ix_case_bundle_run_id", "case_", ["bundle_run_id"], schema="materials", postgresql_where=run)
    op.create_table(
        "case_person",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["materials.case_.case_no"], name=op.f("fk_case_person_case_no")),
        sa.PrimaryKeyConstraint("case_no", "role", "number", name=op.f("pk_case_person")),
        sa.UniqueConstraint("case_no", "role", "holder_id", name=op.f("uq_case_person_case_no_role_holder_id")),
        schema="materials",
    )


def _checklists() -> None:
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("conditions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("stated_by", sa.Text(), nullable=False),
        sa.Column("signer_id", sa.Uuid(as_uuid=False)),
        sa.Column(
            "signature",
            sa.LargeBinary(),
            comment="encrypted; what the holder signed, and the signature as it was kept",
        ),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("stated_by IN ('holder','counter')", name=op.f("ck_confirmation_stated_by")),
        sa.CheckConstraint(
            "(stated_by = 'holder') = (signature IS NOT NULL AND signer_id IS NOT NULL)",
            name=op.f("ck_confirmation_signed"),
        ),
        sa.ForeignKeyConstraint(["case_no"], ["materials.case_.case_no"], name=op.f("fk_confirmation_case_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
        sa.UniqueConstraint("case_no", "line", "object_id", name=op.f("uq_confirmation_case_no_line_object_id")),
        schema="materials",
    )
    op.create_table(
        "kept_checklist",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column(
            "body", sa.LargeBinary(), nullable=False, comment="encrypted; the canonical checklist as it was accepted"
        ),
        sa.Column(
            "digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the body in clear; also in the entry"
        ),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["materials.case_.case_no"], name=op.f("fk_kept_checklist_case_no")),
        sa.PrimaryKeyConstraint("case_no", name=op.f("pk_kept_checklist")),
        schema="materials",
    )
    op.create_index(
        "ix_material_project_id_active",
        "material",
        ["project_id", "type_code", "id"],
        schema="materials",
        postgresql_where=sa.text("project_id IS NOT NULL AND status = 'active'"),
    )
    op.create_index(
        "ix_material_holder_ended",
        "material",
        ["holder_id", "type_code", "id"],
        schema="materials",
        postgresql_where=sa.text("status <> 'active'"),
    )


def downgrade() -> None:
    """Go down."""
    op.drop_index("ix_material_holder_ended", "material", schema="materials")
    op.drop_index("ix_material_project_id_active", "material", schema="materials")
    for table in ("kept_checklist", "confirmation", "case_person"):
        op.drop_table(table, schema="materials")
    op.drop_index("ix_case_bundle_run_id", "case_", schema="materials")
    op.drop_index("ix_case_due_at_open", "case_", schema="materials")
    op.drop_constraint(op.f("fk_case__bundle_run_id"), "case_", schema="materials", type_="foreignkey")
    for name, _ in (*_CHECKS, ("state", "")):
        op.drop_constraint(op.f(f"ck_case__{name}"), "case_", schema="materials", type_="check")
    op.execute("UPDATE materials.case_ SET state = 'open' WHERE state = 'draft'")
    op.create_check_constraint(op.f("ck_case__state"), "case_", _STATES[1], schema="materials")
    for name in (
        *("bundle_run_id", "from_case_no", "result_id", "decision", "send_backs", "acceptance_entry_id"),
        *("statutory_due_at", "due_at", "accepted_at", "answers"),
    ):
        op.drop_column("case_", name, schema="materials")
    op.drop_table("bundle_run", schema="materials")
    op.drop_index("ix_project_member_holder_id", "project_member", schema="materials")
    op.drop_constraint(op.f("ck_project_member_role"), "project_member", schema="materials", type_="check")
    for name in ("entry_id", "proof", "joined_at", "role"):
        op.drop_column("project_member", name, schema="materials")
