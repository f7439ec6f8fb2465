// The rules of Pinterest's Masonry: a fixed width, each item into the shortest column, and on the page only what is
// less than 0.7 screens away from the screen.
const WIDTH = 236, GUTTER = 16; // px
const MARGIN = 0.7; // heights of the window

class Grid {
  constructor(frame) {
    this.list = node("div", { role: "list", class: "c-grid" });
    frame.append(this.list);
    this.pins = [];
    this.places = [];
    this.mounted = new Map();
    this.reflow();
  }

  add(pins) {
    this.pins.push(...pins);
    this.place();
  }

  reflow() {
    const room = this.list.parentElement.clientWidth;
    const count = Math.max(1, Math.floor((room + GUTTER) / (WIDTH + GUTTER)));
    this.bottoms = Array(count).fill(0);
    this.places = [];
    this.list.style.width = `${count * (WIDTH + GUTTER) - GUTTER}px`;
    this.list.replaceChildren();
    this.mounted.clear();
    this.place();
  }

  place() {
    while (this.places.length < this.pins.length) {
      const height = cardHeight(this.pins[this.places.length], WIDTH);
      const top = Math.min(...this.bottoms);
      const column = this.bottoms.indexOf(top);
      this.places.push({ top, left: column * (WIDTH + GUTTER), height });
      this.bottoms[column] = top + height + GUTTER;
    }
    this.list.style.height = `${Math.max(...this.bottoms)}px`;
    this.show();
  }

  show() {
    const top = this.list.getBoundingClientRect().top, high = window.innerHeight;
    this.places.forEach((place, index) => {
      const from = top + place.top, to = from + place.height;
      const near = to > -MARGIN * high && from < (1 + MARGIN) * high;
      if (near && !this.mounted.has(index)) this.mount(index, place);
      if (!near && this.mounted.has(index)) {
        this.mounted.get(index).remove();
        this.mounted.delete(index);
      }
    });
  }

  mount(index, { top, left, height }) {
    const style = `top:0;left:0;transform:translateX(${left}px) translateY(${top}px);width:${WIDTH}px;height:${height}px`;
    const item = node("div", { "data-grid-item": "true", role: "listitem", class: "c-item", style }, card(this.pins[index]));
    this.mounted.set(index, item);
    const following = [...this.mounted.keys()].filter((other) => other > index).sort((one, two) => one - two)[0];
    this.list.insertBefore(item, this.mounted.get(following) ?? null);
  }
}
