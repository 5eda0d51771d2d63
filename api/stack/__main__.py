"""`python -m api.stack --data-dir D [--print-json]`: the embedded stack alone, until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from api.stack.errors import StackError
from api.stack.supervisor import Stack


def main() -> int:
    """Run the stack. Returns the exit status: 1 when it could not start."""
    parser = argparse.ArgumentParser(prog="python -m api.stack", description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--print-json", action="store_true", help="print addresses and credentials once when ready")
    given = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stack = Stack(given.data_dir)
    try:
        parts = stack.up()
        if given.print_json:
            sys.stdout.write(json.dumps({**asdict(parts), "pids": stack.pids}) + "\n")
            sys.stdout.flush()
        stop.wait()
    except StackError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return 1
    finally:
        stack.down()
    return 0


if __name__ == "__main__":
    sys.exit(main())
