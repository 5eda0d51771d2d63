"""Queries over applications for bundles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from materials import tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def insert_run(
    db: Connection, run_id: str, code: str, version: str, applicant_id: str, party_id: str, at: datetime
) -> None:
    """Write an application."""
    values = {"id": run_id, "bundle_code": code, "bundle_version": version, "opened_at": at}
    db.execute(insert(tables.cases.bundle_run), values | {"applicant_holder_id": applicant_id, "party_id": party_id})


def get(db: Connection, run_id: str, party_id: str) -> tuple[str, list[str]] | None:
    """Code of the bundle and numbers of the cases of an application of one organisation."""
    run, case = tables.cases.bundle_run.c, tables.cases.case.c
    code = db.execute(select(run.bundle_code).where(run.id == run_id, run.party_id == party_id)).scalar_one_or_none()
    if code is None:
        return None
    numbers = db.execute(select(case.case_no).where(case.bundle_run_id == run_id).order_by(case.case_no))
    return code, list(numbers.scalars())
