"""authz: delayed notices, sampling audit, break-glass, joint consent.

Revision: 0023, after 0022.
"""

from __future__ import annotations

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""


def downgrade() -> None:
    """Go down."""
