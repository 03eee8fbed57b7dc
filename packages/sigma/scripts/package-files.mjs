import { join } from "node:path";

export const folder = join(import.meta.dirname, "..");
export const manifest = join(folder, "package.json");
/** The workspace's manifest while a tarball is made. */
export const savedManifest = join(folder, "package.json.workspace");
export const license = join(folder, "LICENSE");
export const dist = join(folder, "dist");
