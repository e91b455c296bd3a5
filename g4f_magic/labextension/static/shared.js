// The front end's own modules, as it shares them with its extensions.

/**
 * Return a shared module, in its highest version; null where this front end has none of that name.
 * @param {Record<string, any>} scope
 * @param {string} name
 * @returns {Promise<any>}
 */
export async function shared(scope, name) {
  const versions = Object.keys(scope[name] || {}).sort((a, b) => compare(b, a));
  if (!versions.length) return null;
  try {
    return (await scope[name][versions[0]].get())();
  } catch (error) {
    missing(name, error);
    return null;
  }
}

/**
 * Compare two versions by their numbers.
 * @param {string} one
 * @param {string} other
 */
function compare(one, other) {
  const [a, b] = [one, other].map((version) => version.split(/[.-]/).map((part) => parseInt(part, 10) || 0));
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    if ((a[at] || 0) !== (b[at] || 0)) return (a[at] || 0) - (b[at] || 0);
  }
  return 0;
}

/**
 * Say in one line what this front end does not have, so that a part of ours stays out.
 * @param {string} what
 * @param {unknown} [why]
 */
export function missing(what, why) {
  console.info(`g4f-magic: without ${what}`, why ?? "");
}

/**
 * Run a part of ours; where this front end lacks what it needs, leave that part out.
 * @param {string} what
 * @param {() => void} part
 */
export function attempt(what, part) {
  try {
    part();
  } catch (error) {
    missing(what, error);
  }
}
