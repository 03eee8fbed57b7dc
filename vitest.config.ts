import { defineConfig } from "vitest/config";

/** Laws over thousands of random cases: they run with all tests, but not each time that a developer saves a file. */
const laws = "packages/*/src/**/{*laws,hostile}.test.ts";

/** Where continuous integration wants the counts; the terminal gets the usual report in any case. */
const resultsFile = process.env.STREAMWARDEN_TEST_RESULTS;

const inPackages = {
  // Every processor, and one module graph in each worker: loading it anew for 90 files took half of the run.
  maxWorkers: "100%",
  isolate: false,
  sequence: { groupOrder: 0 },
  // A guard against hanging, not a measure: laws take long on a busy machine.
  testTimeout: 60_000,
  // Vitest's default of 10 s fails every test of a file whose local AWS starts slowly because others hold the processors.
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    reporters: resultsFile === undefined ? ["default"] : ["default", ["json", { outputFile: resultsFile }]],
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts"],
          exclude: [laws],
          ...inPackages,
        },
      },
      {
        test: {
          name: "laws",
          include: [laws],
          ...inPackages,
          // A guard against hanging, as above; some laws run whole pipelines.
          testTimeout: 240_000,
        },
      },
      {
        test: {
          name: "system",
          include: ["tests/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 240_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
