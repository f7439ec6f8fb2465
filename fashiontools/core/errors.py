"""Every error that a user can meet, and the one place that turns errors into a line and an exit code.

    FashiontoolsError
    ├── UsageError          2   bad options, no such column, not a manifest, an output folder that is not ours
    │   └── ManifestError   2   a row that is not CSV, with file and line
    ├── Diverged            2   a loss is no longer a number: the options make no training; its checkpoints are kept
    ├── TooManyBadRows      3   more bad rows than --max-errors allows; everything good is kept
    ├── Unavailable         4   a site, network, browser, extra or weights file that cannot be had
    └── BadRow              -   one row cannot be worked on: it becomes `status` and `error` of that row

Outside of the tree: Ctrl-C (130); a pipe that `head` closed (141: silent, and the folder can be continued); and any
other exception, which is a bug (70).
"""

import errno
import os
import sys
import traceback
from collections.abc import Callable, Iterable

EXIT_INTERRUPT = 130
EXIT_READER_GONE = 141
EXIT_BUG = 70
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR)


class FashiontoolsError(Exception):
    """An error that is told in one line.

    Args:
        message: What is wrong, and what would be right.
        hint: What to type or install next, if there is such a thing.
    """

    exit_code = EXIT_BUG

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """The message and its hint, as the user reads them."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(FashiontoolsError):
    """The command cannot be meant as it was typed."""

    exit_code = 2


class ManifestError(UsageError):
    """A manifest that cannot be read on, with the file and the line."""

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(f"{file}:{line}: {problem}")


class Diverged(FashiontoolsError):
    """A loss is no longer a number."""

    exit_code = 2


class TooManyBadRows(FashiontoolsError):
    """More rows went wrong than `--max-errors` allows."""

    exit_code = 3


class Unavailable(FashiontoolsError):
    """Something from outside that the command needs is not there."""

    exit_code = 4


class BadRow(FashiontoolsError):
    """One row cannot be worked on; the run goes on."""

    def __reduce__(self) -> tuple[type["BadRow"], tuple[str, str]]:
        """Survive the way back from a worker process."""
        return BadRow, (self.message, self.hint)


def near(word: str, known: Iterable[str]) -> str:
    """The known words nearest to `word`, as the end of a sentence; all of them where none is near."""
    import difflib

    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(known)}"


def say(line: str) -> None:
    """Write one line on standard error, without ever failing on it; what is not printable in it is escaped."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)
    try:
        sys.stderr.write(f"fashiontools: {shown}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass


def _mute_stdout() -> None:
    """Point standard output at nothing, so that Python's last flush cannot fail on the closed pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def exit_code_of(run: Callable[[], object]) -> int:
    """Run the program and turn whatever it raises into one line and an exit code.

    Args:
        run: The whole program, without arguments. Its own exceptions from parsing the command line are
            typer's public `TyperException` and `Exit`.

    Returns:
        The exit code of the process, as the table at the top of this file has it.
    """
    import typer
    from typer.exceptions import TyperException

    if sys.stdout is None:  # closed by whoever started us: nobody wants to read
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - open for as long as the program runs
    try:
        result = run()
        sys.stdout.flush()
        if result == EXIT_INTERRUPT:  # typer's way to say that Ctrl-C was pressed
            raise KeyboardInterrupt
        return result if isinstance(result, int) else 0
    except BrokenPipeError:
        _mute_stdout()
        return EXIT_READER_GONE
    except FashiontoolsError as error:
        say(str(error))
        return error.exit_code
    except TyperException as error:
        if message := " ".join(error.format_message().split()):  # empty where the help was shown instead
            say(message)
        return UsageError.exit_code
    except typer.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, typer.Abort):
        say("stopped; what is finished is kept")
        return EXIT_INTERRUPT
    except OSError as error:
        return _exit_code_of_os_error(error)
    except Exception:
        traceback.print_exc()
        return EXIT_BUG


def _exit_code_of_os_error(error: OSError) -> int:
    """The disk's own complaints are no bugs: a full disk is 4, a place that we may not write is 2."""
    if error.errno in _DISK_FULL:
        say(f"{error.strerror}: {error.filename or 'the output'} (free some space and run it again)")
        return Unavailable.exit_code
    if error.errno in _NOT_WRITABLE and error.filename:
        say(f"{error.filename}: {error.strerror}")
        return UsageError.exit_code
    traceback.print_exception(error)
    return EXIT_BUG
