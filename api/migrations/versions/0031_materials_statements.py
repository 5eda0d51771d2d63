"""materials: statements of departments are uses; one open request about a thing; confirmations condition by condition.

Revision: 0031, after 0030.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_CONFIRMED = ["case_no", "line", "object_id"]
_OF_PROJECT = ["project_id", "type_code", "id"]
_OF_MEMBER = ["project_id", "type_code", "holder_id", "share_in_project", "id"]


def upgrade() -> None:
    """Go up. A request made before says no more than what it is; its answer is a use of nobody's machine."""
    for name in ("client_id", "cause"):
        op.add_column("assist_request", sa.Column(name, sa.Text(), nullable=True), schema="materials")
    op.execute("UPDATE materials.assist_request SET client_id = '', cause = '行政协助'")
    for name in ("client_id", "cause"):
        op.alter_column("assist_request", name, nullable=False, schema="materials")
    op.add_column("assist_request", sa.Column("use_id", sa.Uuid(as_uuid=False), nullable=True), schema="materials")
    op.create_index(
        "uq_assist_request_open",
        "assist_request",
        ["case_no", "type_code", "holder_id"],
        unique=True,
        schema="materials",
        postgresql_where=sa.text("state IN ('asked','overdue')"),
    )
    _confirmed_once(_CONFIRMED, [*_CONFIRMED, "conditions"])
    _index_projects(_OF_MEMBER)


def downgrade() -> None:
    """Go down."""
    _index_projects(_OF_PROJECT)
    op.execute(
        "DELETE FROM materials.confirmation a USING materials.confirmation b"
        " WHERE (a.case_no, a.line, a.object_id) = (b.case_no, b.line, b.object_id) AND a.id > b.id"
    )
    _confirmed_once([*_CONFIRMED, "conditions"], _CONFIRMED)
    op.drop_index("uq_assist_request_open", "assist_request", schema="materials")
    for name in ("use_id", "cause", "client_id"):
        op.drop_column("assist_request", name, schema="materials")


def _confirmed_once(before: list[str], after: list[str]) -> None:
    name = op.f(f"uq_confirmation_{'_'.join(before)}")
    op.drop_constraint(name, "confirmation", schema="materials", type_="unique")
    op.create_unique_constraint(op.f(f"uq_confirmation_{'_'.join(after)}"), "confirmation", after, schema="materials")


def _index_projects(columns: list[str]) -> None:
    name, where = "ix_material_project_id_active", sa.text("project_id IS NOT NULL AND status = 'active'")
    op.drop_index(name, "material", schema="materials")
    op.create_index(name, "material", columns, schema="materials", postgresql_where=where)
