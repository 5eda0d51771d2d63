"""Errors of pre-review."""

from __future__ import annotations

from materials.errors import MaterialsError


class UnknownReviewError(MaterialsError):
    """The case has not been reviewed yet."""

    code = "unknown-review"


class NoCheckPointsError(MaterialsError):
    """The item has no check points."""

    code = "item-without-check-points"


class UnknownFindingError(MaterialsError):
    """The review has no such finding, or it is none that anybody could settle."""

    code = "unknown-finding"


class FindingChangedError(MaterialsError):
    """The finding is another one by now."""

    code = "finding-changed"
