// Starts Pyodide with folders of this machine in it, runs a program there, and prints what it returns.
import {loadPyodide} from "pyodide";

const told = JSON.parse(process.argv[2]);
const pyodide = await loadPyodide({env: {HOME: "/home/pyodide", ...told.env}});
const {FS} = pyodide;
for (const [place, root] of Object.entries(told.mounts)) {
  FS.mkdirTree(place);
  FS.mount(FS.filesystems.NODEFS, {root}, place);
}
pyodide.globals.set("told", pyodide.toPy(told));
await pyodide.runPythonAsync("import os, sys\nsys.path[:0] = told['path']\nos.chdir(told['work'])");
console.log(`\n${await pyodide.runPythonAsync(told.code)}`);
