/** The checksum of POSIX's `cksum`, which every host has. Pure. */

/** Source: POSIX.1-2017, `cksum`: the generating polynomial of CRC-32, the highest bit first. */
const POLYNOMIAL = 0x04c11db7;

const TABLE: readonly number[] = Array.from({ length: 256 }, (_none, byte) => {
  let bits = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) bits = (bits << 1) ^ (bits < 0 ? POLYNOMIAL : 0);
  return bits;
});

function withByte(sum: number, byte: number): number {
  return (sum << 8) ^ (TABLE[((sum >>> 24) ^ byte) & 0xff] ?? 0);
}

/** Checksum and length of an ASCII text, as `cksum` gives them: `4294967295-0` of nothing. */
export function cksum(text: string): string {
  let sum = 0;
  for (let index = 0; index < text.length; index += 1) sum = withByte(sum, text.charCodeAt(index));
  for (let length = text.length; length > 0; length = Math.floor(length / 256)) sum = withByte(sum, length & 0xff);
  return `${~sum >>> 0}-${text.length}`;
}
