import { derivedFields } from "@streamwarden/cloudtrail";
import { link, parse, type Ruleset, type SourceFile } from "@streamwarden/sigma";
import { publicRules } from "../corpora.ts";
import { trailRecords } from "../records.ts";
import { aligned, print, table, times, whole } from "../report.ts";
import { inSteps, raceInSteps, ratioOf } from "../rounds.ts";
import { syntheticRules } from "../rules.ts";
import type { Effort, Section } from "../section.ts";

export const rules: Section = {
  name: "rules",
  title: "what 60, 800 and 10,000 rules cost",
  run,
};

const counts = [60, 800, 10_000] as const;

interface Loaded {
  readonly name: string;
  readonly ruleset: Ruleset;
  readonly loadSeconds: number;
}

async function run({ rounds, items }: Effort): Promise<void> {
  const records = trailRecords(items(10_000));
  const texts = records.map((record) => JSON.stringify(record));
  const sets = counts.map((count) => load(`${whole(count)} rules`, syntheticRules(count)));
  sets.push(load("10,000 that name operations", syntheticRules(10_000, "named")));
  const copied = copiesOfPublicRules(10_000);
  if (copied !== undefined) sets.push(load("10,000 copies of SigmaHQ's", copied));

  const results = await raceInSteps(
    [
      { name: "JSON.parse", steps: () => inSteps(texts, (text) => JSON.parse(text)) },
      ...sets.map(({ name, ruleset }) => ({
        name: `parse + match, ${name}`,
        steps: () => inSteps(texts, (text) => ruleset.match(JSON.parse(text))),
      })),
    ],
    rounds,
  );
  const matchesOf = ({ ruleset }: Loaded): number =>
    texts.reduce((sum, text) => sum + ruleset.match(JSON.parse(text)).length, 0);
  print(`${whole(texts.length)} records of a synthetic trail, one in 20 of IVS:`);
  print(table(results, "records", results.slice(0, 1)));
  const [, smallest, , largest, named] = results;
  if (smallest !== undefined && largest !== undefined && named !== undefined) {
    const growth = `${times(ratioOf(largest, smallest))}, or ${times(ratioOf(named, smallest))} where all of them name operations`;
    print(`\nGrowth of parse + match from 60 to 10,000 rules: ${growth}.`);
  }
  print("\nLoading (once, from text to index):");
  print(
    aligned([
      ["", "seconds", "ms/rule", "matches"],
      ...sets.map((set) => [
        set.name,
        set.loadSeconds.toFixed(2),
        ((set.loadSeconds * 1000) / set.ruleset.rules.length).toFixed(2),
        whole(matchesOf(set)),
      ]),
    ]),
  );
}

function load(name: string, files: readonly SourceFile[]): Loaded {
  const start = performance.now();
  const { documents, problems } = parse(files);
  const { ruleset, problems: more } = link(documents, {
    derived: derivedFields,
    logsource: { product: "aws", service: "cloudtrail" },
  });
  const loadSeconds = (performance.now() - start) / 1000;
  const refused = [...problems, ...more].find(({ severity }) => severity === "error");
  if (refused !== undefined) throw new Error(`${refused.path}: ${refused.message}`);
  return { name, ruleset, loadSeconds };
}

/** The same few rules again and again, each with an id of its own: what no index can tell apart. */
function copiesOfPublicRules(count: number): SourceFile[] | undefined {
  const originals = publicRules();
  if (originals === undefined) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const { path, text } = originals[index % originals.length] ?? { path: "", text: "" };
    const id = `00000000-0000-4000-8000-${`${index}`.padStart(12, "0")}`;
    return { path: `${index}-${path}`, text: text.replace(/^id: .*$/m, `id: ${id}`) };
  });
}
