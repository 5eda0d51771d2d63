"""The front page of a node: a door for each kind of people who use it, and nothing that needs a login."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from api import browsers
from api.browsers import Pages

router = APIRouter(include_in_schema=False)

_PAGES: Final = Pages("home/dist", browsers.policy(trusted_types="'none'"))


@router.get("/")
def page(request: Request) -> Response:
    """The page."""
    return _PAGES.page(request)


@router.get("/home/{name}")
def beside(request: Request, name: str) -> Response:
    """A file of the page."""
    return _PAGES.file(request, name)
