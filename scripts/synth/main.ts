/**
 * Prints the resources that `sst deploy` would create, as JSON, without AWS: `sst.config.ts` runs with SST's own
 * components against Pulumi's mocks.
 *
 *     npm run --silent synth -- --stage production
 *
 * Only the JSON goes to stdout; progress and warnings go to stderr. The same sources give the same bytes.
 */
import { Console } from "node:console";
import crypto from "node:crypto";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { loadConfig } from "@streamwarden/config";
import { bundleAppSettings, bundleProgram } from "./bundle.ts";
import { createMocks, type Pulumi, type Resource } from "./mocks.ts";
import { ensurePlatform, loadFromPlatform, platformFolder } from "./platform.ts";
import { startRpcServer } from "./rpc.ts";

const usage = `usage: npm run --silent synth -- --stage <name> [--out <file>]
  --stage  the SST stage, for example production
  --out    write the JSON to this file instead of stdout, where npm's own banner would stand before it
  --work   keep the Lambda bundles in this folder, as artifacts/<function>/code.zip
`;

interface Options {
  readonly stage: string;
  readonly out: string | undefined;
  readonly work: string | undefined;
}

/** The app's own settings for a stage, as `sst.config.ts` gives them. */
interface App {
  readonly name: string;
  readonly stage: string;
  readonly removal: string;
  readonly protect: boolean;
  readonly providers: { readonly aws: { readonly region: string } };
}

const root = resolve(import.meta.dirname, "../..");
const temporary = mkdtempSync(join(tmpdir(), "streamwarden-synth-"));
// Inside the platform's folder, because the program's external imports are resolved from there.
const program = join(root, platformFolder, `synth.${process.pid}.mjs`);
process.once("exit", () => {
  rmSync(program, { force: true });
  rmSync(temporary, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

// Components fail in the background (a handler that does not build, say), out of reach of the catch below.
process.once("unhandledRejection", fail);
process.once("uncaughtException", fail);

try {
  await synthesise(readOptions());
} catch (error) {
  fail(error);
}

function fail(error: unknown): never {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exit(1);
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = "", path, message } = error as NodeJS.ErrnoException;
  if (!["EACCES", "EPERM", "EROFS"].includes(code) || path === undefined) return message;
  return `${path} cannot be written (${code}). synth writes to .sst/ of the project, to --work and to --out: run it as a user who may, or in a copy of the project.`;
}

function readOptions(): Options {
  let values: { stage?: string; out?: string; work?: string };
  try {
    const type = "string";
    values = parseArgs({ options: { stage: { type }, out: { type }, work: { type } } }).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
  const { stage, out, work } = values;
  if (stage === undefined || !/^[a-zA-Z0-9-]+$/.test(stage)) {
    throw new Error(`--stage is missing or is not a word of letters, digits and "-".\n${usage}`);
  }
  return { stage, out, work };
}

async function synthesise(options: Options): Promise<void> {
  const { stage, out } = options;
  const work = options.work === undefined ? temporary : resolve(options.work);
  // SST's components print warnings with console.log; stdout belongs to the graph.
  globalThis.console = new Console(process.stderr, process.stderr);
  process.chdir(root);
  await ensurePlatform(root);
  // The program is bundled to there: better said now than by esbuild.
  accessSync(join(root, platformFolder), constants.W_OK);
  const app = await readApp(stage);

  const graph: Resource[] = [];
  const pulumi = loadFromPlatform(root, "@pulumi/pulumi") as Pulumi;
  await pulumi.runtime.setMocks(createMocks(graph, app.providers.aws.region), app.name, stage, false);
  process.env.SST_SERVER = await startRpcServer(root, work, app.providers.aws.region);
  process.env.SST_SECRETS = "{}";
  nameSecrets();

  await bundleProgram(
    root,
    program,
    `import { run } from ${JSON.stringify(join(root, platformFolder, "src/auto/run.ts"))};
     import config from ${JSON.stringify(join(root, "sst.config.ts"))};
     export const start = () => run(config.run);`,
    {
      $app: JSON.stringify(app),
      $dev: "false",
      $cli: JSON.stringify({
        command: "deploy",
        dev: false,
        state: { version: {} },
        paths: { home: work, root, work, platform: join(root, platformFolder) },
      }),
    },
  );
  makeNamesRepeatable();
  const { start } = (await import(pathToFileURL(program).href)) as { start: () => Promise<unknown> };
  await pulumi.runtime.runInPulumiStack(start);

  // Resources register in the background: when nothing is left to do, the graph is complete.
  process.once("beforeExit", () => {
    const text = render(app, graph, work);
    if (out === undefined) process.stdout.write(text);
    else writeFileSync(out, text);
  });
}

async function readApp(stage: string): Promise<App> {
  const outfile = join(temporary, "app.mjs");
  await bundleAppSettings(root, outfile);
  Object.assign(globalThis, { $config: (config: unknown) => config });
  const module = (await import(pathToFileURL(outfile).href)) as {
    default: { app(input: { stage: string }): Promise<Omit<App, "stage">> };
  };
  return { ...(await module.default.app({ stage })), stage };
}

/** Secrets have their names as values: a graph that is looked at and compared must not hold real ones. */
function nameSecrets(): void {
  const { slack, webhook } = loadConfig(process.env.STREAMWARDEN_CONFIG ?? "streamwarden.yml").destinations;
  const names = [
    ...slack.map(({ webhookUrlSecret }) => webhookUrlSecret),
    ...webhook.map(({ signingSecret }) => signingSecret),
  ];
  for (const name of names) process.env[`SST_SECRET_${name}`] = `<secret ${name}>`;
}

/** SST ends physical names with random letters, so that a replaced resource does not collide with its predecessor. */
function makeNamesRepeatable(): void {
  Object.assign(crypto, { randomBytes: (size: number) => Buffer.alloc(size) });
}

function render(app: App, graph: readonly Resource[], work: string): string {
  const key = (resource: Resource) => `${resource.type} ${resource.name}`;
  const resources = graph.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  const text = JSON.stringify({ app, resources }, null, 2);
  return `${text.replaceAll(work, "<work>").replaceAll(root, "<root>")}\n`;
}
