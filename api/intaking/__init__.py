"""Taking an archive in from where it lies: what `cailian intake` does, for programs too."""

from api.intaking.run import DryRun, IntakeRun, IntakeStoppedError, Progress

__all__ = ["DryRun", "IntakeRun", "IntakeStoppedError", "Progress"]
