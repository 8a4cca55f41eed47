/** Validates addresses like Python's `ipaddress`. */

/** Returns true for an IPv4 address: four decimal numbers without leading zeros. */
export function isIpv4(text: string): boolean {
  return /^(?:(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])(?:\.|$)){4}$/.test(text) && !text.endsWith(".");
}

/** Returns true for an IPv6 address with an optional zone after `%`. */
export function isIpv6(text: string): boolean {
  const [address = "", ...zones] = text.split("%");
  if (zones.length > 1 || zones[0] === "" || zones[0]?.includes("/")) return false;
  return ipv6Bits(address) !== undefined;
}

/** Returns true for a network: an address without host bits and the length of its prefix or a mask. */
export function isNetwork(text: string, version: 4 | 6): boolean {
  const parsed = splitPrefix(text, version);
  if (parsed === undefined) return false;
  const host = (1n << BigInt(parsed.size - parsed.prefix)) - 1n;
  return (parsed.bits & host) === 0n;
}

/** Returns true for an address on a network: an address with an optional prefix length or mask. */
export function isInterface(text: string, version: 4 | 6): boolean {
  return splitPrefix(text, version) !== undefined;
}

function splitPrefix(
  text: string,
  version: 4 | 6,
): { bits: bigint; prefix: number; size: number } | undefined {
  const [address = "", ...masks] = text.split("/");
  if (masks.length > 1) return undefined;
  const size = version === 4 ? 32 : 128;
  const bits = version === 4
    ? ipv4Bits(address)
    : isIpv6(address)
    ? ipv6Bits(address.replace(/%.*$/s, ""))
    : undefined;
  if (bits === undefined) return undefined;
  const mask = masks[0];
  if (mask === undefined) return { bits, prefix: size, size };
  if (/^\d+$/.test(mask)) {
    const prefix = Number(mask);
    return prefix <= size ? { bits, prefix, size } : undefined;
  }
  const maskBits = version === 4 ? ipv4Bits(mask) : undefined;
  if (maskBits === undefined) return undefined;
  // A netmask (ones, then zeros) or a hostmask (zeros, then ones).
  const pattern = maskBits.toString(2).padStart(32, "0");
  if (/^1*0*$/.test(pattern)) {
    return { bits, prefix: pattern.indexOf("0") < 0 ? 32 : pattern.indexOf("0"), size };
  }
  return /^0*1*$/.test(pattern) ? { bits, prefix: pattern.indexOf("1"), size } : undefined;
}

function ipv4Bits(text: string): bigint | undefined {
  if (!isIpv4(text)) return undefined;
  return text.split(".").reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function ipv6Bits(text: string): bigint | undefined {
  let address = text;
  const last = address.slice(address.lastIndexOf(":") + 1);
  if (last.includes(".")) {
    const bits = ipv4Bits(last);
    if (bits === undefined || address === last) return undefined;
    address = `${address.slice(0, -last.length)}${(bits >> 16n).toString(16)}:${
      (bits & 0xffffn).toString(16)
    }`;
  }
  const halves = address.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => half === "" ? [] : half.split(":"));
  const count = groups.reduce((sum, half) => sum + half.length, 0);
  if (halves.length === 2 ? count > 7 : count !== 8) return undefined;
  if (!groups.flat().every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  const [before = [], after] = groups;
  const filled = after === undefined
    ? before
    : [...before, ...Array<string>(8 - count).fill("0"), ...after];
  return filled.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}
