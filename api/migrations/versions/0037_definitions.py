"""definitions: material types and licence types are edited as items are.

Revision: 0037, after 0036.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('item','material-type','licence-type')"
_NAMES = {
    "item_draft": ("definition_draft", ("pk_{}", "ck_{}_state", "ck_{}_decided_at")),
    "item_definition": (
        "definition",
        ("pk_{}", "ck_{}_register_version", "fk_{}_draft_id", "uq_{}_draft_id"),
    ),
}


def upgrade() -> None:
    """Go up."""
    op.drop_index("uq_item_draft_open", table_name="item_draft", schema="materials")
    op.drop_index("uq_item_definition_item_code_version", table_name="item_definition", schema="materials")
    for before, (after, constraints) in _NAMES.items():
        op.rename_table(before, after, schema="materials")
        _rename(after, before, after, constraints)
        op.alter_column(after, "item_code", new_column_name="code", schema="materials")
        op.add_column(after, sa.Column("kind", sa.Text(), nullable=False, server_default="item"), schema="materials")
        op.alter_column(after, "kind", server_default=None, schema="materials")
        op.create_check_constraint(op.f(f"ck_{after}_kind"), after, _KINDS, schema="materials")
    op.create_index(
        "uq_definition_draft_open",
        "definition_draft",
        ["kind", "code"],
        unique=True,
        schema="materials",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_definition_kind_code_version", "definition", ["kind", "code", "version"], unique=True, schema="materials"
    )


def downgrade() -> None:
    """Go down; types are files of the program again."""
    op.drop_index("uq_definition_kind_code_version", table_name="definition", schema="materials")
    op.drop_index("uq_definition_draft_open", table_name="definition_draft", schema="materials")
    op.execute("DELETE FROM materials.definition WHERE kind <> 'item'")
    op.execute("DELETE FROM materials.definition_draft WHERE kind <> 'item'")
    for before, (after, constraints) in _NAMES.items():
        op.drop_constraint(op.f(f"ck_{after}_kind"), after, schema="materials")
        op.drop_column(after, "kind", schema="materials")
        op.alter_column(after, "code", new_column_name="item_code", schema="materials")
        _rename(after, after, before, constraints)
        op.rename_table(after, before, schema="materials")
    op.create_index(
        "uq_item_definition_item_code_version",
        "item_definition",
        ["item_code", "version"],
        unique=True,
        schema="materials",
    )
    op.create_index(
        "uq_item_draft_open",
        "item_draft",
        ["item_code"],
        unique=True,
        schema="materials",
        postgresql_where=sa.text("state = 'open'"),
    )


def _rename(table: str, before: str, after: str, constraints: tuple[str, ...]) -> None:
    for name in constraints:
        old, new = name.format(before), name.format(after)
        op.execute(f"ALTER TABLE materials.{table} RENAME CONSTRAINT {old} TO {new}")
