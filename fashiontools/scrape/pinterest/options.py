"""Options of `scrape pinterest`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fashiontools.core.errors import UsageError
from fashiontools.core.options import Mark, panel
from fashiontools.scrape.options import ListedOptions

_what = panel("What to fetch")
_again = panel("Again")
_browser = panel("Browser and login")
_KINDS = ("promoted", "video", "story")


@dataclass(frozen=True, kw_only=True)
class PinterestOptions(ListedOptions):
    """Fetch the photos of Pinterest's boards and searches.

    A browser scrolls through each board or search, and the photos are fetched in their original size while it does:
    one request at a time to each host, with a pause between two. robots.txt is read first, and obeyed. It can be
    stopped at any moment and run again: nothing is fetched twice. With several brands or boards each has its folder.

    Example: fashiontools scrape pinterest --board https://www.pinterest.com/user/board/ --limit 700 -o raw
    """

    brand: Annotated[
        list[str] | None,
        _what(metavar="NAME", show_default=False, help="Search for a brand and the keyword; repeat it for more."),
        Mark.RESULT,
    ] = None
    brands: Annotated[
        str | None,
        _what(metavar="FILE|thesis", show_default=False, help="The brands of a file, one a line; or twenty houses."),
        Mark.RESULT,
    ] = None
    keyword: Annotated[str, _what(help="What is searched for beside the brand."), Mark.RESULT] = "runway"
    season: Annotated[
        str | None,
        _what(
            metavar="LIST",
            show_default=False,
            help="Search for each of these too: SS2020,FW2020. They become the columns season and year.",
        ),
        Mark.RESULT,
    ] = None
    board: Annotated[
        list[str] | None,
        _what(
            metavar="URL", show_default=False, help="A board, a section of one, or a pin.it link; repeat it for more."
        ),
        Mark.RESULT,
    ] = None
    include: Annotated[
        str,
        _what(metavar="LIST", show_default=False, help="Also these, of promoted, video (its still) and story."),
        Mark.RESULT,
    ] = ""
    max_scrolls: Annotated[
        int, _browser(min=1, help="Steps of 0.8 screens at most, for each board or search."), Mark.RUN
    ] = 2000
    patience: Annotated[
        int, _browser(min=1, help="Steps at the bottom without a new pin, until that is taken for the end."), Mark.RUN
    ] = 5
    since: Annotated[
        Path | None,
        _again(metavar="FOLDER", show_default=False, help="Leave out the pins of an earlier scrape."),
        Mark.RESULT,
    ] = None
    browser: Annotated[
        Path | None,
        _browser(metavar="PATH", show_default=False, help="Chromium or Chrome. Default: the one that is installed."),
        Mark.RUN,
    ] = None
    profile: Annotated[
        Path | None,
        _browser(
            metavar="DIR",
            show_default=False,
            help="Where the browser keeps its cookies. Default: nowhere; with --login ~/.local/state/fashiontools.",
        ),
        Mark.RUN,
    ] = None
    login: Annotated[
        str | None,
        _browser(
            metavar="env|ask|FILE",
            show_default=False,
            help="Sign in, as PINTEREST_USER with PINTEREST_PASSWORD; or ask; or by a file (0600): user, password.",
        ),
        Mark.RUN,
    ] = None
    show: Annotated[bool, _browser("--show", help="Show the browser's window."), Mark.RUN] = False

    def __post_init__(self) -> None:
        """Refuse what cannot be searched for.

        Raises:
            UsageError: A season without a brand, or an unknown kind of pins.
        """
        super().__post_init__()
        if self.season and not (self.brand or self.brands):
            raise UsageError("--season is searched for with a brand: give --brand NAME or --brands FILE too")
        for kind in self.included:
            if kind not in _KINDS:
                raise UsageError(f"--include {kind}: expected some of {', '.join(_KINDS)}")

    @property
    def included(self) -> frozenset[str]:
        """The kinds of pins that are not left out."""
        return frozenset(filter(None, (kind.strip() for kind in self.include.split(","))))

    def folder(self, default: str | None) -> Path | None:
        """The one brand or board that is named, else the command's own folder; none for `--list`."""
        if not self.list and self.output is None and self.brands is None:
            from fashiontools.scrape.pinterest.targets import slug

            named = [*(self.brand or ()), *(url.rstrip("/").rpartition("/")[2] for url in self.board or ())]
            if len(named) == 1:
                return Path(slug(named[0]))
        return super().folder(default)
