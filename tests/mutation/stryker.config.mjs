/** `npm run test:mutation`: does a test fail when a named file is changed? README.md here has the scores and what survives. */
export default {
  mutate: [
    "packages/capture/src/{compile-pattern,ip-range,text-match,value-matcher}.ts",
    "packages/cloudtrail/src/actor/{actor,mfa,principal}.ts",
    "packages/detection/src/delivery/delivery-rate.ts",
    "packages/detection/src/incident/{incident,outbox}.ts",
  ],
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "tests/mutation/vitest.config.ts" },
  coverageAnalysis: "perTest",
  // A mutant of code that runs while modules load would need all tests anew: constants, which types and rows hold.
  ignoreStatic: true,
  // Stryker rewrites the paths of a tsconfig with TypeScript's old API, which TypeScript 7 does not have. No path of
  // ours leaves the repository, so it is shown a file that does not exist and leaves the others alone.
  tsconfigFile: "none.tsconfig.json",
  ignorePatterns: ["/.sst", "/.streamwarden", "/coverage", "/dist"],
  concurrency: 1,
  timeoutMS: 20_000,
  tempDirName: ".stryker-tmp",
  reporters: ["clear-text"],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
};
