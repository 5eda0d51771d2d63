"""Becomes one part of the stack: ties its life to the supervisor's, takes the right identity, then executes it.

Runs as a program of its own (`python -I -S launch.py ...`), standard library only, because setting these things between
fork and exec inside a process with threads can deadlock. The process id stays the same through the exec.

- Linux: the parent-death signal. It is set after the last change of credentials, which would clear it (prctl(2)); it
  fires when the *thread* that started us ends, so the supervisor starts every part from one long-lived thread.
- elsewhere (and on request): a watcher process holds the reading end of a pipe whose writing end only the supervisor
  has; end of file means that the supervisor is gone.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import select
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522
CLONE_NEWUSER = 0x10000000
"""Numbers of the Linux user interface: linux/prctl.h, linux/capability.h, linux/sched.h."""

NAMESPACE_ID = 1
"""User and group inside the namespace: any that is not root and has a name in /etc/passwd (initdb looks it up)."""

WATCHER_PATIENCE_SECONDS = 15


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def enter_user_namespace() -> None:
    """Be an ordinary user in a namespace of our own; outside, files still belong to the caller."""
    uid, gid = os.getuid(), os.getgid()
    _checked(_libc().unshare(CLONE_NEWUSER))
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{NAMESPACE_ID} {uid} 1"),
        ("gid_map", f"{NAMESPACE_ID} {gid} 1"),
    ):
        file = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(file, line.encode())  # the kernel takes each of these files in a single write only
        os.close(file)


def become_nobody() -> None:
    """Drop to `nobody`, keeping only the right to pass closed parent folders (the checkout may lie in /root)."""
    user = pwd.getpwnam("nobody")
    linux = sys.platform == "linux"
    if linux:
        _checked(_libc().prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    if linux:
        mask = 1 << CAP_DAC_OVERRIDE
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        data = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
        with contextlib.suppress(OSError):
            _checked(_libc().capset(header, data))
            _checked(_libc().prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))


def die_with_parent(parent: int, stop_signal: int) -> None:
    """Ask the kernel for `stop_signal` when the starting thread ends; leave at once when it already has."""
    _checked(_libc().prctl(PR_SET_PDEATHSIG, stop_signal, 0, 0, 0))
    if os.getppid() != parent:
        sys.exit(1)


def leave_watcher(lifeline: int, stop_signal: int) -> None:
    """Fork a process that ends us when the supervisor's end of the pipe closes without a word."""
    target = os.getpid()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        os.close(lifeline)
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    # Everything but the lifeline is closed: the watcher must not hold the directory's lock or a log file.
    os.closerange(0, lifeline)
    os.closerange(lifeline + 1, 4096)
    for quiet in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(quiet, signal.SIG_IGN)
    if os.read(lifeline, 1) == b"":
        for number in (stop_signal, signal.SIGKILL):
            try:
                os.kill(target, number)
            except ProcessLookupError:
                break
            for _ in range(WATCHER_PATIENCE_SECONDS * 10):
                select.select([], [], [], 0.1)
                try:
                    os.kill(target, 0)
                except ProcessLookupError:
                    os._exit(0)
    os._exit(0)


def main(arguments: list[str]) -> None:
    """`launch.py PARENT SIGNAL IDENTITY LIFELINE PROGRAM [ARGUMENT ...]`; LIFELINE is a descriptor or -1."""
    parent, stop_signal, identity, lifeline = int(arguments[0]), int(arguments[1]), arguments[2], int(arguments[3])
    program = arguments[4:]
    if lifeline >= 0:
        leave_watcher(lifeline, stop_signal)
    if identity == "user-namespace":
        enter_user_namespace()
    elif identity == "nobody":
        become_nobody()
    if lifeline < 0:
        die_with_parent(parent, stop_signal)
    os.execvpe(program[0], program, os.environ)  # noqa: S606 - that is its whole purpose


if __name__ == "__main__":
    main(sys.argv[1:])
