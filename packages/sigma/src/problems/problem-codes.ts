/**
 * Every problem the loader can report. A code is stable: scripts and editors may depend on it.
 * `docs/errors.md` of this package explains each with an example and the fix.
 */
export const problemCodes = {
  // The file
  "yaml-syntax": "error",
  "yaml-warning": "warning",
  "duplicate-key": "error",
  "empty-file": "warning",
  "not-a-map": "error",
  "alias-bomb": "error",
  "too-large": "error",
  // The document
  "legacy-action": "error",
  "several-kinds": "error",
  "missing-title": "error",
  "missing-logsource": "error",
  "missing-detection": "error",
  "missing-condition": "error",
  "missing-level": "warning",
  "invalid-attribute": "error",
  "invalid-level": "error",
  "invalid-metadata": "warning",
  "unsupported-rule": "warning",
  "foreign-taxonomy": "warning",
  "unknown-key": "warning",
  "duplicate-id": "error",
  "duplicate-name": "error",
  // Detection
  "legacy-timeframe": "error",
  "empty-detection": "error",
  "invalid-detection": "error",
  "nested-map": "error",
  "array-selector": "error",
  "field-braces": "warning",
  "unknown-modifier": "error",
  "invalid-modifier-combination": "error",
  "invalid-value": "error",
  "invalid-regex": "error",
  "invalid-cidr": "error",
  "single-value-all": "warning",
  "quoted-number": "warning",
  "null-in-list": "warning",
  "empty-list": "warning",
  "expand-without-placeholder": "warning",
  "placeholder-without-expand": "warning",
  "matches-everything": "warning",
  "escaped-wildcard": "warning",
  // Condition
  "condition-syntax": "error",
  "uppercase-operator": "error",
  "condition-aggregation": "error",
  "unknown-identifier": "error",
  "pattern-matches-nothing": "error",
  "unused-selection": "warning",
  // Linking
  "unknown-placeholder": "error",
  "placeholder-value": "error",
  // Filters
  "missing-rules": "error",
  "unknown-rule": "error",
  "filter-on-correlation": "error",
  "filter-logsource-mismatch": "error",
  "filter-matches-nothing": "warning",
  "filter-without-not": "warning",
  // Correlations
  "invalid-correlation": "error",
  "unknown-correlation-key": "error",
  "invalid-timespan": "error",
  "timespan-in-months": "warning",
  "threshold-too-high": "error",
  "impossible-condition": "error",
  "condition-rules-mismatch": "error",
  "invalid-alias": "error",
  "unused-alias": "warning",
  "incomplete-alias": "warning",
  "chained-field": "warning",
  "rejected-rule": "error",
  "correlation-cycle": "error",
  "correlation-depth": "error",
  // Lint
  "dead-value": "warning",
  unsatisfiable: "warning",
  "always-true": "warning",
} as const satisfies Record<string, "error" | "warning">;

/** A stable problem code. */
export type ProblemCode = keyof typeof problemCodes;
