// Diagrams, drawn by the front end where it can: JupyterLab and Notebook 7 have Mermaid. Elsewhere their source is shown.

const DIAGRAM = "text/vnd.mermaid";

/** The kernel says which may be drawn: nothing in them loads or does anything (see renderers/diagrams.py). */
function drawDiagrams(block, panel) {
  const rendermime = panel.model.widget_manager?.rendermime;
  if (!block.querySelector(".g4f-diagram") || !rendermime?.mimeTypes?.includes(DIAGRAM)) return;
  whenNear(block, async () => {
    for (const place of block.querySelectorAll(".g4f-diagram")) {
      const pre = place.querySelector("pre");
      const renderer = rendermime.createRenderer(DIAGRAM);
      await renderer.renderModel({data: {[DIAGRAM]: pre.textContent}, metadata: {}, trusted: false, setData: () => {}});
      if (!renderer.node.querySelector("img, svg")) continue; // Mermaid does not read it: the source stays
      const fold = make("details", {className: "g4f-source"}, make("summary", {textContent: "Source"}));
      pre.replaceWith(make("div", {className: "g4f-picture"}, renderer.node), fold);
      fold.append(pre);
    }
  });
}
