import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { networkContains, parseIpAddress, parseIpNetwork } from "./ip-network.ts";

function contains(network: string, address: string): boolean {
  const parsedNetwork = parseIpNetwork(network);
  const parsedAddress = parseIpAddress(address);
  if (typeof parsedNetwork === "string") {
    throw new Error(parsedNetwork);
  }
  return parsedAddress !== undefined && networkContains(parsedNetwork, parsedAddress);
}

describe("an address in a network", () => {
  test.each<[string, string, boolean]>([
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7/32", "192.0.2.8", false],
    ["192.168.0.0/23", "192.168.1.255", true],
    ["2001:db8::/32", "2001:DB8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["::/0", "::1", true],
    ["::/0", "10.0.0.1", false],
    ["0.0.0.0/0", "::1", false],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["::ffff:10.0.0.0/104", "10.1.2.3", true],
    ["10.0.0.0/8", "ivs.amazonaws.com", false],
    ["10.0.0.0/8", "10.1.2", false],
    ["10.0.0.0/8", "10.1.2.3:443", false],
    ["10.0.0.0/8", "010.1.2.3", false],
    ["10.0.0.0/8", "", false],
  ])("%s contains %s: %s", (network, address, expected) => {
    expect(contains(network, address)).toBe(expected);
  });

  test.each([
    "10.0.0.0/33",
    "10.0.0.1/8",
    "10.0.0/8",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "fe80::1::/64",
    "abc",
    "2001:db8::1/32",
  ])("rejects the network %s", (network) => {
    expect(parseIpNetwork(network)).toBeTypeOf("string");
  });

  test("knows the same texts as Node to be addresses", () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ unit: fc.constantFrom(..."0123456789abf:."), maxLength: 20 }),
    );
    fc.assert(
      fc.property(text, (address) => {
        expect(parseIpAddress(address) !== undefined).toBe(isIP(address) !== 0);
      }),
      { numRuns: 1000 },
    );
  });

  test("agrees with Node's BlockList on IPv4", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), (base, prefix, address) => {
        const bits = base.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
        const first = prefix === 0 ? 0 : Math.floor(bits / 2 ** (32 - prefix)) * 2 ** (32 - prefix);
        const network = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".");
        const list = new BlockList();
        list.addSubnet(network, prefix);
        expect(contains(`${network}/${prefix}`, address)).toBe(list.check(address));
      }),
    );
  });
});
