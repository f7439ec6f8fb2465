"""The local Pinterest's documents: files of `pinterest_pages/`, with CSS classes named anew for each run."""

import itertools
import json
import random
import re
import string
from html import escape
from pathlib import Path
from typing import Any

FILES = Path(__file__).parent / "pinterest_pages"
CLASS = re.compile(r"\bc-[a-z]+(?:-[a-z]+)*")
# By the first part of the host's name. What is not English is as its language would say it, not as it was seen.
LANGUAGES: dict[str, dict[str, str]] = {
    "en": {
        "lang": "en-US", "pin": "Pin", "pins": "Pins", "thousands": ",", "sponsored": "Sponsored",
        "promoted": "Promoted by", "pinPage": "pin page", "loading": "Loading", "close": "Close", "login": "Log in",
        "more": "More ideas for this board", "related": "More to explore", "accept": "Accept all",
        "reject": "Reject all", "empty": "There aren't any Pins on this board yet",
        "nothing": "We couldn't find any Pins for this search", "cookies": "We use cookies",
        "signup": "Sign up to see more",
    },
    "de": {
        "lang": "de-DE", "pin": "Pin", "pins": "Pins", "thousands": ".", "sponsored": "Gesponsert",
        "promoted": "Anzeige von", "pinPage": "Pin-Seite", "loading": "Wird geladen", "close": "Schließen",
        "login": "Einloggen", "more": "Weitere Ideen für diese Pinnwand", "related": "Mehr entdecken",
        "accept": "Alle akzeptieren", "reject": "Alle ablehnen", "empty": "Auf dieser Pinnwand sind noch keine Pins",
        "nothing": "Keine Pins für diese Suche gefunden", "cookies": "Wir verwenden Cookies",
        "signup": "Registriere dich, um mehr zu sehen",
    },
}  # fmt: skip


class Html(str):
    """Text that is HTML already, and is not to be escaped."""

    __slots__ = ()


NOTHING = Html()


def embedded(value: Any) -> Html:
    """JSON as it may stand in a script."""
    return Html(json.dumps(value).replace("<", "\\u003c"))


class Documents:
    """Fills the files with values; no two instances have the same CSS classes.

    Attributes:
        words: Of the language of the host.
    """

    def __init__(self, host: str) -> None:
        self.words = LANGUAGES.get(host.partition(".")[0], LANGUAGES["en"])
        files = {path.name: path.read_text(encoding="utf-8") for path in sorted(FILES.iterdir())}
        names = sorted({name for text in files.values() for name in CLASS.findall(text)})
        letters = map("".join, itertools.product(string.ascii_letters, string.ascii_letters, string.digits))
        hashed = dict(zip(names, random.SystemRandom().sample(list(letters), len(names)), strict=True))
        self._files = {file: CLASS.sub(lambda found: hashed[found[0]], text) for file, text in files.items()}

    def fragment(self, file: str, **values: object) -> Html:
        """A file with its `{{name}}` filled by values, by words, or by `{{file.name}}` other files."""

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if "." in name:
                return self._files[name]
            given = values.get(name, self.words.get(name))
            if given is None:
                raise KeyError(f"{file} lacks {name}")
            return given if isinstance(given, Html) else escape(str(given))

        return Html(re.sub(r"\{\{([\w.]+)\}\}", value, self._files[file]))

    def document(self, file: str, title: str, head: Html = NOTHING, **values: object) -> bytes:
        """A whole document around a file; `user` is who is logged in, if anybody is."""
        user = values.get("user", "")
        account = self.fragment("header_member.html" if user else "header_visitor.html", user=user)
        main = self.fragment(file, **values)
        return self.fragment("page.html", title=title, head=head, main=main, account=account).encode()

    def count(self, pins: int) -> str:
        """How the page says how many pins there are: `1,234 Pins`."""
        number = f"{pins:,}".replace(",", self.words["thousands"])
        return f"{number} {self.words['pin' if pins == 1 else 'pins']}"
