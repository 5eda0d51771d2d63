"""What can be wrong with a draft."""

from __future__ import annotations

from materials.errors import MaterialsError


class DefinitionInvalidError(MaterialsError):
    """A draft is no definition of its kind, or does not go with the others; `line` or `path` says where, if known."""

    code = "definition-invalid"


class UnknownDefinitionDraftError(MaterialsError):
    """There is no such draft, or none that is open."""

    code = "unknown-definition-draft"


class DefinitionDraftChangedError(MaterialsError):
    """The draft was saved again since the operator looked at it."""

    code = "definition-draft-changed"


class DefinitionDraftStaleError(MaterialsError):
    """Another version was published since the draft was saved, or its version is used already."""

    code = "definition-draft-stale"


class RegisterByDraftsError(MaterialsError):
    """Entries of a register would put other definitions in force than are: two people do that, by a draft."""

    code = "register-by-drafts"


class DefinitionDraftTakenError(MaterialsError):
    """Another organisation edits this definition."""

    code = "definition-draft-taken"
