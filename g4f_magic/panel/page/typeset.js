// Formulas in the front end's own letters, where it has a typesetter: MathJax in JupyterLab and Notebook. VS Code's does nothing.

/**
 * The kernel sends MathML, which carries its TeX along; what cannot be typeset stays MathML. A block is typeset when it
 * comes near what is seen: a long conversation may hold thousands of formulas.
 */
function typesetFormulas(block, panel) {
  const typesetter = panel.model.widget_manager?.rendermime?.latexTypesetter;
  if (!typesetter || isVSCode() || !block.querySelector("math[alttext]")) return;
  whenNear(block, () => {
    for (const math of block.querySelectorAll("math[alttext]")) {
      const isDisplay = math.getAttribute("display") === "block";
      const borders = isDisplay ? "$$" : "$";
      const formula = make(isDisplay ? "div" : "span", {
        className: "g4f-formula", textContent: `${borders}${math.getAttribute("alttext")}${borders}`,
      });
      math.replaceWith(formula);
      typesetter.typeset(formula);
    }
  });
}

/** Do something once, when a block comes near what is seen. */
function whenNear(block, act) {
  const watch = new IntersectionObserver(entries => {
    if (!entries.some(entry => entry.isIntersecting)) return;
    watch.disconnect();
    act();
  }, {rootMargin: "800px"});
  watch.observe(block);
}
