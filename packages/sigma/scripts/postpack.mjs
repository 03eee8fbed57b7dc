import { renameSync, rmSync } from "node:fs";
import { dist, license, manifest, savedManifest } from "./package-files.mjs";

renameSync(savedManifest, manifest);
rmSync(dist, { recursive: true, force: true });
rmSync(license, { force: true });
