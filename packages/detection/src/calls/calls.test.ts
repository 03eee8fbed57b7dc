import { callFacets } from "@streamwarden/alerting";
import type { Actor, ActorKind } from "@streamwarden/cloudtrail";
import { describe, expect, test } from "vitest";
import type { Call } from "./call.ts";
import { networkOf } from "./call.ts";
import { addCalls, describeCalls, keptValues, newsOf, noCalls, sampledCalls } from "./calls.ts";

function actorOfKind(kind: ActorKind): Actor {
  return {
    id: "a",
    principal: "a",
    kind,
    label: "a",
    crossAccount: false,
    mfa: "unknown",
    credential: "unknown",
  };
}

function call(id: string, values: Call["values"], parts: Partial<Call> = {}): Call {
  return { id, time: 0, actor: actorOfKind("user"), values, ...parts };
}

describe("networks", () => {
  test.each([
    ["203.0.113.77", "203.0.113.0/24"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
    ["2001:0DB8:0001::7", "2001:db8:1::/48"],
    ["2001:db8::1", "2001:db8:0::/48"],
    ["::1", "0:0:0::/48"],
    ["cloudformation.amazonaws.com", "cloudformation.amazonaws.com"],
    ["AWS Internal", "AWS Internal"],
    ["999.1.1.1.1", "999.1.1.1.1"],
    ["a:b", "a:b::/48"],
  ])("of %s: %s", (address, network) => expect(networkOf(address)).toBe(network));
});

describe("what breaks through", () => {
  const known = addCalls(noCalls, [
    call("1", {
      sessions: ["s1"],
      networks: ["203.0.113.0/24"],
      accessKeys: ["ASIA1"],
      operations: ["ListChannels"],
      resourceClasses: ["channel"],
      mfa: ["present"],
      addresses: ["203.0.113.1"],
      clients: ["aws-cli"],
      resources: ["arn:1"],
    }),
  ]);
  const newsFor = (values: Call["values"], kind: ActorKind) => {
    const fresh = [call("2", values, { actor: actorOfKind(kind) })];
    return newsOf(known, addCalls(known, fresh), fresh).map(({ facet }) => facet);
  };

  test.each([
    ["a session", { sessions: ["s2"] }, ["sessions"], []],
    ["a source identity", { sourceIdentities: ["alice"] }, ["sourceIdentities"], []],
    ["a network", { networks: ["198.51.100.0/24"] }, ["networks"], ["networks"]],
    ["an access key", { accessKeys: ["ASIA2"] }, ["accessKeys"], []],
    ["an operation", { operations: ["DeleteChannel"] }, ["operations"], ["operations"]],
    ["a class of resources", { resourceClasses: ["stage"] }, ["resourceClasses"], ["resourceClasses"]],
    ["weaker MFA", { mfa: ["absent"] }, ["mfa"], []],
    ["an address of a known network", { addresses: ["203.0.113.9"] }, [], []],
    ["another client", { clients: ["curl"] }, [], []],
    ["another resource of a known class", { resources: ["arn:2"] }, [], []],
    ["what is known", { operations: ["ListChannels"], mfa: ["present"] }, [], []],
  ] as const)("%s", (_name, values, forPeople, forMachines) => {
    for (const kind of ["root", "user", "role-session", "federated"] as const)
      expect(newsFor(values, kind)).toEqual(forPeople);
    for (const kind of ["machine", "service", "account", "unknown"] as const)
      expect(newsFor(values, kind)).toEqual(forMachines);
  });

  test("several at once are one list, in one order", () => {
    const fresh = [call("3", { operations: ["B", "A"] }), call("2", { networks: ["n"] })];
    const after = addCalls(known, fresh);
    expect(newsOf(known, after, fresh)).toEqual(newsOf(known, after, fresh.toReversed()));
    expect(newsOf(known, after, fresh).map(({ value }) => value)).toEqual(["n", "A", "B"]);
  });

  test("MFA that got stronger is no news", () => {
    const weak = addCalls(noCalls, [call("1", { mfa: ["absent"] })]);
    const fresh = [call("2", { mfa: ["unknown"] })];
    expect(newsOf(weak, addCalls(weak, fresh), fresh)).toEqual([]);
  });
});

describe("floods", () => {
  test.each(callFacets.map((facet) => ({ facet })))(
    "of distinct $facet keep the earliest and count the rest",
    ({ facet }) => {
      const many = Array.from({ length: 500 }, (_, index) =>
        call(`e${index}`, { [facet]: [`value-${String(index).padStart(3, "0")}`] }, { time: index }),
      );
      const calls = addCalls(noCalls, many.toReversed());
      const described = describeCalls(calls, many.length)[facet];
      expect(described?.values.map(({ value }) => value)).toEqual(
        many.slice(0, keptValues[facet]).map(({ values }) => values[facet]?.[0]),
      );
      // An estimate from 64 hashes: within 40 % of what was left out.
      const left = 500 - keptValues[facet];
      expect(described?.more).toBeGreaterThan(left * 0.6);
      expect(described?.more).toBeLessThan(left * 1.4);
    },
  );

  test("of repeats evict nothing distinct, and counts become estimates", () => {
    const distinct = Array.from({ length: 10 }, (_, index) =>
      call(`d${index}`, { addresses: [`a${index}`] }, { time: 5000 + index }),
    );
    const repeats = Array.from({ length: 4000 }, (_, index) =>
      call(`r${index}`, { addresses: ["decoy"] }, { time: index }),
    );
    const { addresses } = describeCalls(addCalls(addCalls(noCalls, distinct), repeats), 4010);
    expect(addresses?.values).toHaveLength(11);
    expect(addresses?.isEstimate).toBe(true);
    expect(addresses?.values[0]?.count).toBeGreaterThan(3000);
  });

  test("the largest incident stays small", () => {
    const wide = Array.from({ length: 2000 }, (_, index) =>
      call(
        `e${index}`,
        Object.fromEntries(callFacets.map((facet) => [facet, [`${facet}-${index}`.padEnd(200, "x")]])),
        { time: index },
      ),
    );
    const bytes = JSON.stringify(addCalls(noCalls, wide)).length;
    expect(bytes).toBeLessThan(64 * 1024);
    expect(addCalls(noCalls, wide).sample).toHaveLength(sampledCalls);
  });
});
