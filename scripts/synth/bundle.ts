import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadFromPlatform, platformFolder } from "./platform.ts";

/** The part of esbuild that is used here; the module itself comes with the platform. */
interface Esbuild {
  build(options: Record<string, unknown>): Promise<unknown>;
}

/** What esbuild throws: columns count from 0, and a fault that no file is to blame for has no location. */
interface BuildFailure {
  readonly errors: readonly {
    readonly text: string;
    readonly location: { readonly file: string; readonly line: number; readonly column: number } | null;
  }[];
}

interface EsbuildPluginBuild {
  onLoad(
    options: { filter: RegExp },
    load: (file: { path: string }) => { contents: string; loader: "default" } | undefined,
  ): void;
}

/** What SST's CLI puts above every bundle, so that CommonJS packages work inside an ES module. */
const commonJsBanner = `
import { createRequire as topLevelCreateRequire } from 'module';
const require = topLevelCreateRequire(import.meta.url);
import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"
const __filename = topLevelFileUrlToPath(import.meta.url)
const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))
`;

/**
 * Bundles a program that imports `sst.config.ts` the way SST's CLI does (pkg/js/js.go and pkg/project/run.go of
 * github.com/anomalyco/sst): the globals `sst` and `aws` are imported into every file, `$app` and friends are constants.
 *
 * @param define the values of `$app`, `$cli` and `$dev`, as JSON
 */
export async function bundleProgram(
  root: string,
  outfile: string,
  code: string,
  define: Record<string, string>,
): Promise<void> {
  const platform = join(root, platformFolder);
  const globals = importGlobals(root);
  await build(root, "sst.config.ts", {
    stdin: { contents: code, resolveDir: root, sourcefile: "eval.ts", loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2023",
    mainFields: ["module", "main"],
    nodePaths: [join(platform, "node_modules")],
    external: [
      "@pulumi/*",
      "undici",
      "@pulumiverse/*",
      "@sst-provider/*",
      "@aws-sdk/*",
      "esbuild",
      "archiver",
      "glob",
      "vite",
    ],
    inject: [join(platform, "src/shim/run.js")],
    define,
    banner: { js: commonJsBanner },
    plugins: [
      {
        name: "inject-globals",
        setup(build: EsbuildPluginBuild) {
          build.onLoad({ filter: /\.(js|ts|jsx|tsx)$/ }, ({ path }) =>
            path.includes("/.sst/")
              ? undefined
              : { contents: `${globals}\n${readFileSync(path, "utf8")}`, loader: "default" },
          );
        },
      },
    ],
  });
}

/** Bundles `sst.config.ts` for its `app()` alone, which SST asks for before any component exists. */
export async function bundleAppSettings(root: string, outfile: string): Promise<void> {
  await build(root, "sst.config.ts", {
    entryPoints: [join(root, "sst.config.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: { js: commonJsBanner },
  });
}

/**
 * Bundles a Lambda handler with the options of SST's Node runtime (pkg/runtime/node/build.go), but for its target:
 * the platform's esbuild is older than the CLI's and does not know es2024.
 *
 * @param handler `<path without extension>.<export>`, relative to the repository
 * @returns the handler's name inside the bundle
 * @throws Error when there is no such file
 */
export async function bundleHandler(root: string, handler: string, folder: string): Promise<string> {
  const dot = handler.lastIndexOf(".");
  const source = [".ts", ".mts", ".js", ".mjs"]
    .map((extension) => join(root, handler.slice(0, dot) + extension))
    .find((path) => existsSync(path));
  if (source === undefined) throw new Error(`Handler not found: ${handler}`);
  await build(root, handler, {
    entryPoints: [source],
    outfile: join(folder, "bundle.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    keepNames: true,
    mainFields: ["module", "main"],
    external: ["sharp", "pg-native"],
    banner: { js: commonJsBanner.trim() },
  });
  return `bundle${handler.slice(dot)}`;
}

/** @throws Error with a sentence for each fault, where esbuild itself would print a report and throw another. */
async function build(root: string, what: string, options: Record<string, unknown>): Promise<void> {
  const esbuild = loadFromPlatform(root, "esbuild") as Esbuild;
  try {
    await esbuild.build({ ...options, absWorkingDir: root, logLevel: "silent" });
  } catch (error) {
    const { errors = [] } = error as Partial<BuildFailure>;
    if (errors.length === 0) throw error;
    const lines = errors.map(({ text, location }) =>
      location === null ? text : `${location.file}:${location.line}:${location.column + 1}: ${text}`,
    );
    throw new Error(`${what} cannot be bundled: ${lines.join("\n")}`, { cause: error });
  }
}

/** `sst install` writes which Pulumi providers the app uses, and under which global name. */
function importGlobals(root: string): string {
  const providers = JSON.parse(readFileSync(join(root, ".sst/provider-lock.json"), "utf8")) as {
    alias: string;
    package: string;
  }[];
  const imports = providers.map((provider) => `import * as ${provider.alias} from "${provider.package}";`);
  return [...imports, `import * as sst from "${join(root, platformFolder, "src/components")}";`].join("\n");
}
