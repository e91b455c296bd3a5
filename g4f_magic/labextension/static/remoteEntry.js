// What JupyterLab and Notebook 7 load: a container as module federation has it, written by hand, so that nothing is built.
// The rest are plain modules beside this file.
(() => {
  const here = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  const files = [
    "extension.js", "shared.js", "cells.js", "prompts.js", "link.js", "actions.js", "about.js", "approving.js", "blocks.js", "replies.js", "sidebar.js",
    "source.js", "style.css",
  ];
  /** @type {Record<string, any>} */
  let scope = {};

  /** Have the browser fetch the files anew once after an upgrade: the server lets it keep them for a year. */
  async function refresh() {
    const version = new URL(here).searchParams.get("v") || "";
    try {
      if (localStorage.getItem("g4f-magic") === version) return;
      await Promise.all(files.map((name) => fetch(new URL(name, here), { cache: "reload" })));
      localStorage.setItem("g4f-magic", version);
    } catch {
      // A page without storage, or a server that is away for a moment: what the browser has serves.
    }
  }

  const registry = /** @type {any} */ (window);
  registry._JUPYTERLAB = registry._JUPYTERLAB || {};
  registry._JUPYTERLAB["g4f-magic"] = {
    /** @param {Record<string, any>} shared what the front end shares, by package and version */
    init(shared) {
      scope = shared;
    },
    /** @param {string} _name */
    async get(_name) {
      await refresh();
      const { extension } = await import(new URL("extension.js", here).href);
      const plugin = await extension(scope);
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
