import type { CaptureRule } from "@streamwarden/capture";
import type { Graph } from "../graph.ts";

/** What the graph must agree with. */
export interface Expected {
  readonly captureRules: readonly CaptureRule[];
  /** The addresses of `streamwarden.yml`, with the filter policy of each. */
  readonly email: Readonly<Record<string, object>>;
  /** Where else alerts go. */
  readonly destinations: readonly ExpectedDestination[];
}

export interface ExpectedDestination {
  readonly name: string;
  /** Begins the logical names of its resources. */
  readonly logicalName: string;
  readonly filterPolicy: object | undefined;
  /** What its function gets besides queues and table. A value that is a resource's logical name stands for its ARN. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Something that must hold in every graph, and the changes for the worse that it must notice. */
export interface Invariant {
  readonly name: string;
  /** What is wrong, one sentence each; empty when it holds. */
  problems(graph: Graph, expected: Expected): string[];
  /** Each change alone must make the invariant report a problem. */
  readonly breaks: Readonly<Record<string, (graph: Graph) => void>>;
}
