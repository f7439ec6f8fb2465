"""`run.json`: what made a folder, with which options, from which input, and whether it is complete."""

import json
import os
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fashiontools import __version__
from fashiontools.core.errors import UsageError
from fashiontools.core.files import write_atomically
from fashiontools.core.inputs import RUN_FILE
from fashiontools.core.manifest import MANIFEST
from fashiontools.core.options import Mark, flag, marked

TRAINED_ON = "trained-on.txt"
"""In a detector's run folder, and beside what was made with it: the SHA-256 of each photo that it was trained on, in
hex, one a line, sorted."""


def read_run(folder: str | os.PathLike[str]) -> dict[str, Any] | None:
    """The `run.json` of a folder, or None where it has none.

    Raises:
        UsageError: It is there and cannot be read.
    """
    try:
        text = Path(folder, RUN_FILE).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        record = json.loads(text)
    except ValueError:
        raise UsageError(f"{Path(folder, RUN_FILE)} is damaged: it is not JSON") from None
    if not isinstance(record, dict) or "command" not in record:
        raise UsageError(f"{Path(folder, RUN_FILE)} is not one of ours: it names no command")
    return record


class Record:
    """The `run.json` of an output folder while a command works on it.

    Args:
        folder: The output folder.
        command: The command's name; a recipe's is `train`, with the recipe among the options.
        options: The options dataclass.
        extra: Further facts that belong to the result (recipe, versions).

    Raises:
        UsageError: The folder is another command's, is not ours, or was made with other *result* options.
    """

    def __init__(self, folder: Path, command: str, options: Any, extra: dict[str, Any] | None = None) -> None:
        self._file = folder / RUN_FILE
        old = read_run(folder)
        result = marked(options, Mark.RESULT)
        if old is not None and not options.overwrite:
            _refuse_other(folder, old, command, result, extra or {})
        elif old is None and (folder / MANIFEST).exists():
            raise UsageError(f"{folder / MANIFEST} was not written by fashiontools: name another output folder")
        kept = old if old is not None and not options.overwrite else {}
        self.is_old = bool(kept)
        self.totals: dict[str, Any] = kept.get("totals", {})
        self.input: str = kept.get("input", "")
        self._fields = {
            "command": command,
            "version": __version__,
            **(extra or {}),
            "options": {**result, **marked(options, Mark.EXTEND)},
        }
        self._sessions = [*kept.get("sessions", []), _session(options)]
        self._start = datetime.now(UTC)

    def describe(self, facts: dict[str, Any]) -> None:
        """Add facts about what is made."""
        self._fields.update(facts)

    def describe_session(self, facts: dict[str, Any]) -> None:
        """Add facts about how this session went, which another may find otherwise."""
        self._sessions[-1].update(facts)

    def save(self, *, complete: bool) -> None:
        """Write `run.json`, aside and renamed."""
        elapsed = (datetime.now(UTC) - self._start).total_seconds()
        self._sessions[-1]["seconds"] = round(elapsed, 3)
        record = {
            **self._fields,
            "input": self.input,
            "complete": complete,
            "totals": self.totals,
            "sessions": self._sessions,
        }
        text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
        # A command line may name files that are not UTF-8; escaped in this way JSON can hold them.
        write_atomically(self._file, text.encode("utf-8", "backslashreplace"))

    @property
    def earlier_seconds(self) -> float:
        """The time that earlier sessions took."""
        return sum(session.get("seconds", 0.0) for session in self._sessions[:-1])


def _session(options: Any) -> dict[str, Any]:
    program = [Path(sys.argv[0]).name, *sys.argv[1:]]
    return {
        "command_line": shlex.join(program),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "workers": getattr(options, "workers", None),
    }


def _refuse_other(
    folder: Path, old: dict[str, Any], command: str, result: dict[str, Any], extra: dict[str, Any]
) -> None:
    if old["command"] != command or any(old.get(kind) != name for kind, name in extra.items()):
        made_by = " ".join([old["command"], *(str(old[kind]) for kind in extra if kind in old)])
        raise UsageError(f"{folder} was made by `{made_by}`: name another output folder, or --overwrite")
    before = old.get("options", {})
    for name, value in result.items():
        if name in before and before[name] != value:
            raise UsageError(
                f"{flag(name)} was {_told(before[name])} in {folder} and is {_told(value)} now: "
                "name another output folder, or --overwrite"
            )


def _told(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "not given" if value is None else str(value)
