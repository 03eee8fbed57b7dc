import { redactValue } from "@streamwarden/cloudtrail";
import type { ExplainedNode, Explanation } from "@streamwarden/sigma";

/** The same without secrets: what is explained on a terminal ends up in tickets and chats. */
export function redactExplanation(explanation: Explanation): Explanation {
  return {
    ...explanation,
    condition: withoutSecrets(explanation.condition),
    filters: explanation.filters.map((filter) => ({
      ...filter,
      condition: withoutSecrets(filter.condition),
    })),
  };
}

function withoutSecrets(node: ExplainedNode): ExplainedNode {
  if (node.type !== "matcher") return { ...node, children: node.children.map(withoutSecrets) };
  const { field = "" } = node;
  return { ...node, seen: node.seen.map((value) => redactValue(field, value)) };
}
