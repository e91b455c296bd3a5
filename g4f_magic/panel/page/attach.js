// What goes along with the next message: chips, which can be taken off. The kernel holds what they stand for.

const MOST_FILE_BYTES = 6_000_000; // as a message in base64 it has to pass the front end, which takes 10 MB
const MOST_CHIPS = 20;
const LARGE_PICTURE_BYTES = 1_500_000;
const LONGEST_SIDE = 2048;

class Attachments {
  constructor(panel) {
    this.panel = panel;
    this.chips = new Map(); // by the key of the request that attached it
    this.list = make("ul", {className: "g4f-chips", hidden: true, attrs: {"aria-label": "Goes along"}});
    this.picker = make("input", {type: "file", multiple: true, hidden: true, attrs: {"aria-label": "Files to attach"},
      on: {change: () => {
        this.files(this.picker.files);
        this.picker.value = "";
      }}});
    this.name = make("input", {type: "text", attrs: {autocomplete: "off"}, on: {keydown: event => this.type(event)}});
    this.names = make("datalist", {id: `g4f-names-${panel.page}`});
    this.row = make("div", {className: "g4f-row g4f-attaching", hidden: true},
      labelled("A variable, a file, @error, @out, @cells or @input", this.name),
      button("Add", () => this.add(), {title: "Attach what is named", className: "g4f-plain"}),
      button("Choose files", () => this.picker.click(),
        {title: "Attach files from this computer", className: "g4f-plain", sign: "file"}),
      this.picker, this.names);
    this.toggle = button("Attach", () => this.open(this.row.hidden),
      {title: "Attach a variable, a file or an output", sign: "attach"});
    this.toggle.setAttribute("aria-expanded", "false");
  }

  // Files that are dropped anywhere on the panel.
  listen(root) {
    root.addEventListener("dragover", event => this.over(event));
    root.addEventListener("dragleave", event => {
      if (!root.contains(event.relatedTarget)) this.mark(false);
    });
    root.addEventListener("drop", event => this.drop(event));
    root.addEventListener("g4f-attach", event => { // what the front end's own command gives: "Ask about This"
      this.files(event.detail);
      this.panel.composer.focus();
    });
    this.root = root;
  }

  over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.mark(true);
  }

  drop(event) {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    this.mark(false);
    this.files(event.dataTransfer.files);
  }

  paste(event) {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    this.files(event.clipboardData.files);
  }

  mark(isOver) {
    this.root.classList.toggle("g4f-dropping", isOver);
  }

  open(isOpen) {
    this.row.hidden = !isOpen;
    this.toggle.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.name.setAttribute("list", this.names.id);
    else this.name.removeAttribute("list");
    if (!isOpen) {
      this.panel.composer.focus();
      return;
    }
    this.name.focus();
    this.panel.link.answer("attachable", {}).then(text => {
      const names = JSON.parse(text ?? "[]");
      this.names.replaceChildren(...names.map(value => make("option", {value})));
    });
  }

  type(event) {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      this.add();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.open(false);
    }
  }

  add() {
    const text = this.name.value.trim();
    if (!text) return;
    this.name.value = "";
    this.put(text, {text});
    this.name.focus();
  }

  async files(files) {
    for (const file of [...files]) {
      const small = await smaller(file);
      if (small.size > MOST_FILE_BYTES) {
        this.panel.say(`${file.name} is larger than ${MOST_FILE_BYTES / 1e6} MB. Attach it by its path.`, true);
        continue;
      }
      this.put(file.name || "picture.png", {name: file.name || "picture.png", data: await base64(small)});
    }
  }

  put(name, fields) {
    if (this.panel.isLost) return;
    if (this.chips.size >= MOST_CHIPS) {
      this.panel.say(`No more than ${MOST_CHIPS} things go along with one message.`, true);
      return;
    }
    const key = this.panel.link.ask("attach", fields);
    this.show(key, {name, about: "…"});
  }

  show(key, {name, about}) {
    const text = about ? `${name} · ${about}` : name;
    const chip = this.chips.get(key)?.node ?? make("li", {className: "g4f-chip"}, make("span"),
      button("Remove", () => this.take(key), {title: `Remove ${name}`, sign: "close", isSignOnly: true}));
    const [words] = chip.children; // the button stays: it may have the focus
    words.textContent = words.title = text;
    this.chips.set(key, {node: chip, name, about});
    if (!chip.isConnected) this.list.append(chip);
    this.list.hidden = false;
  }

  // The kernel has found and described it.
  attached({key, name, about}) {
    if (!this.chips.has(key)) return;
    this.show(key, {name, about});
    this.panel.announce(`${name} goes along`);
  }

  take(key) {
    const chip = this.chips.get(key);
    if (!chip) return;
    const next = chip.node.nextElementSibling ?? chip.node.previousElementSibling;
    const hadFocus = chip.node.contains(focused(this.list));
    chip.node.remove();
    this.chips.delete(key);
    this.list.hidden = !this.chips.size;
    if (hadFocus) (next?.querySelector("button") ?? this.panel.composer.area).focus();
  }

  // All of them, for a message that is sent.
  send() {
    const taken = new Map([...this.chips].map(([key, {name, about}]) => [key, {name, about}]));
    for (const key of taken.keys()) this.take(key);
    return taken;
  }

  // What another page attached, or this one before it was loaded anew, is looked for by its name.
  restore(taken) {
    for (const [key, {isOfOther, ...chip}] of taken) {
      if (isOfOther) this.put(chip.name, {text: chip.name});
      else this.show(key, chip);
    }
  }
}

// A large picture as one that is no larger than what is sent of it.
async function smaller(file) {
  if (!file.type.startsWith("image/") || file.type === "image/gif" || file.size <= LARGE_PICTURE_BYTES) return file;
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = make("canvas", {width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale)});
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const type = file.type === "image/jpeg" ? "image/jpeg" : "image/png";
    return await new Promise(done => canvas.toBlob(blob => done(blob ?? file), type, 0.9));
  } catch { // a kind that this browser does not read: the kernel says what it makes of it
    return file;
  }
}

function base64(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
}
