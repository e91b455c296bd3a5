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

function button(label, act, {title = label, className = "g4f-quiet"} = {}) {
  return make("button", {
    type: "button", className, textContent: label, title,
    attrs: {"aria-label": title}, on: {click: act},
  });
}

const ids = {count: 0};

// A control with its label before it.
function labelled(text, control, {hidden = false} = {}) {
  control.id = `g4f-${Math.random().toString(36).slice(2, 8)}-${(ids.count += 1)}`;
  const label = make("label", {textContent: text, htmlFor: control.id, className: hidden ? "g4f-unseen" : ""});
  return make("div", {className: "g4f-field"}, label, control);
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no clipboard without https, or in a frame
    const area = make("textarea", {value: text, className: "g4f-unseen"});
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

// Grows with what is written in it, up to the height that the style allows.
function growing(area) {
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  };
  area.addEventListener("input", fit);
  return fit;
}
