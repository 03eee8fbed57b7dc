import type { Severity } from "../model/alert.ts";

/** Severity at a glance: an emoji for headers and notifications, the colour of the bar beside the facts. */
export const severityLook: Readonly<Record<Severity, { readonly square: string; readonly color: string }>> = {
  informational: { square: "⬜", color: "#9aa0a6" },
  low: { square: "🟦", color: "#2f80ed" },
  medium: { square: "🟨", color: "#e0a800" },
  high: { square: "🟧", color: "#e8590c" },
  critical: { square: "🟥", color: "#c1121f" },
};
