"""materials: checks, requests between departments, generated documents, commitments.

Revision: 0021, after 0020.
"""

from __future__ import annotations

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""


def downgrade() -> None:
    """Go down."""
