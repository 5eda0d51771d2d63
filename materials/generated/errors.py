"""Errors of documents made from templates."""

from __future__ import annotations

from materials.errors import MaterialsError


class UnknownTemplateError(MaterialsError):
    """No template of that code makes a document of that type."""

    code = "unknown-template"


class DocumentFormError(MaterialsError):
    """What a request states for a document is not what its template takes; `field` and `takes` say."""

    code = "document-form-invalid"


class DocumentSourceMissingError(MaterialsError):
    """A value that a document needs has no source; `field` names it, `reason` why the best source gave none."""

    code = "document-source-missing"


class DocumentNotRenderedError(MaterialsError):
    """The document cannot be set: a character the fonts lack."""

    code = "document-not-rendered"


class UnknownDocumentError(MaterialsError):
    """No such generated document of the caller's organisation."""

    code = "unknown-document"


class SealPlaceError(MaterialsError):
    """The document has no such place for a seal, it is sealed already, or nobody is there to seal it."""

    code = "seal-place-invalid"
