"""Explicit tables of what can be named on the command line: metrics, fills, recipes, importers, sites."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from fashiontools.core.errors import UsageError, near


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that has a name.

    Attributes:
        target: Where it lives, as `module:object`; imported only when it is used.
        summary: One line for help texts and man pages.
        source: The paper or library that defines it.
    """

    target: str
    summary: str
    source: str

    def load(self) -> Any:
        """Import the module and return the object."""
        module, _, name = self.target.partition(":")
        return getattr(importlib.import_module(module), name)


E = TypeVar("E", bound=Entry)


def lookup(table: Mapping[str, E], name: str, kind: str) -> E:
    """The entry of a name.

    Raises:
        UsageError: The name is unknown; the message gives the near ones.
    """
    if name not in table:
        raise UsageError(f"unknown {kind} {name!r}: {near(name, table)}")
    return table[name]
