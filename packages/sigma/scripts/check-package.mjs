// Packs the package, installs the tarball into an empty folder, type-checks the README's script there and runs it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folder } from "./package-files.mjs";

const rule = `title: Channel created outside the approved regions
logsource: {product: aws, service: cloudtrail}
level: high
detection:
  create: {eventSource: ivs.amazonaws.com, eventName: CreateChannel}
  approved: {awsRegion|expand: '%ApprovedRegions%'}
  condition: create and not approved
`;
const event = { eventSource: "ivs.amazonaws.com", eventName: "CreateChannel", awsRegion: "us-east-1" };
const expected = "Channel created outside the approved regions: match";

const empty = mkdtempSync(join(tmpdir(), "sigma-package-"));
function run(command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}
try {
  run("npm", ["pack", "--silent", "--pack-destination", empty], folder);
  const version = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
  writeFileSync(join(empty, "package.json"), JSON.stringify({ name: "empty", type: "module" }));
  run("npm", ["install", "--silent", `./streamwarden-sigma-${version}.tgz`], empty);
  const script = /```ts\n(.*?)```/s.exec(readFileSync(join(folder, "README.md"), "utf8"))?.[1] ?? "";
  writeFileSync(join(empty, "script.ts"), script);
  writeFileSync(join(empty, "rule.yml"), rule);
  writeFileSync(join(empty, "event.json"), JSON.stringify(event));
  const root = join(folder, "../../node_modules");
  const options = {
    module: "nodenext",
    target: "es2024",
    lib: ["es2024", "esnext.collection"],
    strict: true,
    noEmit: true,
  };
  const compilerOptions = { ...options, types: ["node"], typeRoots: [join(root, "@types")] };
  writeFileSync(join(empty, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  run(process.execPath, [join(root, "typescript/bin/tsc"), "--project", empty], empty);
  const output = run(process.execPath, ["script.ts"], empty);
  if (!output.includes(expected)) {
    throw new Error(`The script of the README printed something else:\n${output}`);
  }
  process.stdout.write(`The tarball works in an empty folder, with types:\n${output}`);
} finally {
  rmSync(empty, { recursive: true, force: true });
}
