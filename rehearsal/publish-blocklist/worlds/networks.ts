/** Networks that generated worlds of blocking are about: they overlap one another, and some are somebody's own. */

import * as fc from 'fast-check';
import { TOWARDS_THE_FIRST } from '../../worlds/pieces.ts';

/** The account's own: the first ones are Elastic IPs from the beginning, any may become one. */
export const OWN_ADDRESSES = ['203.0.113.20', '203.0.113.21', '198.51.100.40'] as const;

/** What people and findings name. Of each family some lie in others. */
const STRANGERS = [
  '198.51.100.9',
  '198.51.100.10',
  '198.51.100.40',
  '198.51.100.0/24',
  '198.51.100.0/28',
  '198.51.100.128/25',
  '192.0.2.44',
  '2001:db8:7::9',
  '2001:db8:7::/48',
] as const;

/** What is refused, or read otherwise than it is written. */
const ODD = [
  '203.0.113.20',
  '203.0.113.0/24',
  '130.176.1.7',
  '64.252.0.0/16',
  '10.0.0.7',
  '198.51.100.205/25',
  '2001:DB8:7:0::9',
  '0.0.0.0/0',
  '198.51.0.0/12',
  'example.com',
  '198.51.100.009',
] as const;

/** A network that somebody asks about. */
export const asked: fc.Arbitrary<string> = fc.oneof(
  TOWARDS_THE_FIRST,
  { weight: 5, arbitrary: fc.constantFrom(...STRANGERS) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
);

/** An address of which a finding tells. */
export const found: fc.Arbitrary<string> = fc.constantFrom(
  '198.51.100.9',
  '198.51.100.10',
  '198.51.100.140',
  '203.0.113.20',
  '192.0.2.45',
);

/** What only lists and operators name: what a person blocked for a time they must not block for longer. */
export const listed: fc.Arbitrary<string> = fc.constantFrom(
  '198.51.100.200',
  '198.51.100.192/26',
  '198.51.100.0/25',
  '192.0.2.0/25',
  '2001:db8:7:1::/64',
  '192.0.2.129',
);

/** Both ways of a request to name it. */
export function addressOrCidr(text: string): { readonly address: string } | { readonly cidr: string } {
  return text.includes('/') ? { cidr: text } : { address: text };
}
