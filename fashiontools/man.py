"""`python -m fashiontools.man FOLDER` writes the generated manual pages; a test fails when they are stale."""

import sys
from collections.abc import Mapping
from pathlib import Path

from fashiontools import __version__
from fashiontools.cli import COMMANDS, built
from fashiontools.core.man_pages import command_page, group_page
from fashiontools.scrape.guide import SECTIONS

GUIDES = {"scrape": SECTIONS}


def pages() -> dict[str, str]:
    """The generated pages by file name."""
    found = {}
    for name, (_, summary) in COMMANDS.items():
        command = built(name)
        below = getattr(command, "commands", None)
        if isinstance(below, Mapping):
            entries = {sub: each.short_help or "" for sub, each in below.items()}
            found[f"fashiontools-{name}.1"] = group_page(name, summary, entries, __version__, GUIDES.get(name))
            for sub, each in below.items():
                found[f"fashiontools-{name}-{sub}.1"] = command_page(f"{name} {sub}", each, __version__)
        else:
            found[f"fashiontools-{name}.1"] = command_page(name, command, __version__)
    return found


def main(folder: Path) -> None:
    """Write the pages into a folder."""
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
