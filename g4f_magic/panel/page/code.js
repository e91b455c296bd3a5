// What can be done with a block of code of a reply.

/** The language that the kernel says a block is in, in the words of its fence. */
function languageOf(pre) {
  const code = pre.querySelector("code");
  const named = pre.dataset.language ?? code?.dataset.language ?? pre.dataset.g4fLanguage ?? "";
  return named || /(?:^|\s)language-(\S+)/.exec(`${code?.className ?? ""} ${pre.className}`)?.[1] || "";
}

function decorateCode(root, panel) {
  for (const pre of root.querySelectorAll("pre")) {
    const code = () => pre.textContent.replace(/\n$/, "");
    const copy = button("Copy", async () => {
      if (!(await copyText(code()))) {
        panel.say("The browser did not let the code be copied. Select it and press Ctrl+C.", true);
        return;
      }
      answers(copy, "Copied");
      panel.announce("Code copied");
    }, {title: "Copy this code", sign: "copy"});
    const insert = button("Insert below", () => insertCode(panel, code(), insert),
      {title: "Insert this code as a new cell below", sign: "cell"});
    insert.hidden = !canInsert(panel);
    const bar = make("div", {className: "g4f-codebar", attrs: {role: "group", "aria-label": "This code"}},
      make("span", {className: "g4f-language", textContent: languageOf(pre) || "code"}),
      copy, insert,
      button("To a variable", () => nameVariable(panel, bar, code()),
        {title: "Put this code into a variable, as text", sign: "variable"}),
    );
    // The colours suit paper; mixed with the theme's ink they can be read on any ground. JupyterLab's themes have their own.
    for (const span of pre.querySelectorAll("span[style]")) {
      if (document.body.dataset.jpThemeLight) break;
      if (span.style.color) span.style.color = `color-mix(in srgb, ${span.style.color} 65%, var(--ink))`;
    }
    const frame = make("div", {className: "g4f-codeframe"});
    pre.replaceWith(frame);
    pre.tabIndex = 0; // it may be wider than the panel
    pre.setAttribute("aria-label", "Code");
    pre.setAttribute("role", "group");
    frame.append(bar, pre);
  }
}

function nameVariable(panel, bar, code) {
  const input = make("input", {type: "text", value: "code", size: 12, attrs: {"aria-label": "Name of the variable"}});
  const close = () => form.remove();
  const form = make("form", {
    className: "g4f-name",
    on: {
      submit: event => {
        event.preventDefault();
        panel.link.ask("variable", {name: input.value, text: code});
        close();
        panel.composer.focus();
      },
      keydown: event => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close();
        bar.querySelector("button:last-of-type").focus();
      },
    },
  }, input, make("button", {type: "submit", className: "g4f-quiet", textContent: "Set"}));
  bar.querySelector("form")?.remove();
  bar.append(form);
  input.select();
}
