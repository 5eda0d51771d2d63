"""ledger: what is not delivered yet is listed by its kind.

Revision: 0032, after 0031.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    undone = sa.text("done_at IS NULL")
    op.create_index("ix_outbox_kind_id", "outbox", ["kind", "id"], schema="ledger", postgresql_where=undone)


def downgrade() -> None:
    """Go down."""
    op.drop_index("ix_outbox_kind_id", "outbox", schema="ledger")
