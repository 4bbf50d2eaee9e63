/**
 * Which quota of Service Quotas holds for instances of a type: vCPUs that run, by family and market.
 * Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 */

/** How instances are paid for, as quotas tell them apart. */
export type QuotaMarket = 'on-demand' | 'spot';

interface Family {
  /** How the names of its types begin. */
  readonly prefix: RegExp;
  readonly codes: { readonly [M in QuotaMarket]?: string };
}

/** The first that fits; letters of the standard family last. */
const FAMILIES: readonly Family[] = [
  { prefix: /^hpc/u, codes: { 'on-demand': 'L-F7808C92' } },
  { prefix: /^p5/u, codes: { 'on-demand': 'L-417A185B', spot: 'L-C4BD4855' } },
  { prefix: /^p\d/u, codes: { 'on-demand': 'L-417A185B', spot: 'L-7212CCBC' } },
  { prefix: /^(?:g\d|gr\d|vt)/u, codes: { 'on-demand': 'L-DB2E81BA', spot: 'L-3819A6DF' } },
  { prefix: /^dl/u, codes: { 'on-demand': 'L-6E869C2A', spot: 'L-85EED4F7' } },
  { prefix: /^inf/u, codes: { 'on-demand': 'L-1945791B', spot: 'L-B5D1601B' } },
  { prefix: /^trn/u, codes: { 'on-demand': 'L-2C3B7624', spot: 'L-6B0D517C' } },
  { prefix: /^f\d/u, codes: { 'on-demand': 'L-74FC7D96', spot: 'L-88CF9481' } },
  { prefix: /^u\d?-/u, codes: { 'on-demand': 'L-43DA4232' } },
  { prefix: /^x\d/u, codes: { 'on-demand': 'L-7295265B', spot: 'L-E3A00192' } },
  { prefix: /^(?:[acdhimrtz]\d|im|is)/u, codes: { 'on-demand': 'L-1216C47A', spot: 'L-34B43A08' } },
];

/** The code of the quota (service `ec2`); `undefined`: none is known for this type and market. */
export function vcpuQuotaCode(type: string, market: QuotaMarket): string | undefined {
  return FAMILIES.find(({ prefix }) => prefix.test(type))?.codes[market];
}
