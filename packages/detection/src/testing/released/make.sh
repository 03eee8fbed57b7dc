#!/usr/bin/env bash
# Bundles the detection engine of a released commit for the upgrade laws: make.sh COMMIT FILE.
# The AWS SDK and the libraries stay outside, because this repository pins the same ones.
set -euo pipefail
commit=$1 file=$(realpath -m "$2")
root=$(git rev-parse --show-toplevel)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git -C "$root" archive "$commit" packages | tar x -C "$folder"
mkdir -p "$folder/node_modules/@streamwarden"
for package in "$folder"/packages/*; do ln -s "$package" "$folder/node_modules/@streamwarden/$(basename "$package")"; done
cat >"$folder/entry.ts" <<'TS'
export { createDetector, createPipeline } from "./packages/detection/src/index.ts";
export { parseConfig } from "./packages/config/src/index.ts";
export { loadPolicies } from "./packages/policies/src/index.ts";
TS
npx --yes esbuild@0.28.2 "$folder/entry.ts" --bundle --minify --format=esm --platform=node --target=node22 \
  "--external:@aws-sdk/*" --external:re2js --external:yaml --external:zod \
  "--banner:js=/* The detection engine of $commit: made by make.sh, not edited. */" --outfile="$file"
