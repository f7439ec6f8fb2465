const AHEAD = 3; // heights of the window that are to be below what is seen
const THROTTLE = 100, DEBOUNCE = 300; // ms
const ENDS = /^$|^-end-$|^Y2JOb25lO/;

class Feed {
  constructor(resource, options, bookmark, grid) {
    Object.assign(this, { resource, options, bookmark, grid });
  }

  get ended() {
    return this.bookmark !== undefined && ENDS.test(this.bookmark);
  }

  async next() {
    const bookmarks = this.bookmark ? [this.bookmark] : [];
    const options = { ...this.options, bookmarks, page_size: 25, field_set_key: "react_grid_pin" };
    const query = new URLSearchParams({ source_url: location.pathname, data: JSON.stringify({ options, context: {} }) });
    const answer = await fetch(`/resource/${this.resource}/get/?${query}`, {
      headers: { "X-Requested-With": "XMLHttpRequest", "X-Pinterest-PWS-Handler": "www/[username]/[slug].js" },
      signal: AbortSignal.timeout(1000 * PAGE.patience),
    });
    if (answer.status === 403) location.assign("/challenge/");
    if (!answer.ok) throw new Error(`${this.resource}: ${answer.status}`);
    const { resource_response: { data, bookmark } } = await answer.json();
    this.bookmark = bookmark;
    this.grid.add(data.results ?? data);
  }
}

function stateOfDocument() {
  const now = document.getElementById("__PWS_INITIAL_PROPS__"), old = document.getElementById("__PWS_DATA__");
  return (now ? JSON.parse(now.textContent) : JSON.parse(old.textContent).props).initialReduxState;
}

// No report says how the real spinner is marked.
const spinner = node("div", { "data-test-id": "spinner", role: "progressbar", "aria-label": PAGE.words.loading, class: "c-spinner" });
spinner.innerHTML = `<svg viewBox="0 0 24 24"><path d="M12 2a10 10 0 1 0 10 10" fill="none" stroke="#888" stroke-width="3"/></svg>`;

const feeds = [];
const main = document.querySelector("main");
let fetching = false;

function foreign(resource, options, heading) {
  const frame = node("div", {});
  const names = { "data-test-id": "secondaryBoardGrid", class: "moreIdeasOnBoard" };
  main.append(node("div", PAGE.related ? {} : names, node("h2", { class: "c-title" }, heading), frame));
  feeds.push(new Feed(resource, options, undefined, new Grid(frame)));
}

function finish() {
  if (feeds[0].grid.pins.length === 0 && PAGE.none) main.append(node("p", { class: "c-title" }, PAGE.none));
  if (PAGE.more) foreign("BoardContentRecommendationResource", PAGE.more, PAGE.words.more);
  if (PAGE.related) foreign("RelatedModulesResource", { pin_id: PAGE.related }, PAGE.words.related);
}

async function fetchMore() {
  const page = document.documentElement;
  while (!fetching && !locked) {
    if (feeds.length === 1 && feeds[0].ended) finish();
    const feed = feeds.at(-1);
    if (feed.ended || window.scrollY + AHEAD * window.innerHeight <= page.scrollHeight) return;
    fetching = true;
    main.append(spinner);
    try {
      await feed.next();
    } catch {
      return; // the next scroll tries again
    } finally {
      fetching = false;
      spinner.remove();
    }
  }
}

function update() {
  if (locked) return;
  feeds.forEach((feed) => feed.grid.show());
  fetchMore();
}

let last = -Infinity, later;
document.addEventListener("scroll", () => {
  clearTimeout(later);
  const wait = last + THROTTLE - performance.now();
  const run = () => { last = performance.now(); update(); };
  if (wait > 0) later = setTimeout(run, wait);
  else run();
});

let resized;
window.addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(() => { feeds.forEach((feed) => feed.grid.reflow()); update(); }, DEBOUNCE);
});

const first = stateOfDocument().resources[PAGE.resource ?? "None"];
const grid = new Grid(document.querySelector(".c-frame"));
feeds.push(new Feed(PAGE.resource, PAGE.options, first.nextBookmark, grid));
grid.add(first.data);
fetchMore();
