"""Starting a process that ends with us: the command line through `launch.py` and, where needed, the lifeline."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from api.stack.model import Command

_LAUNCHER: Final = str(Path(__file__).with_name("launch.py"))

LOG_LIMIT_BYTES: Final = 16 * 1024 * 1024


def launch_line(
    command: Command, stop_signal: signal.Signals = signal.SIGKILL, lifeline: int | None = None
) -> list[str]:
    """Full command line of a part.

    Args:
        command: what finally runs.
        stop_signal: sent to it when the calling thread, or with a lifeline this process, ends.
        lifeline: reading end of a pipe to watch instead of the parent-death signal of Linux.
    """
    watched = -1 if lifeline is None else lifeline
    return [
        sys.executable, "-I", "-S", _LAUNCHER,
        str(os.getpid()), str(int(stop_signal)), command.identity.value, str(watched), *command.argv,
    ]  # fmt: skip


class Child:
    """One running process of a part; created and, on Linux, kept alive by the creating thread.

    Args:
        command: what to run.
        stop_signal: what it gets when we die.
        log: file its output is appended to.
        keep_fds: descriptors every part inherits (the directory's lock).
        lifeline: watch a pipe instead of the parent-death signal; needed where there is none.
    """

    def __init__(
        self,
        command: Command,
        stop_signal: signal.Signals,
        log: Path,
        keep_fds: tuple[int, ...] = (),
        *,
        lifeline: bool = sys.platform != "linux",
    ) -> None:
        if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".log.1"))
        reader: int | None = None
        self._lifeline: int | None = None
        if lifeline:
            reader, self._lifeline = os.pipe()
        held = () if reader is None else (reader,)
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._process = subprocess.Popen(
                launch_line(command, stop_signal, reader),
                env=dict(command.env),
                cwd=command.cwd,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=subprocess.STDOUT,
                pass_fds=(*command.pass_fds, *keep_fds, *held),
                # Ctrl-C at a terminal is for the supervisor, which stops the parts in their order.
                start_new_session=True,
            )
        except BaseException:
            if self._lifeline is not None:
                os.close(self._lifeline)
            raise
        finally:
            os.close(descriptor)
            if reader is not None:
                os.close(reader)

    @property
    def pid(self) -> int:
        """Process id, the same before and after the exec."""
        return self._process.pid

    def ended(self) -> bool:
        """Whether it has ended; collects its status."""
        if self._process.poll() is None:
            return False
        self._release()
        return True

    @property
    def status(self) -> int | None:
        """Exit status, negative for a signal; None while it runs."""
        return self._process.returncode

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when it has ended."""
        self._process.send_signal(number)

    def wait(self, seconds: float) -> bool:
        """Wait for the end at most so long. Returns whether it ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self.ended()

    def _release(self) -> None:
        lifeline, self._lifeline = self._lifeline, None
        if lifeline is not None:
            with suppress(BrokenPipeError):
                os.write(lifeline, b".")  # tells the watcher that the end was seen: nothing left to kill
            os.close(lifeline)
