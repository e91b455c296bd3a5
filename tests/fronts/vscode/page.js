// VS Code's own bundle of widgets shows a panel; the kernel is a comm of the test's.

const loaded = {};
let anonymous = null;
window.define = (...given) => {
  const make = given.pop();
  const name = typeof given[0] === "string" ? given.shift() : "";
  const module = {needs: given[0] ?? [], make};
  if (name) loaded[name] = module; else anonymous = module;
};
window.define.amd = true;
const value = name => {
  const one = loaded[name];
  one.value ??= typeof one.make === "function" ? one.make(...one.needs.map(value)) : one.make;
  return one.value;
};
window.requirejs = (names, give, fail) => names.every(name => loaded[name]) ? give(...names.map(value)) : fail(Error(names));

const signal = {connect() {}, disconnect() {}};
const kernel = new Proxy({
  status: "idle", connectionStatus: "connected", name: "python3", id: "kernel", username: "", clientId: "client",
  registerCommTarget() {}, requestCommInfo: async () => ({content: {comms: {}}}),
}, {get: (own, name) => name in own ? own[name] : name === "then" ? undefined : signal});
const scripts = {
  widgetsRegisteredInRequireJs: new Set(),
  async loadWidgetScript(name) {
    if (loaded[name]) return;
    const response = await fetch(`/${name}.js`);
    window.eval(await response.text());
    loaded[name] = anonymous;
  },
  successHandler() {}, errorHandler(...told) { console.error(...told); },
};

/** Show a panel of that state; it hears the kernel by `window.hear` and `window.change`. */
window.show = async (state, theme) => {
  const {activate} = await import("/ipywidgets.js");
  activate();
  window.vscIPyWidgets8.load();
  const box = document.querySelector(".cell-output-ipywidget-background");
  const manager = new window.vscIPyWidgets.WidgetManager(kernel, box, scripts, () => {}, null);
  window.manager = manager;
  const heard = [];
  const comm = {
    comm_id: "panel", target_name: "jupyter.widget", on_msg: hear => { heard.push(hear); }, on_close() {}, close() {},
    send: data => { if (data.method === "custom") window.toKernel(data.content); return "sent"; },
  };
  const tell = data => heard.forEach(hear => hear({content: {data}, buffers: [], metadata: {}}));
  window.hear = content => tell({method: "custom", content});
  window.change = (name, value) => tell({method: "update", state: {[name]: value}, buffer_paths: []});
  const model = await manager.new_model({
    model_name: "AnyModel", model_module: "anywidget", model_module_version: "*",
    view_name: "AnyView", view_module: "anywidget", view_module_version: "*", model_id: "panel", comm,
  }, state);
  const view = await manager.create_view(model);
  await manager.display_view(undefined, view, {node: box});
};
