// Diagrams, drawn by the front end where it can: JupyterLab has Mermaid, and Notebook 7 within Markdown. Elsewhere their source is shown.

const DIAGRAM = "text/vnd.mermaid";
const MARKDOWN = "text/markdown";

/** The kernel says which may be drawn: nothing in them loads or does anything (see renderers/diagrams.py). */
function drawDiagrams(block, panel) {
  const rendermime = panel.model.widget_manager?.rendermime;
  if (!block.querySelector(".g4f-diagram") || !rendermime?.mimeTypes) return;
  whenNear(block, async () => {
    for (const place of block.querySelectorAll(".g4f-diagram")) {
      const pre = place.querySelector("pre");
      const drawn = await drawing(rendermime, pre.textContent);
      if (!drawn) continue; // Mermaid does not read it: the source stays
      const picture = make("div", {className: "g4f-picture"}, drawn);
      const fold = make("details", {className: "g4f-source"}, make("summary", {textContent: "Source"}));
      pre.replaceWith(picture, fold);
      fold.append(pre);
      panel.pictures.add(async () => picture.isConnected
        && picture.replaceChildren(await drawing(rendermime, pre.textContent) ?? drawn));
    }
  });
}

async function drawing(rendermime, source) {
  const type = [DIAGRAM, MARKDOWN].find(one => rendermime.mimeTypes.includes(one));
  if (!type) return null;
  const fence = "`".repeat(Math.max(3, ...(source.match(/`+/g) ?? []).map(run => run.length + 1))); // nothing in it ends it
  const text = type === DIAGRAM ? source : `${fence}mermaid\n${source}\n${fence}\n`;
  const renderer = rendermime.createRenderer(type);
  await renderer.renderModel({data: {[type]: text}, metadata: {}, trusted: false, setData: () => {}});
  renderer.node.querySelector("img:not([alt])")?.setAttribute("alt", "Diagram");
  return renderer.node.querySelector("img, svg") ? renderer.node : null;
}

/** Draw diagrams anew in the colours of another theme: in those of the one before, their lines may be as dark as the page. */
class Pictures {
  constructor() {
    this.all = new Set();
    this.watch = new MutationObserver(() => {
      for (const draw of this.all) draw().then(isThere => isThere === false && this.all.delete(draw));
    });
    this.watch.observe(document.body, {attributeFilter: ["data-jp-theme-light"]});
  }

  add(draw) {
    this.all.add(draw);
  }

  close() {
    this.watch.disconnect();
    this.all.clear();
  }
}
