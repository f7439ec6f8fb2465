// One step through a grid of pins: scroll, wait until the page has drawn, and read all that is mounted.
//
// Argument: by how many viewports to scroll (0: not at all). Returns {pins, more, expected, spinner, wall, bottom}:
// pins: what is mounted and belongs to the board or search, in reading order;
// more: whether the foreign pins below a board are in sight; expected: the board's own count as it is written;
// spinner: whether the page is waiting for more; wall: what locks the page; bottom: whether there is nothing below.
const [step] = arguments
const SETTLE_MS = 200 // the page looks where it stands a few times a second
const FOREIGN = '[data-test-id="secondaryBoardGrid"], .moreIdeasOnBoard'
const PROMOTED = '[data-test-id*="otpp"], [data-test-id*="one-tap-desktop"], [data-test-id*="oneTapPromotedPin"]'
const VIDEO = '[data-test-id="pinrep-video"], [data-test-id="pincard-video-without-link"]'
const DURATION = /^\d+:\d\d/
const TITLE = '[data-test-id="pinrep-footer-organic-title"]'
const QUIET = 150, LONGEST = 1500 // ms
const SPONSORED = /^(sponsored|promoted by .+|gesponsert|anzeige|sponsorisé|sponsorizzato|patrocinado|gesponsord)$/i

async function drawn() {
  await new Promise((resolve) => setTimeout(resolve, step ? SETTLE_MS : 0))
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function shown() {
  return [...document.querySelectorAll('[data-test-id="pin"] img')].map((image) => image.srcset).join()
}

// A page looks only now and then at where it was scrolled to, and gives pictures their addresses still later.
async function settled() {
  const until = performance.now() + LONGEST
  let before
  do {
    before = shown()
    await pause(QUIET)
  } while (shown() !== before && performance.now() < until)
}

function kindOf(card, id, link) {
  const leaves = [...card.querySelectorAll('span, div')].filter((node) => node.childElementCount === 0)
  const labels = leaves.filter((node) => !node.closest(TITLE))
  const promoted = !/^\d+$/.test(id) || card.closest(PROMOTED) || card.querySelector(PROMOTED)
  if (promoted || labels.some((node) => SPONSORED.test(node.textContent.trim()))) return 'promoted'
  const marks = [...card.querySelectorAll('[data-test-id]'), card].map((node) => node.dataset.testId ?? '')
  if (marks.some((mark) => /story/i.test(mark) && !/non-?story/i.test(mark))) return 'story'
  if (marks.some((mark) => /carousel/i.test(mark))) return 'carousel'
  const length = card.querySelector('[data-test-id="PinTypeIdentifier"]')?.textContent.trim() ?? ''
  if (card.querySelector(VIDEO) || DURATION.test(length)) return 'video'
  return link ? 'photo' : 'promoted'
}

function idOf(card, link) {
  const told = card.dataset.testPinId ?? card.querySelector('[data-test-pin-id]')?.dataset.testPinId
  return told ?? link?.pathname.match(/^\/pin\/(?:.*--)?([A-Za-z0-9_-]+)\/?$/)?.[1] ?? ''
}

function pinOf(card) {
  const link = [...card.querySelectorAll('a[href]')].find((anchor) => anchor.pathname.startsWith('/pin/'))
  const image = card.querySelector('img')
  const id = idOf(card, link)
  const title = card.querySelector(TITLE)?.textContent.trim()
  const box = card.getBoundingClientRect()
  return {
    id,
    kind: kindOf(card, id, link),
    title: title ?? link?.getAttribute('aria-label')?.match(/^(.*?)\s*pin page$/i)?.[1] ?? '',
    alt: image?.alt ?? '',
    srcset: image?.srcset || image?.src || '',
    signature: card.querySelector('[data-test-image-signature]')?.dataset.testImageSignature ?? '',
    outward: [...card.querySelectorAll('a[href]')].map((a) => a.href).find((href) => !href.startsWith(location.origin)) ?? '',
    place: [box.top, box.left],
  }
}

function mounted() {
  const board = document.querySelector('[data-test-id="board-feed"]')
  const cards = [...(board ?? document).querySelectorAll('[data-test-id="pin"]')]
  const own = cards.filter((card) => !card.closest(FOREIGN))
  const pins = own.map(pinOf).filter((pin) => pin.id)
  return pins.sort((a, b) => a.place[0] - b.place[0] || a.place[1] - b.place[1])
}

function wall() {
  const names = ['giftWrap', 'fullPageSignupModal', 'login-modal-default']
  return names.find((name) => document.querySelector(`[data-test-id="${name}"]`)) ?? ''
}

function inSight(node) {
  const box = node?.getBoundingClientRect()
  return Boolean(box) && box.height > 0 && box.top < innerHeight
}

function spins() {
  const spinners = [...document.querySelectorAll('[role="progressbar"], [aria-busy="true"], [data-test-id*="spinner"]')]
  return spinners.some((node) => !node.closest(FOREIGN) && node.getClientRects().length > 0)
}

if (step) window.scrollBy(0, step * innerHeight)
await drawn()
if (step) await settled()
const page = document.scrollingElement
return {
  pins: mounted(),
  more: inSight(document.querySelector(FOREIGN)),
  expected: document.querySelector('[data-test-id="pin-count"]')?.textContent.trim() ?? '',
  spinner: spins(),
  wall: wall(),
  bottom: page.scrollTop + innerHeight >= page.scrollHeight - 2,
}
