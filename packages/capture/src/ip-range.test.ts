import { describe, expect, test } from "vitest";
import { addressDigits, inRange, parseCidr } from "./ip-range.ts";

describe("an address", () => {
  test.each([
    ["10.0.0.1", "10.0.0.1"],
    ["with leading zeros, which are decimal as in Java", "010.000.000.001"],
    ["mapped into IPv6", "::ffff:a00:1"],
    ["mapped, in full", "0:0:0:0:0:FFFF:0A00:0001"],
  ])("of IPv4: %s", (_, text) => {
    expect(addressDigits(text)).toBe("0A000001");
  });

  test.each([
    ["2001:db8::1", "20010DB8000000000000000000000001"],
    ["2001:0DB8:0:0:0:0:0:1", "20010DB8000000000000000000000001"],
    ["::", "00000000000000000000000000000000"],
    ["::1", "00000000000000000000000000000001"],
    ["1::", "00010000000000000000000000000000"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["1:2:3:4:5:6:7::", "00010002000300040005000600070000"],
    // Near an IPv4 address that is mapped, and not one.
    ["::ff:a00:1", "0000000000000000000000FF0A000001"],
    ["::ff00:a00:1", "00000000000000000000FF000A000001"],
    ["::a00:1", "0000000000000000000000000A000001"],
    ["1::ffff:a00:1", "00010000000000000000FFFF0A000001"],
    ["::1:ffff:a00:1", "00000000000000000001FFFF0A000001"],
    ["ffff:ffff:ffff:ffff:ffff:ffff:a00:1", "FFFFFFFFFFFFFFFFFFFFFFFF0A000001"],
  ])("of IPv6: %s", (text, digits) => {
    expect(addressDigits(text)).toBe(digits);
  });

  test.each([
    ["nothing", ""],
    ["three numbers", "10.0.0"],
    ["five numbers", "10.0.0.1.5"],
    ["a number too large", "10.0.0.256"],
    ["letters", "10.0.0.a"],
    ["letters around it", "x10.0.0.1x"],
    ["more than fifteen characters", "010.000.000.0001"],
    ["a DNS name", "ivs.amazonaws.com"],
    ["IPv6 with a dotted tail", "::ffff:10.0.0.1"],
    ["IPv6 with a zone", "fe80::1%eth0"],
    ["IPv6 in brackets", "[::1]"],
    ["seven groups", "1:2:3:4:5:6:7"],
    ["nine groups", "1:2:3:4:5:6:7:8:9"],
    ["two gaps", "1::2::3"],
    ["a group of five digits", "12345::"],
    ["words of hexadecimal letters", "face"],
  ])("is not: %s", (_, text) => {
    expect(addressDigits(text)).toBeUndefined();
  });
});

describe("a range", () => {
  test.each<[cidr: string, inside: readonly string[], outside: readonly string[]]>([
    ["10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0", "160.0.0.1"]],
    ["0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], []],
    ["10.0.0.128/25", ["10.0.0.128", "10.0.0.255"], ["10.0.0.127", "10.0.1.128"]],
    ["10.0.0.200/25", ["10.0.0.128", "10.0.0.255"], ["10.0.0.127"]],
    ["192.168.8.0/21", ["192.168.8.0", "192.168.15.255"], ["192.168.7.255", "192.168.16.0"]],
    ["1.2.3.4/31", ["1.2.3.4", "1.2.3.5"], ["1.2.3.3", "1.2.3.6"]],
    ["2001:db8::/32", ["2001:db8::", "2001:db8:ffff::1"], ["2001:db7:ffff::", "2001:db9::"]],
    ["2001:db8::/127", ["2001:db8::", "2001:db8::1"], ["2001:db8::2"]],
    ["::ffff:a00:0/24", ["10.0.0.0", "10.0.0.255"], ["10.0.1.0", "::a00:1"]],
    // AWS stops comparing at the end of the range, whichever kind of address it is.
    ["32.1.0.0/16", ["32.1.2.3", "2001:db8::1"], ["2002:db8::1"]],
    ["2001:db8::/32", [], ["32.1.13.184"]],
  ])("%s", (cidr, inside, outside) => {
    const range = parseCidr(cidr);
    if ("rejected" in range) throw new Error(range.rejected);
    const holds = (text: string): boolean => inRange(addressDigits(text) ?? "", range);
    expect(inside.filter((text) => !holds(text))).toEqual([]);
    expect(outside.filter(holds)).toEqual([]);
  });

  test.each([
    ["10.0.0.0", '"10.0.0.0" must be address/bits with one "/"'],
    ["10.0.0.0/", '"10.0.0.0/" must be address/bits with one "/"'],
    ["10.0.0.0/8/9", '"10.0.0.0/8/9" must be address/bits with one "/"'],
    ["", '"" must be address/bits with one "/"'],
    ["10.0.0.0/x8", 'the mask of "10.0.0.0/x8" must be a whole number'],
    ["10.0.0.0/8x", 'the mask of "10.0.0.0/8x" must be a whole number'],
    ["10.0.0.0/-8", 'the mask of "10.0.0.0/-8" must be a whole number'],
    ["10.0.0.0/0008", 'the mask of "10.0.0.0/0008" must be a whole number'],
    ["/8", '"" is not an IPv4 or IPv6 address'],
    ["example.com/8", '"example.com" is not an IPv4 or IPv6 address'],
    ["10.0.0.1/32", 'the mask of "10.0.0.1/32" must be less than 32; name a single address as a plain value'],
    ["::1/128", 'the mask of "::1/128" must be less than 128; name a single address as a plain value'],
  ])("%j is rejected with what to write", (cidr, rejected) => {
    expect(parseCidr(cidr)).toEqual({ rejected });
  });
});
