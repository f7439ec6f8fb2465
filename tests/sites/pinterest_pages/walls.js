// What comes between the visitor and the page. `locked` says whether the page can be scrolled.
const SCROLLS = 2;
let locked = false;

function raiseWall() {
  const closable = PAGE.wall === "modal";
  const box = node("div", { class: "c-box", role: "dialog" }, node("h2", {}, PAGE.words.signup),
    node("a", { href: "/login/", class: "c-red" }, PAGE.words.login));
  const wall = node("div", { class: "c-wall", "data-test-id": closable ? "fullPageSignupModal" : "giftWrap" }, box);
  const reached = window.scrollY;
  locked = true;
  document.body.append(wall);
  document.documentElement.classList.add("c-locked");
  document.body.scrollTop = reached;
  if (!closable) return;
  const button = node("button", { "aria-label": PAGE.words.close, class: "c-corner" }, "×");
  button.addEventListener("click", () => {
    wall.remove();
    document.documentElement.classList.remove("c-locked");
    window.scrollTo(0, reached);
    locked = false;
  });
  box.append(button);
}

function raiseBanner() {
  const answers = ["accept", "reject"].map((name) => {
    const button = node("button", { "data-test-id": `cookie-${name}-button`, class: "c-button" }, PAGE.words[name]);
    button.addEventListener("click", () => {
      document.cookie = `cookie_consent=${name}; path=/; secure; max-age=31536000`;
      banner.remove();
    });
    return button;
  });
  const banner = node("div", { class: "c-banner", "data-test-id": "cookie-banner" },
    node("div", { class: "c-consent", role: "dialog", "aria-label": PAGE.words.cookies }, PAGE.words.cookies, ...answers));
  document.body.append(banner);
}

if (PAGE.cookies && !document.cookie.includes("cookie_consent=")) raiseBanner();
if (PAGE.wall) {
  let scrolls = 0;
  document.addEventListener("scrollend", () => {
    scrolls += 1;
    if (scrolls === SCROLLS) raiseWall();
  });
}
