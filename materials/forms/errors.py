"""Errors of forms of cases."""

from __future__ import annotations

from materials.errors import MaterialsError


class UnknownFormError(MaterialsError):
    """The case has no form yet."""

    code = "unknown-form"


class FormFieldError(MaterialsError):
    """The form has no such field, or it cannot hold that; `problem` says how."""

    code = "form-field-invalid"


class FormChangedError(MaterialsError):
    """The form was changed meanwhile; `version` is what it has now."""

    code = "form-changed"


class NoFormError(MaterialsError):
    """The item has no form."""

    code = "item-without-form"
