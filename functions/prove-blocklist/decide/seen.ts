/** From written to seen: who was blocked among the requests that WAF has kept samples of, and who was still allowed. Pure. */

import { indexOf } from '../../../shared/judgement/addresses/lookup.ts';
import type { JsonObject } from '../../../shared/kernel/decision.ts';
import type { Facts, ProveLimits, Sample, SetReference, WebAcl } from './facts.ts';
import { blockingRule } from './web-layer.ts';
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

/** Where a rule looks for the client of a request. */
function clientsOf({ client, forwarded }: Sample, looksAt: readonly (SetReference['forwarded'] | null)[]): string[] {
  return looksAt.flatMap((where) => {
    if (where === null) return client ?? [];
    const all = forwarded[where.header] ?? [];
    if (where.position === 'ANY') return [...all];
    return (where.position === 'FIRST' ? all[0] : all.at(-1)) ?? [];
  });
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
  const references = facts.sets.flatMap(({ arn }) => blockingRule(acl, arn)?.reference.forwarded ?? null);
  const looksAt = references.length === 0 ? [null] : [...new Set(references)];
  const sightings = (acl.samples ?? []).flatMap((sample) =>
    clientsOf(sample, looksAt).flatMap((address) => {
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
