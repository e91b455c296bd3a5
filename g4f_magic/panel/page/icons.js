// The signs on buttons: strokes in a square of 16, in the colour of the text.

const SIGNS = {
  attach: "M8 3v10M3 8h10",
  check: "M3 8.5 6.5 12 13 4.5",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2.2 1.3",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M6 5.5h7v8H6zM10 5.5v-3H3v8h3",
  cell: "M2.5 3h11v4h-11zM8 9.5v4M6 11.5h4",
  down: "M8 3v10M4 9l4 4 4-4",
  edit: "M3 13l.7-3 7-7 2.3 2.3-7 7zM9.3 4.4l2.3 2.3",
  empty: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M7 7v3.5M9 7v3.5",
  error: "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.3",
  file: "M4 2h5.5L12 4.5V14H4zM9 2v3h3",
  find: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3 14 14",
  fold: "M4 6l4 4 4-4",
  left: "M10 3.5 5.5 8l4.5 4.5",
  more: "M3.2 8h.1M8 8h.1M12.8 8h.1",
  redo: "M13 5.5H6a3.5 3.5 0 0 0 0 7h3M10.5 3 13 5.5 10.5 8",
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  right: "M6 3.5 10.5 8 6 12.5",
  send: "M8 13V3M3.5 7.5 8 3l4.5 4.5",
  settings: "M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6M10 2.8a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4zM6 9.8a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z",
  stop: "M4.5 4.5h7v7h-7z",
  talk: "M2.5 3h11v7.5H8L5 13v-2.5H2.5z",
  undo: "M3 5.5h7a3.5 3.5 0 0 1 0 7H7M5.5 3 3 5.5 5.5 8",
  up: "M4 10l4-4 4 4",
  variable: "M5.5 2.5C3 5.5 3 10.5 5.5 13.5M10.5 2.5c2.5 3 2.5 8 0 11M6.5 6l3 4M9.5 6l-3 4",
};
const SVG = "http://www.w3.org/2000/svg";

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "g4f-icon");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SIGNS[name]);
  svg.append(path);
  return svg;
}
