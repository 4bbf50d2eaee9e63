/** What AWS makes of an ACL's entries: the lowest number that fits a packet decides. Only what comes in is looked at. */

import { covers, familyOf, overlap, type AddressFamily } from '../../../shared/judgement/addresses/arithmetic.ts';
import type { Published } from '../../../shared/judgement/blocklist/published.ts';
import type { AclEntry, NetworkAcl } from './network-acl-facts.ts';

/** Above it the numbers are AWS's own. Source: API_CreateNetworkAclEntry (RuleNumber). */
export const LAST_NUMBER = 32_766;

/** What comes in through an ACL, by whose it is. */
export interface Ingress {
  /** Noted, and as it was noted. */
  readonly ours: readonly AclEntry[];
  /** All others, without AWS's own denials. */
  readonly foreign: readonly AclEntry[];
  /** AWS's own denials count as rules; of IPv6 there may be none to be seen as long as there is no other entry of it. */
  readonly ownOfAws: { readonly [family in AddressFamily]: number };
}

/** How an entry is noted. */
export function noteText({ ruleNumber, cidr }: Pick<AclEntry, 'ruleNumber' | 'cidr'>): string {
  return `${ruleNumber} ${cidr}`;
}

/** As we write them: an entry that was noted and has been changed since is somebody else's. */
function isDenial({ action, protocol }: AclEntry): boolean {
  return action === 'deny' && protocol === '-1';
}

/** Everything of a family: no network that the arithmetic knows, and none that anybody may have blocked. */
function isEverything(cidr: string): boolean {
  return cidr.endsWith('/0');
}

/** Sorts out whose the entries are. */
export function ingressOf({ entries }: NetworkAcl, { mine }: Published): Ingress {
  const noted = new Set(mine);
  const inward = entries.filter(({ egress }) => !egress).toSorted((one, other) => one.ruleNumber - other.ruleNumber);
  const numbered = inward.filter(({ ruleNumber }) => ruleNumber <= LAST_NUMBER);
  const isOurs = (entry: AclEntry): boolean =>
    isDenial(entry) && !isEverything(entry.cidr) && noted.has(noteText(entry));
  const own = (family: AddressFamily): number =>
    inward.filter((entry) => entry.ruleNumber > LAST_NUMBER && entry.family === family).length;
  return {
    ours: numbered.filter(isOurs),
    foreign: numbered.filter((entry) => !isOurs(entry)),
    ownOfAws: { IPV4: Math.max(1, own('IPV4')), IPV6: Math.max(1, own('IPV6')) },
  };
}

function meets(entry: AclEntry, cidr: string): boolean {
  return entry.family === familyOf(cidr) && (isEverything(entry.cidr) || overlap(entry.cidr, cidr));
}

/** The number that a denial of this network has to stay below: that of the first entry that lets some of it in, whatever the protocol. */
export function boundOf({ foreign }: Ingress, cidr: string): number {
  const first = foreign.find((entry) => entry.action === 'allow' && meets(entry, cidr));
  return first?.ruleNumber ?? LAST_NUMBER + 1;
}

/** Whether somebody else's entry denies all of the network before anything of it is let in. */
export function isDeniedByOthers(ingress: Ingress, cidr: string): boolean {
  const bound = boundOf(ingress, cidr);
  return ingress.foreign.some(
    (entry) =>
      isDenial(entry) &&
      entry.ruleNumber < bound &&
      entry.family === familyOf(cidr) &&
      (isEverything(entry.cidr) || covers(entry.cidr, cidr)),
  );
}
