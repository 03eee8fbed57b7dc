/** Roles of which the site says who is behind their sessions. Entries are role ARNs; `*` stands for any text. */
export interface RoleLists {
  /** Roles that only people behind a SAML identity provider can assume, so that their session names are people. */
  readonly federatedRoles: readonly string[];
  /** Roles that only workloads assume: nobody who could be asked for a second factor. */
  readonly workloadRoles: readonly string[];
}

/**
 * Answers whether a role is listed. A record does not say how its session was issued, so neither a person nor a
 * workload can be told from a plain role session without the site's word. Answers are kept, because the same few roles
 * make most calls.
 */
export class KnownRoles {
  readonly #federated: RoleSet;
  readonly #workload: RoleSet;

  constructor({ federatedRoles, workloadRoles }: RoleLists) {
    this.#federated = new RoleSet(federatedRoles);
    this.#workload = new RoleSet(workloadRoles);
  }

  isFederated(roleArn: string): boolean {
    return this.#federated.has(roleArn);
  }

  isWorkload(roleArn: string): boolean {
    return this.#workload.has(roleArn);
  }
}

const mostAnswers = 10_000;

class RoleSet {
  readonly #patterns: readonly (readonly string[])[];
  readonly #answers = new Map<string, boolean>();

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map((pattern) => pattern.split("*"));
  }

  has(roleArn: string): boolean {
    if (this.#patterns.length === 0) return false;
    const known = this.#answers.get(roleArn);
    if (known !== undefined) return known;
    const answer = this.#patterns.some((parts) => matches(parts, roleArn));
    if (this.#answers.size >= mostAnswers) this.#answers.clear();
    this.#answers.set(roleArn, answer);
    return answer;
  }
}

/** Whether the text consists of the parts with anything between them. The earliest place of a part is always good enough. */
function matches(parts: readonly string[], text: string): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let position = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return text.length - last.length >= position && text.endsWith(last);
}

/** No role is listed. */
export const noKnownRoles = new KnownRoles({ federatedRoles: [], workloadRoles: [] });
