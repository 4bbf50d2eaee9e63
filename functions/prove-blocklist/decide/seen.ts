/** From written to seen: who was blocked among the requests that WAF has kept samples of, and who was still allowed. Pure. */

import { indexOf } from '../../../shared/judgement/addresses/lookup.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Facts, ForwardedIn, ProveLimits, Sample, WebAcl } from './facts.ts';
import { blockingRules } from './web-rules.ts';
import { clientsAt } from './web-sight.ts';
import type { Accepted } from './written.ts';

/** A request of somebody who is blocked. */
export interface Sighting {
  readonly address: string;
  readonly at: string;
  readonly rule: string;
  readonly webAcl: string;
}

export interface Seen {
  readonly blocked: readonly Sighting[];
  readonly stillAllowed: readonly Sighting[];
}

/** As a row of evidence. */
export function rowOf(sighting: Sighting): JsonObject {
  return { ...sighting };
}

/** Whoever a request may be of, wherever the rules look; where none blocks, its sender. */
function clientsIn(sample: Sample, looksAt: readonly (ForwardedIn | null)[]): readonly string[] {
  const places = looksAt.length === 0 ? [null] : looksAt;
  return [...new Set(places.flatMap((where) => clientsAt(sample, where) ?? []))];
}

/** Since when an address has been blocked; empty: nobody says; `undefined`: it is not, or stands in no set of this web ACL. */
type Since = (address: string) => string | undefined;

function sinceIn(acl: WebAcl, { sets }: Facts, accepted: readonly Accepted[]): Since {
  const referred = new Set(acl.rules.flatMap(({ references }) => references.map(({ arn }) => arn)));
  const there = sets.filter(({ arn }) => referred.has(arn)).flatMap(({ content }) => content?.addresses ?? []);
  const written = indexOf(there);
  const blocks = indexOf(accepted.map(({ cidr }) => cidr));
  const froms = new Map(accepted.map(({ cidr, from }) => [cidr, from]));
  return (address) => {
    if (written.covering(address) === undefined) return undefined;
    const around = blocks.overlapping(address).map((cidr) => froms.get(cidr) ?? '');
    const known = around.filter((from) => from !== '').toSorted();
    return known[0] ?? around[0];
  };
}

function after(time: string, seconds: number): string {
  return new Date(Date.parse(time) + seconds * 1_000).toISOString();
}

function seenAt(acl: WebAcl, facts: Facts, accepted: readonly Accepted[], patienceSeconds: number): Seen {
  const since = sinceIn(acl, facts, accepted);
  const looksAt = facts.sets.flatMap(({ arn }) => blockingRules(acl, arn).map(({ reference }) => reference.forwarded));
  const sightings = (acl.samples ?? []).flatMap((sample) =>
    clientsIn(sample, looksAt).flatMap((address) => {
      const from = since(address);
      const { at, rule, action } = sample;
      return from === undefined || at < from ? [] : [{ address, at, rule, webAcl: acl.name, action, from }];
    }),
  );
  const bare = ({ address, at, rule, webAcl }: Sighting): Sighting => ({ address, at, rule, webAcl });
  const blocked = sightings.filter(({ action }) => action === 'BLOCK');
  const lastBlocked = new Map<string, string>();
  for (const { address, at } of blocked) if (at > (lastBlocked.get(address) ?? '')) lastBlocked.set(address, at);
  // Who has been blocked since is not allowed any more: what was mended does not ring for three hours.
  const stillAllowed = sightings.filter(
    ({ action, at, from, address }) =>
      // Where nobody says since when it is blocked, nobody can say that it was.
      from !== '' && action === 'ALLOW' && at >= after(from, patienceSeconds) && at > (lastBlocked.get(address) ?? ''),
  );
  return { blocked: blocked.map(bare), stillAllowed: stillAllowed.map(bare) };
}

function newestFirst(sightings: readonly Sighting[]): readonly Sighting[] {
  return sightings.toSorted((one, other) => (one.at < other.at ? 1 : -1));
}

/** What the samples of all web ACLs say of the blocks that stand, the newest first. */
export function seenOf(facts: Facts, accepted: readonly Accepted[], { propagationSeconds }: ProveLimits): Seen {
  const all = facts.webAcls.map((acl) => seenAt(acl, facts, accepted, propagationSeconds));
  return {
    blocked: newestFirst(all.flatMap(({ blocked }) => blocked)),
    stillAllowed: newestFirst(all.flatMap(({ stillAllowed }) => stillAllowed)),
  };
}

/** Web ACLs that block, and keep no samples of it: who was blocked there nobody can see. */
export function unseenAt({ webAcls, sets }: Facts): readonly string[] {
  const blind = webAcls.filter((acl) => {
    const blocking = sets.flatMap(({ arn }) => blockingRules(acl, arn));
    return blocking.length > 0 && blocking.every(({ rule }) => !rule.isSampled);
  });
  return blind.map(({ name }) => name);
}
