// The text that a reply's Markdown was written from: `g4f_magic/markdown_source.py` says how, and reads the same.

/**
 * Return the text of an output of ours as it came: its plain text, else what its Markdown was written from; undefined where it has none.
 * @param {Record<string, any>} [data]
 * @returns {string | undefined}
 */
export function textOf(data) {
  const [plain, markdown] = [data?.["text/plain"], data?.["text/markdown"]].map((text) => (Array.isArray(text) ? text.join("") : text));
  return typeof plain === "string" ? plain : typeof markdown === "string" ? sourceOfMarkdown(markdown) : undefined;
}

/** @param {string} markdown */
export function sourceOfMarkdown(markdown) {
  let fence = "";
  return markdown.split("\n").flatMap((line) => {
    const opening = fence || /^(?:`{3,}|\$\$$)/.exec(line)?.[0] || "";
    const isVerbatim = opening !== "";
    fence = fence && line === fence ? "" : opening;
    return isVerbatim ? [line] : /^[ >]* $/.test(line) ? [] : [spelled(line)];
  }).join("\n");
}

/** @param {string} line */
function spelled(line) {
  if (line === "*** ") return "---";
  return line
    .replace(/\\$/, "  ")
    .replace(/^\*\*(.*)\*\*( {1,6})$/, (_, title, blanks) => `${"#".repeat(blanks.length)} ${title.replaceAll("__", "**")}`)
    .replace(/<(https?:\/\/[^<>\s]*)>/g, "$1")
    .replace(/&(?:#(\d{1,4})|amp);/g, (_, number) => String.fromCodePoint(Number(number || 38)));
}
