import type { SourceFile } from "@streamwarden/sigma";

/**
 * Where policies come from: what the configuration asks for (the shipped pack and `policies.paths`), or files and
 * folders, or texts, instead of that. Only where they come from differs: what they mean never does.
 */
export type PolicySource =
  | "configured"
  | { readonly paths: readonly string[] }
  | { readonly files: readonly SourceFile[] };
