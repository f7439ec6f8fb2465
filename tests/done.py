"""What became of a command in this process."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Done:
    """As `subprocess.CompletedProcess` has it.

    Attributes:
        returncode: Its exit code.
        stdout: What it printed.
        stderr: What it told.
    """

    returncode: int
    stdout: str
    stderr: str
