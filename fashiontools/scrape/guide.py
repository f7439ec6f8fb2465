"""What a person should know before scraping, in plain words: sections of the manual page fashiontools-scrape(1)."""

SECTIONS: dict[str, tuple[str, ...]] = {
    "The law": (
        "Nothing here is legal advice. Photos on the web belong to somebody, also where anybody can see them. Whether "
        "you may collect them, train on them and show what comes out depends on your country, on what you do it for, "
        "and on the terms of the site, which you may have agreed to when you made an account. In the European Union "
        "text and data mining for research at universities and museums is allowed by law; everybody else may mine what "
        "the owner has not reserved in a way that a machine can read, of which robots.txt and noai are two. People "
        "in photos have rights of their own. Keep the manifest: its columns source and page say where each photo came "
        "from, which you will be asked for.",
        "Ask first where you can: an owner who knows you may give you more than a scraper finds, and "
        "`fashiontools scrape urls` fetches any list of photos that you were given.",
    ),
    "Politeness": (
        "robots.txt of each host is read before anything else is asked of it, and obeyed: what it refuses is not "
        "fetched, and where it cannot be had because the server is in trouble, nothing is. Its Crawl-delay is kept. "
        "Photos whose server says noai or noimageai are left alone. --ignore-robots and --ignore-noai exist for sites "
        "of your own and for owners who gave you leave.",
        "One request at a time goes to a host, and --delay seconds and up to half of it more pass between two. A "
        "server that says how long to wait (Retry-After) is waited for, up to --max-wait. After 429, 5xx and broken "
        "connections a request is tried again, ever later; 403 is never argued with. A page in the browser, whose "
        "headers cannot be seen, is tried again after 1, 2, 4 ... seconds, a minute at most.",
        "We come under our own name, fashiontools, which a browser adds to its own; --contact tells the owner whom to "
        "write to. A CAPTCHA, or any other question whether we are a program, ends the run: what was fetched is kept, "
        "and nothing is done to get around it.",
    ),
    "Login": (
        "Pinterest shows most boards to everybody; after a while it may want a login. --login env takes user and "
        "password from the variables PINTEREST_USER and PINTEREST_PASSWORD, --login ask asks for them on the "
        "terminal, and --login FILE reads them from the first two lines of a file that only you can read "
        "(chmod 600). The password is typed into Pinterest's own page and goes nowhere else: not into a command line, "
        "a log, run.json or an error message. The cookies stay in the profile folder (--profile), so that the next run "
        "needs no login. Keep that folder as you keep a password.",
        "A wrong password is tried once. A CAPTCHA or a second factor ends the run with a line that says so; with "
        "--show the browser has a window, in which you can do by hand what the page asks for. An account that scrapes "
        "may be closed by the site: do not use one that you need.",
    ),
    "Stopping and going on": (
        "Each run can be stopped at any moment, by Ctrl-C, a crash or a power cut, and goes on when the same command "
        "is typed again: what was listed is in listed.log, what was fetched in fetched.log, and nothing is fetched "
        "twice. A board, a search or a list that was read to its end is not asked for again; --update asks for what is "
        "new there and stops after --known things in a row that are known, and --since FOLDER leaves out what an "
        "earlier scrape has. --retry-failed tries again what failed. --overwrite begins anew.",
        "A photo that is pinned twice has the same name, which is made of the image's own signature: "
        "`fashiontools dedupe --by name` keeps one of each over many folders.",
    ),
    "Safety": (
        "Only https is fetched (--allow-http), and only from public addresses, which are checked again after each "
        "redirect. Every file is looked at before it is kept: its size, its type and its pixels. Names of files are "
        "made by us; nothing of a page comes into them. Cookies never go to hosts of images. The browser finds the "
        "hosts of its site and no other, runs without its password store, and dies with the command. "
        "--connect-to HOST:PORT:HOST2:PORT2 and --cacert FILE send browser and downloads to a copy of the site.",
    ),
}
