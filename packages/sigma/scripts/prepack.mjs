// The workspace runs the TypeScript sources; Node rejects them inside node_modules. So the tarball gets JavaScript and
// declarations, and for the moment of packing a manifest that points at them. postpack.mjs puts the workspace's back.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dist, folder, license, manifest, savedManifest } from "./package-files.mjs";

rmSync(dist, { recursive: true, force: true });
const compiler = join(folder, "../../node_modules/typescript/bin/tsc");
execFileSync(process.execPath, [compiler, "--project", join(folder, "tsconfig.build.json")], {
  stdio: "inherit",
});
copyFileSync(join(folder, "../../LICENSE"), license);

// A packing that was killed leaves the saved manifest behind: that one is the original.
const original = readFileSync(existsSync(savedManifest) ? savedManifest : manifest, "utf8");
writeFileSync(savedManifest, original);
const { private: _, scripts: __, devDependencies: ___, ...published } = JSON.parse(original);
published.exports = {
  ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
  "./schemas/*": "./schemas/*",
};
writeFileSync(manifest, `${JSON.stringify(published, null, 2)}\n`);
