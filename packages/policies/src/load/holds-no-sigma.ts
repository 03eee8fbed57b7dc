import { misspelled } from "@streamwarden/sigma";

/** Keys that other YAML files do not have at the top, but every Sigma document has one of. */
const sigmaKeys = ["detection", "correlation", "filter", "logsource"];
/** Of short words too many are near. */
const longKeys = sigmaKeys.filter((key) => key.length > 6);
/** Further keys of Sigma. Two of them are no accident; one alone (`level`, `status`) may be. */
const commonKeys = [
  "level",
  "status",
  "falsepositives",
  "custom_attributes",
  "related",
  "taxonomy",
  "action",
];

/**
 * Whether a YAML file is plainly something else: `mkdocs.yml`, a compose file, a workflow. Public rule sets hold such
 * files beside their rules. Doubt counts as Sigma, so that a slip in a rule is reported and never left out: a key
 * that is nearly one of Sigma's is enough, and so is a text that cannot be judged by its lines.
 */
export function holdsNoSigma(text: string): boolean {
  const keys = topLevelKeys(text);
  if (keys === undefined) return false;
  const isSigma = keys.some((key) => sigmaKeys.includes(key) || misspelled(key, longKeys, 2) !== undefined);
  return !isSigma && keys.filter((key) => commonKeys.includes(key)).length < 2;
}

/** The keys that begin lines without more indentation than the first; undefined for a text that is written otherwise. */
function topLevelKeys(text: string): string[] | undefined {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(?:#|$)|^(?:---|\.\.\.|%)/.test(line));
  const [first] = lines;
  // Nothing at all is for the parser to say.
  if (first === undefined || /^\s*[{["'?&*]|^\s*!/.test(first)) return undefined;
  // Rules in a list are not Sigma, but were meant to be.
  if (/^\s*-\s/.test(first)) return lines.flatMap((line) => keyOf(line.replace(/^[\s-]*/, "")) ?? []);
  const indentation = /^\s*/.exec(first)?.[0] ?? "";
  return lines
    .filter((line) => line.startsWith(indentation))
    .flatMap((line) => keyOf(line.slice(indentation.length)) ?? []);
}

function keyOf(line: string): string | undefined {
  return /^["']?([A-Za-z_][\w-]*)["']?\s*:(?:\s|$)/.exec(line)?.[1]?.toLowerCase();
}
