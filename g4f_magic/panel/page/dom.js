// What the other files make elements with. Text from the kernel is set as text; only `html` is trusted, and the
// kernel has cleaned it (see rendering.py).

function make(tag, {html, on = {}, attrs = {}, ...props} = {}, ...children) {
  const node = document.createElement(tag);
  Object.assign(node, props);
  for (const [name, value] of Object.entries(attrs)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  for (const [name, listener] of Object.entries(on)) node.addEventListener(name, listener);
  if (html !== undefined) node.innerHTML = html;
  node.append(...children);
  return node;
}

/** A button with its word on it, with a sign before it, or with the sign alone; `title` says more. */
function button(label, act, {title = label, className = "g4f-quiet", sign = "", isSignOnly = false} = {}) {
  const word = make("span", {className: "g4f-word", textContent: label, hidden: isSignOnly});
  return make("button", {
    type: "button", className, title, attrs: {"aria-label": title}, on: {click: act},
  }, ...(sign ? [icon(sign)] : []), word);
}

/** Say on the button itself, for a moment, that it did what it says. */
function answers(control, text, sign = "check") {
  control.usual ??= [...control.childNodes];
  control.replaceChildren(icon(sign), make("span", {className: "g4f-word", textContent: text}));
  control.classList.add("g4f-answered");
  clearTimeout(control.undoing);
  control.undoing = setTimeout(() => {
    control.replaceChildren(...control.usual);
    control.classList.remove("g4f-answered");
  }, DID_MS);
}

const DID_MS = 1800;
const ids = {count: 0};

function newId(name) {
  return `g4f-${name}-${Math.random().toString(36).slice(2, 8)}-${(ids.count += 1)}`;
}

/** A control with its label before it, and with a hint below it. */
function labelled(text, control, {hidden = false, hint = ""} = {}) {
  control.id = newId("field");
  const label = make("label", {textContent: text, htmlFor: control.id, className: hidden ? "g4f-unseen" : ""});
  const field = make("div", {className: "g4f-field"}, label, control);
  if (hint) {
    const about = make("div", {className: "g4f-hint", id: newId("hint"), textContent: hint});
    control.setAttribute("aria-describedby", about.id);
    field.append(about);
  }
  return field;
}

function isVSCode() {
  return Boolean(document.body.dataset.vscodeThemeKind);
}

/** Return whether the text is in the clipboard now. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // no clipboard without https, or in a frame
    const area = make("textarea", {value: text, className: "g4f-unseen"});
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    return isCopied;
  }
}

/** Grows with what is written in it, up to the height that the style allows. */
function growing(area) {
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`; // with its borders
  };
  area.addEventListener("input", fit);
  return fit;
}

/** Which element has the focus, also where the panel stands in a shadow tree. */
function focused(node) {
  return node.getRootNode().activeElement;
}
