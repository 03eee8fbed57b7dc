import { derivedFields } from "@streamwarden/cloudtrail";
import { link, parse, type Ruleset, type SourceFile } from "@streamwarden/sigma";
import { publicRules } from "../corpora.ts";
import { trailRecords } from "../records.ts";
import { aligned, print, table, times, whole } from "../report.ts";
import { type Contestant, race, ratioOf } from "../rounds.ts";
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

  const matched = new Map<string, number>();
  const contestants = sets.map(
    ({ name, ruleset }): Contestant => ({
      name: `parse + match, ${name}`,
      run: () => {
        let matches = 0;
        for (const text of texts) matches += ruleset.match(JSON.parse(text)).length;
        matched.set(name, matches);
        return texts.length;
      },
    }),
  );
  const results = await race(
    [
      {
        name: "JSON.parse",
        run: () => {
          for (const text of texts) JSON.parse(text);
          return texts.length;
        },
      },
      ...contestants,
    ],
    rounds,
  );
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
      ...sets.map(({ name, ruleset, loadSeconds }) => [
        name,
        loadSeconds.toFixed(2),
        ((loadSeconds * 1000) / ruleset.rules.length).toFixed(2),
        whole(matched.get(name) ?? 0),
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
