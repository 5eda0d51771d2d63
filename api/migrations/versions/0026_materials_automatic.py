"""materials: automatic decisions, objections, programmes, changes that follow another.

Revision: 0026, after 0025.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "entitlement_round",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("jkt", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Uuid(as_uuid=False), nullable=True, comment="the last licence that was looked at"),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publish_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint(
            "(state = 'published') = (published_at IS NOT NULL)", name=op.f("ck_entitlement_round_published_at")
        ),
        sa.CheckConstraint("state IN ('matching','matched','published')", name=op.f("ck_entitlement_round_state")),
        sa.CheckConstraint(
            "(published_at IS NULL) = (publish_entry_id IS NULL)", name=op.f("ck_entitlement_round_publish_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement_round")),
        sa.UniqueConstraint(
            "programme", "period", "party_id", name=op.f("uq_entitlement_round_programme_period_party_id")
        ),
        schema="materials",
    )
    op.create_index(
        "ix_entitlement_round_next_at_open",
        "entitlement_round",
        ["next_at"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "ix_entitlement_round_party_id_id", "entitlement_round", ["party_id", "id"], unique=False, schema="materials"
    )
    op.create_table(
        "automatic_run",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("round_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("jkt", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("registrar", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("item_code", sa.Text(), nullable=False),
        sa.Column("item_version", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False, comment="SHA-256 of the rules, hexadecimal"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "details",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="codes of rules and lines that a person should look at",
        ),
        sa.Column("turn", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "asks",
            postgresql.ARRAY(sa.Uuid(as_uuid=False)),
            nullable=False,
            comment="batches the holders were asked in",
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "facts", sa.LargeBinary(), nullable=True, comment="encrypted: what the rules read and what came of each"
        ),
        sa.Column("decision_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("result_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("receipt", sa.LargeBinary(), nullable=True, comment="encrypted: as it was signed"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'person') = (reason IS NOT NULL)", name=op.f("ck_automatic_run_reason")),
        sa.CheckConstraint(
            "(state IN ('running','waiting')) = (next_at IS NOT NULL)", name=op.f("ck_automatic_run_next_at")
        ),
        sa.CheckConstraint(
            "state IN ('running','waiting','person','declined','granted','listed','excluded')",
            name=op.f("ck_automatic_run_state"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decision_entry_id IS NULL)", name=op.f("ck_automatic_run_decided_at")
        ),
        sa.ForeignKeyConstraint(["case_no"], ["materials.case_.case_no"], name=op.f("fk_automatic_run_case_no")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["materials.entitlement_round.id"], name=op.f("fk_automatic_run_round_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automatic_run")),
        sa.UniqueConstraint("case_no", name=op.f("uq_automatic_run_case_no")),
        schema="materials",
    )
    op.create_index(
        "ix_automatic_run_holder_id_id", "automatic_run", ["holder_id", "id"], unique=False, schema="materials"
    )
    op.create_index(
        "ix_automatic_run_next_at_open",
        "automatic_run",
        ["next_at"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "ix_automatic_run_party_id_id", "automatic_run", ["party_id", "id"], unique=False, schema="materials"
    )
    op.create_index(
        "ix_automatic_run_round_id_id", "automatic_run", ["round_id", "id"], unique=False, schema="materials"
    )
    op.create_table(
        "inquiry",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False, comment="encrypted: canonical words of what is asked"),
        sa.Column("choices", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signer_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("(state = 'answered') = (entry_id IS NOT NULL)", name=op.f("ck_inquiry_entry")),
        sa.CheckConstraint("kind IN ('application','confirmation','willingness')", name=op.f("ck_inquiry_kind")),
        sa.CheckConstraint("state IN ('open','answered','withdrawn')", name=op.f("ck_inquiry_state")),
        sa.CheckConstraint("(answer IS NULL) = (entry_id IS NULL)", name=op.f("ck_inquiry_answer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
        sa.UniqueConstraint("subject_id", "kind", "holder_id", name=op.f("uq_inquiry_subject_id_kind_holder_id")),
        schema="materials",
    )
    op.create_index("ix_inquiry_holder_id_id", "inquiry", ["holder_id", "id"], unique=False, schema="materials")
    op.create_table(
        "objection",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("claim", sa.LargeBinary(), nullable=False, comment="encrypted"),
        sa.Column("signature", sa.LargeBinary(), nullable=False, comment="encrypted"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("(state = 'open') = (answer_entry_id IS NULL)", name=op.f("ck_objection_answer")),
        sa.CheckConstraint("about IN ('run','round','linked')", name=op.f("ck_objection_about")),
        sa.CheckConstraint("state IN ('open','upheld','rejected')", name=op.f("ck_objection_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        schema="materials",
    )
    op.create_index("ix_objection_holder_id_id", "objection", ["holder_id", "id"], unique=False, schema="materials")
    op.create_index("ix_objection_party_id_id", "objection", ["party_id", "id"], unique=False, schema="materials")
    op.create_index(
        "ix_objection_subject_id_state", "objection", ["subject_id", "state"], unique=False, schema="materials"
    )
    op.create_table(
        "hand_off",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("round_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="encrypted: canonical JSON"),
        sa.Column("signature", sa.Text(), nullable=False, comment="JWS over the digest, by the department's seal"),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("people > 0", name=op.f("ck_hand_off_people")),
        sa.ForeignKeyConstraint(["round_id"], ["materials.entitlement_round.id"], name=op.f("fk_hand_off_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_off")),
        schema="materials",
    )
    op.create_index("ix_hand_off_round_id_id", "hand_off", ["round_id", "id"], unique=False, schema="materials")
    op.create_table(
        "entitlement",
        sa.Column("run_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("round_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("payee", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("public_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hand_off_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("(state = 'handed') = (hand_off_id IS NOT NULL)", name=op.f("ck_entitlement_hand_off")),
        sa.CheckConstraint("(state = 'looked') = (amount IS NULL)", name=op.f("ck_entitlement_amount")),
        sa.CheckConstraint("state IN ('looked','listed','handed')", name=op.f("ck_entitlement_state")),
        sa.ForeignKeyConstraint(["hand_off_id"], ["materials.hand_off.id"], name=op.f("fk_entitlement_hand_off_id")),
        sa.ForeignKeyConstraint(["round_id"], ["materials.entitlement_round.id"], name=op.f("fk_entitlement_round_id")),
        sa.ForeignKeyConstraint(["run_id"], ["materials.automatic_run.id"], name=op.f("fk_entitlement_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_entitlement")),
        sa.UniqueConstraint("programme", "period", "holder_id", name=op.f("uq_entitlement_programme_period_holder_id")),
        schema="materials",
    )
    op.create_index("ix_entitlement_hand_off_id", "entitlement", ["hand_off_id"], unique=False, schema="materials")
    op.create_index(
        "ix_entitlement_round_id_state_run_id",
        "entitlement",
        ["round_id", "state", "run_id"],
        unique=False,
        schema="materials",
    )
    op.create_table(
        "link_adoption",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("jkt", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("rule", "party_id", name=op.f("pk_link_adoption")),
        schema="materials",
    )
    op.create_table(
        "linked_change",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("cause_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("licence_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False, comment="encrypted: what the licence will say"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("turn", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("result_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'announced') = (next_at IS NOT NULL)", name=op.f("ck_linked_change_next_at")),
        sa.CheckConstraint("(state = 'changed') = (result_id IS NOT NULL)", name=op.f("ck_linked_change_result")),
        sa.CheckConstraint("state IN ('announced','objected','person','changed')", name=op.f("ck_linked_change_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_change")),
        sa.UniqueConstraint("cause_id", "licence_id", name=op.f("uq_linked_change_cause_id_licence_id")),
        schema="materials",
    )
    op.create_index(
        "ix_linked_change_holder_id_id", "linked_change", ["holder_id", "id"], unique=False, schema="materials"
    )
    op.create_index(
        "ix_linked_change_next_at_open",
        "linked_change",
        ["next_at"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "ix_linked_change_party_id_id", "linked_change", ["party_id", "id"], unique=False, schema="materials"
    )
    op.create_index(
        "ix_licence_type_code_division_id_valid",
        "licence",
        ["type_code", "division", "id"],
        unique=False,
        schema="certs",
        postgresql_where=sa.text("status = '01'"),
    )


def downgrade() -> None:
    """Go down."""
    op.drop_index("ix_licence_type_code_division_id_valid", table_name="licence", schema="certs")
    op.drop_table("linked_change", schema="materials")
    op.drop_table("link_adoption", schema="materials")
    op.drop_table("entitlement", schema="materials")
    op.drop_table("hand_off", schema="materials")
    op.drop_table("objection", schema="materials")
    op.drop_table("inquiry", schema="materials")
    op.drop_table("automatic_run", schema="materials")
    op.drop_table("entitlement_round", schema="materials")
