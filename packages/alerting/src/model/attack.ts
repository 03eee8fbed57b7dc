/** A tactic of MITRE ATT&CK for enterprise, v19. */
export interface Tactic {
  /** As Sigma tags write it: `initial-access`. */
  readonly name: string;
  /** `TA0001`. */
  readonly uid: string;
  /** `Initial Access`. */
  readonly title: string;
}

/** A technique or sub-technique: `T1078`, `T1078.004`. */
export interface Technique {
  readonly uid: string;
}

/** In v19 TA0005 was renamed from Defense Evasion to Stealth, and Defense Impairment was split off. */
const tacticUids: Readonly<Record<string, string>> = {
  reconnaissance: "TA0043",
  "resource-development": "TA0042",
  "initial-access": "TA0001",
  execution: "TA0002",
  persistence: "TA0003",
  "privilege-escalation": "TA0004",
  stealth: "TA0005",
  "defense-impairment": "TA0112",
  "credential-access": "TA0006",
  discovery: "TA0007",
  "lateral-movement": "TA0008",
  collection: "TA0009",
  "command-and-control": "TA0011",
  exfiltration: "TA0010",
  impact: "TA0040",
};

/** Names of earlier ATT&CK versions that policies may still carry. */
const formerNames: Readonly<Record<string, string>> = { "defense-evasion": "stealth" };

const maximumTags = 100;

/** The tactics in a policy's Sigma tags (`attack.initial-access`, also `attack.initial_access`), each once. */
export function tacticsOf(tags: readonly string[]): readonly Tactic[] {
  const names = attackTags(tags).map((tag) => tag.replaceAll("_", "-"));
  const current = names.map((name) => (Object.hasOwn(formerNames, name) ? formerNames[name] : name));
  return [...new Set(current)].flatMap((name) => {
    if (name === undefined || !Object.hasOwn(tacticUids, name)) return [];
    const uid = tacticUids[name];
    return uid === undefined ? [] : [{ name, uid, title: titleOf(name) }];
  });
}

/** The techniques in a policy's Sigma tags (`attack.t1078.004`), each once. */
export function techniquesOf(tags: readonly string[]): readonly Technique[] {
  const uids = attackTags(tags).filter((tag) => /^t\d{4}(\.\d{3})?$/.test(tag));
  return [...new Set(uids)].map((uid) => ({ uid: uid.toUpperCase() }));
}

function attackTags(tags: readonly string[]): readonly string[] {
  return tags
    .slice(0, maximumTags)
    .filter((tag) => tag.length < 64 && tag.toLowerCase().startsWith("attack."))
    .map((tag) => tag.slice("attack.".length).toLowerCase());
}

function titleOf(name: string): string {
  return name
    .split("-")
    .map((word) => (word === "and" ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join(" ");
}
