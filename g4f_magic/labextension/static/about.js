// What "Ask about this" gives to the chat: marked text, an output, an error or a cell, as the files that one could drop there.

import { textOf } from "./source.js";

/** How terminals colour text. */
const COLOURS = /\u001b\[[0-9;]*m/g;
const PICTURES = { "image/png": "png", "image/jpeg": "jpg" };

/**
 * Return what is marked in the notebook; else the output that lies at `target`, else the cell there, or the one in use.
 * @param {Element | null} target
 * @returns {File[]}
 */
export function selected(panel, target) {
  const cell = panel.content.widgets.find((one) => one.node.contains(target)) ?? panel.content.activeCell;
  const marked = markedIn(panel, cell);
  if (marked.trim()) return [file("selection.txt", marked)];
  if (!cell) return [];
  const outputs = cell.outputArea ? Array.from(cell.outputArea.widgets, (_, at) => cell.outputArea.model.get(at)?.toJSON()) : [];
  const at = cell.outputArea?.widgets.findIndex((one) => one.node.contains(target)) ?? -1;
  const number = cell.model.executionCount ? ` ${cell.model.executionCount}` : "";
  if (target && at >= 0) return shown(outputs[at], number);
  const source = file(`Cell${number}.${cell.model.type === "code" ? "py" : "md"}`, cell.model.sharedModel.getSource());
  return [source, ...outputs.flatMap((one) => shown(one, number))];
}

/** Return the text that is marked in the cell's editor, or anywhere in the notebook. */
function markedIn(panel, cell) {
  const { start, end } = cell?.editor?.getSelection() ?? {};
  if (start) {
    const [from, to] = [start, end].map((one) => cell.editor.getOffsetAt(one)).sort((a, b) => a - b);
    if (from < to) return cell.model.sharedModel.getSource().slice(from, to);
  }
  const marked = window.getSelection();
  return marked && panel.content.node.contains(marked.anchorNode) ? marked.toString() : "";
}

/** Return an output as a file: a picture, an error, or its text; none where it has no such thing. */
function shown(output, number) {
  if (!output) return [];
  const joined = (text) => (Array.isArray(text) ? text.join("") : String(text ?? ""));
  if (output.output_type === "error") {
    return [file(`Error${number}.txt`, joined(output.traceback?.join("\n") || output.evalue).replace(COLOURS, ""))];
  }
  for (const [type, ending] of Object.entries(PICTURES)) {
    const data = output.data?.[type];
    if (data) return [new File([bytes(joined(data))], `Output${number}.${ending}`, { type })];
  }
  const text = joined(output.text ?? textOf(output.data)).replace(COLOURS, "");
  return text ? [file(`Output${number}.txt`, text)] : [];
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}

function file(name, text) {
  return new File([text], name, { type: "text/plain" });
}
