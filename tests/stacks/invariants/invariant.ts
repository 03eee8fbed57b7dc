import type { CaptureRule } from "@streamwarden/capture";
import type { Graph } from "../graph.ts";

/** What the graph must agree with. */
export interface Expected {
  readonly captureRules: readonly CaptureRule[];
  /** The addresses of `streamwarden.yml`. */
  readonly email: readonly string[];
}

/** Something that must hold in every graph, and the changes for the worse that it must notice. */
export interface Invariant {
  readonly name: string;
  /** What is wrong, one sentence each; empty when it holds. */
  problems(graph: Graph, expected: Expected): string[];
  /** Each change alone must make the invariant report a problem. */
  readonly breaks: Readonly<Record<string, (graph: Graph) => void>>;
}
