"""Print the description of what our own pages call: `python -m api.answers`, for `web/types.mjs`."""

from __future__ import annotations

import json
import sys

from api import openapi
from api.answers import of_pages
from api.app import interface

json.dump(of_pages(openapi.complete(interface().openapi())), sys.stdout, ensure_ascii=False)
