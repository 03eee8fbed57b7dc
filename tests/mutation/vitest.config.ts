import { defineConfig } from "vitest/config";

/** The tests beside the named files, which must see a change by themselves; laws would run for minutes for each mutant. */
export default defineConfig({
  test: {
    include: [
      "packages/capture/src/*.test.ts",
      "packages/cloudtrail/src/actor/*.test.ts",
      "packages/detection/src/{delivery,incident}/*.test.ts",
    ],
    setupFiles: ["tests/mutation/setup.ts"],
    testTimeout: 60_000,
  },
});
