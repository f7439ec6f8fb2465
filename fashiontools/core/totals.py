"""What became of the rows of a command, and when that is too bad."""

from dataclasses import dataclass, field

from fashiontools.core.errors import TooManyBadRows, UsageError
from fashiontools.core.manifest import Row


@dataclass
class Totals:
    """What became of the rows.

    Attributes:
        rows: Input rows that came in.
        done: Rows that the step worked on with success, in this or an earlier session.
        bad: Rows that it could not work on.
        passed: Bad rows of earlier steps, passed on untouched.
        earlier: Rows of `done` and `bad` that earlier sessions had finished.
        stale: Finished rows that the input no longer has.
        reasons: Bad rows by reason.
    """

    rows: int = 0
    done: int = 0
    bad: int = 0
    passed: int = 0
    earlier: int = 0
    stale: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def count(self, row: Row) -> None:
        """Count one output row's fate."""
        self.rows += 1
        if row.get("status", "") in ("", "ok"):
            self.done += 1
        else:
            self.bad += 1
            self.reasons[row.get("error", "")] = self.reasons.get(row.get("error", ""), 0) + 1

    def judge(self, max_errors: str) -> None:
        """Stop where too many rows went wrong.

        Raises:
            TooManyBadRows: More than `--max-errors` allows.
        """
        tried = self.done + self.bad
        if self.bad > allowed_errors(max_errors, tried):
            commonest = max(self.reasons, key=self.reasons.__getitem__)
            raise TooManyBadRows(
                f"{self.bad} of {tried} rows are bad, more than --max-errors {max_errors} allows; "
                f"most often: {commonest or 'no reason given'}"
            )

    def told(self) -> str:
        """The totals as a summary line tells them."""
        parts = [f"{self.rows:,} rows", f"{self.done:,} done"]
        parts += [
            f"{count:,} {what}"
            for count, what in (
                (self.earlier, "of them earlier"),
                (self.bad, "bad"),
                (self.passed, "bad before"),
                (self.stale, "stale"),
            )
            if count
        ]
        return ", ".join(parts)


@dataclass(frozen=True)
class Told:
    """What a command prints that has no rows to print.

    Attributes:
        text: For standard output.
        totals: Of the rows that it read, if it read any.
    """

    text: str
    totals: Totals | None = None


def allowed_errors(text: str, tried: int) -> int:
    """How many bad rows `--max-errors` allows.

    Args:
        text: A count (`5`) or a part (`10%`); of under 20 rows a part always allows one.
        tried: The rows that the step worked on.

    Raises:
        UsageError: It is neither.
    """
    try:
        share = float(text[:-1]) if text.endswith("%") else None
        count = int(text) if share is None else 0
    except ValueError:
        share, count = None, -1
    if count < 0 or (share is not None and not 0 <= share <= 100):
        raise UsageError(f"--max-errors {text!r}: expected a count such as 5, or a part such as 10%")
    if share is None:
        return count
    return max(1 if tried < 20 and share > 0 else 0, int(tried * share / 100))
