/** An IP address as its bits. An IPv4 address written inside IPv6 (`::ffff:192.0.2.1`) counts as the IPv4 address. */
export interface IpAddress {
  readonly version: 4 | 6;
  readonly bits: bigint;
}

/** A range of addresses: those whose first `prefix` bits equal the network's. */
export interface IpNetwork {
  readonly version: 4 | 6;
  readonly bits: bigint;
  readonly prefix: number;
}

const ipv4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const hextetPattern = /^[0-9a-f]{1,4}$/i;
const longestAddress = 45;
const mappedPrefix = 0xffffn;

const bitWidth = { 4: 32, 6: 128 } as const;

/** The address a text names, or undefined when it names none (a service name, an address with a port). */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (text.length > longestAddress) {
    return undefined;
  }
  const address = parseUnmapped(text);
  return address?.version === 6 && address.bits >> 32n === mappedPrefix
    ? { version: 4, bits: address.bits & 0xffff_ffffn }
    : address;
}

function parseUnmapped(text: string): IpAddress | undefined {
  const short = parseIpv4(text);
  if (short !== undefined) {
    return { version: 4, bits: short };
  }
  const long = text.includes(":") ? parseIpv6(text) : undefined;
  return long === undefined ? undefined : { version: 6, bits: long };
}

function parseIpv4(text: string): bigint | undefined {
  const octets = ipv4.exec(text)?.slice(1);
  if (octets === undefined) {
    return undefined;
  }
  let bits = 0n;
  for (const octet of octets) {
    // A leading zero is rejected: some systems read it as octal, so that one text would name two addresses.
    if (Number(octet) > 255 || (octet.length > 1 && octet.startsWith("0"))) {
      return undefined;
    }
    bits = (bits << 8n) | BigInt(octet);
  }
  return bits;
}

function parseIpv6(text: string): bigint | undefined {
  let rest = text;
  const tail = rest.slice(rest.lastIndexOf(":") + 1);
  if (tail.includes(".")) {
    const bits = parseIpv4(tail);
    if (bits === undefined) {
      return undefined;
    }
    rest = `${rest.slice(0, -tail.length)}${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
  }
  const halves = rest.split("::");
  const [head = [], end = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - end.length;
  if (halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0)) {
    return undefined;
  }
  let bits = 0n;
  for (const hextet of [...head, ...Array<string>(missing).fill("0"), ...end]) {
    if (!hextetPattern.test(hextet)) {
      return undefined;
    }
    bits = (bits << 16n) | BigInt(`0x${hextet}`);
  }
  return bits;
}

/**
 * The network a text names (`10.0.0.0/8`, `2001:db8::/32`, or a single address), or what is wrong with it.
 */
export function parseIpNetwork(text: string): IpNetwork | string {
  const [addressText = "", prefixText, ...more] = text.split("/");
  const address = parseUnmapped(addressText);
  if (address === undefined || more.length > 0) {
    return `"${text}" is not an IPv4 or IPv6 network like 10.0.0.0/8.`;
  }
  const width = bitWidth[address.version];
  const prefix = prefixText === undefined ? width : /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : -1;
  if (prefix < 0 || prefix > width) {
    return `The prefix length of "${text}" must be a number from 0 to ${width}.`;
  }
  const hostBits = BigInt(width - prefix);
  if ((address.bits >> hostBits) << hostBits !== address.bits) {
    return `"${text}" has bits set after its prefix: write the network's first address, or the single address without "/${prefix}".`;
  }
  // A network inside ::ffff:0:0/96 is the IPv4 network it maps, as addresses are.
  return address.version === 6 && prefix >= 96 && address.bits >> 32n === mappedPrefix
    ? { version: 4, bits: address.bits & 0xffff_ffffn, prefix: prefix - 96 }
    : { ...address, prefix };
}

/** Whether the address lies in the network. An IPv4 address lies in no IPv6 network, and the reverse. */
export function networkContains(network: IpNetwork, address: IpAddress): boolean {
  const hostBits = BigInt(bitWidth[network.version] - network.prefix);
  return network.version === address.version && network.bits >> hostBits === address.bits >> hostBits;
}
