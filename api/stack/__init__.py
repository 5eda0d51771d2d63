"""The embedded stack (DESIGN 3): real PostgreSQL, S3 and chain as child processes, no root and no Docker needed."""

from api.stack.errors import PartFailedError, PartMissingError, StackBusyError, StackError
from api.stack.model import Part, Parts, Process, S3Doors, S3Identity, Site

__all__ = [
    "Part",
    "PartFailedError",
    "PartMissingError",
    "Parts",
    "Process",
    "S3Doors",
    "S3Identity",
    "Site",
    "StackBusyError",
    "StackError",
]
