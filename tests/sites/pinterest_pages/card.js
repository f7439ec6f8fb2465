const LAZY = 30; // ms from a card's mounting until its picture has an address
const PADS = { none: 12, title: 44, ad: 64 }; // px below a picture

function node(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const marked = (name, ...children) => node("div", { "data-test-id": name }, ...children);

// Numbers that differ from pin to pin, and are always the same for one.
const variant = (pin, count) => parseInt(pin.image_signature.slice(0, 4), 16) % count;

function cardHeight(pin, width) {
  const { orig } = pin.images;
  const pad = pin.is_promoted ? PADS.ad : pin.grid_title ? PADS.title : PADS.none;
  return Math.round((width * orig.height) / orig.width) + pad;
}

function picture(pin) {
  const { images } = pin;
  const kind = pin.story_pin_data ? "grid-story-pin-image" : "grid-non-story-pin-image";
  const image = node("img", { alt: pin.auto_alt_text ?? "", elementtiming: `${kind}-${PAGE.timing}`, fetchpriority: "auto" });
  setTimeout(() => {
    image.srcset = `${images["236x"].url} 1x, ${images["474x"].url} 2x, ${images["736x"].url} 3x, ${images.orig.url} 4x`;
    image.src = images["236x"].url;
  }, LAZY);
  return image;
}

const badge = (words) => node("div", { "data-test-id": "PinTypeIdentifier", class: "c-badge" }, words);

// What stands in the place of a photo. How cards of stories and carousels look is a guess: no report shows them.
function body(pin) {
  const image = picture(pin);
  if (pin.videos) {
    const seconds = Math.round(pin.videos.video_list.V_HLSV4.duration / 1000);
    const words = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    return [marked("pinrep-video", image, badge(words)), "pincard-video-without-link"];
  }
  if (pin.carousel_data) {
    const slots = pin.carousel_data.carousel_slots;
    return [marked("pinrep-carousel", marked("carousel-pin-image", image), badge(`1/${slots.length}`)), "pincard-carousel"];
  }
  if (pin.story_pin_data) {
    return [marked("pinrep-image", marked("story-pin-image", image), badge(`${pin.story_pin_data.page_count}`)), "pincard-story"];
  }
  return [marked("pinrep-image", marked("non-story-pin-image", image)), "pincard-image-with-link"];
}

function footer(pin, href) {
  const lines = [];
  if (pin.grid_title) {
    const title = node("div", { "data-test-id": "pinrep-footer-organic-title", class: "c-words" }, pin.grid_title);
    lines.push(node("a", { href, class: "c-link" }, title));
  }
  if (pin.is_promoted) {
    const { sponsored, promoted } = PAGE.words;
    const words = variant(pin, 2) ? sponsored : `${promoted} ${pin.promoter.full_name}`;
    lines.push(node("div", { class: "c-words" }, words));
  }
  return marked("pinrep-footer", ...lines);
}

function card(pin) {
  const href = pin.is_promoted ? pin.link : pin.seo_url;
  const { orig } = pin.images;
  const [shown, name] = body(pin);
  const label = `${pin.grid_title} ${variant(pin, 2) ? PAGE.words.pinPage : PAGE.words.pinPage.replace(/^p/, "P")}`.trim();
  const shape = node("div", {
    "data-test-id": name,
    class: "c-shape",
    style: `padding-bottom:${(100 * orig.height) / orig.width}%;background-color:${pin.dominant_color}`,
  }, shown);
  const linked = node("a", { href, "aria-label": label, class: "c-link" },
    node("div", { "data-test-image-signature": pin.image_signature }, shape));
  let wrapped = marked("pinWrapper", linked, footer(pin, href));
  if (pin.is_promoted) wrapped = marked(["one-tap-desktop", "otpp", "oneTapPromotedPin"][variant(pin, 3)], wrapped);
  return node("div", { "data-test-id": "pin", "data-test-pin-id": pin.id }, marked("pinRepPresentation", wrapped));
}
