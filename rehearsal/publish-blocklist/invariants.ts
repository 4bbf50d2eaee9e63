/** What must hold at every moment of a run of publish-blocklist. */

import { overlap } from '../../shared/judgement/addresses/arithmetic.ts';
import { isMalformed, parseNetwork } from '../../shared/judgement/addresses/parse.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';

/** Two ticks, and what a minute of throttling and a repeat may add to them. */
const GRACE_MS = 300_000;

function textsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((each) => typeof each === 'string');
}

function sets(world: World): readonly Shape[] {
  return world.records('wafv2', 'IPSets');
}

function isTagged(set: Shape): boolean {
  return JSON.stringify(set['Tags'] ?? []).includes('runbook:block');
}

/** What our writes have ever brought into sets. */
function broughtBy(sent: readonly LoggedRequest[]): ReadonlySet<string> {
  return new Set(
    sent.filter(({ call }) => call === 'wafv2:UpdateIPSet').flatMap(({ input }) => textsOf(input['Addresses'])),
  );
}

/** An entry of somebody else's leaves a set by somebody else's hand only, and a set without the tag is nobody's business. */
const foreignEntriesSurvive: Watcher = {
  name: 'foreign-entries-survive',
  check: (world, memory, _told, sent = []) => {
    const ours = sent.filter(({ call, answeredAt }) => call === 'wafv2:UpdateIPSet' && answeredAt !== undefined);
    const isOurWrite = ours.length !== (memory['writes'] ?? 0);
    const found = sets(world).flatMap((set) => {
      const key = `set ${String(set['ARN'])}`;
      const [before, now] = [textsOf(memory[key]), textsOf(set['Addresses'])];
      memory[key] = [...now];
      const known: unknown = memory[`brought ${key}`];
      const brought = new Set(textsOf(known));
      const came = now.filter((cidr) => !before.includes(cidr));
      if (isOurWrite) for (const cidr of came) brought.add(cidr);
      memory[`brought ${key}`] = [...brought];
      if (!isOurWrite || before.length === 0) return [];
      return before.filter((cidr) => !now.includes(cidr) && (!brought.has(cidr) || !isTagged(set)));
    });
    memory['writes'] = ours.length;
    return found.length === 0 ? undefined : `${found.join(', ')}: an entry of others was taken out`;
  },
};

/** No address of the account's own is in a set that we write, unless somebody else put it there. */
const ownAddressesNeverBlocked: Watcher = {
  name: 'own-addresses-never-blocked',
  check: (world, _memory, _told, sent = []) => {
    const brought = broughtBy(sent);
    const own = world.records('ec2', 'Addresses').map(({ PublicIp }) => `${String(PublicIp)}/32`);
    const blocked = sets(world)
      .filter(isTagged)
      .flatMap((set) => textsOf(set['Addresses']));
    const bad = blocked.filter((cidr) => brought.has(cidr)).find((cidr) => own.some((one) => isOverlap(cidr, one)));
    return bad === undefined ? undefined : `${bad} is blocked and is the account's own`;
  },
};

function isOverlap(one: string, other: string): boolean {
  const [parsed, against] = [parseNetwork(one), parseNetwork(other)];
  return !isMalformed(parsed) && !isMalformed(against) && overlap(parsed.cidr, against.cidr);
}

/** The latest end that was told of each network, milliseconds. */
function endsTold(told: readonly RunResult[]): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  for (const { runbook, evidence, target = '' } of told) {
    const { until } = evidence;
    if (runbook !== 'block-address' || typeof until !== 'string') continue;
    ends.set(target, Math.max(ends.get(target) ?? 0, Date.parse(until)));
  }
  return ends;
}

/** What was blocked for a time is out of the set soon after it. */
const noBlockOutlivesItsTime: Watcher = {
  name: 'no-block-outlives-its-time',
  check: (world, _memory, told = [], sent = []) => {
    const brought = broughtBy(sent);
    const ends = endsTold(told);
    const latest = world.clock.now() - GRACE_MS;
    const blocked = sets(world)
      .filter(isTagged)
      .flatMap((set) => textsOf(set['Addresses']));
    const late = blocked.find((cidr) => brought.has(cidr) && (ends.get(cidr) ?? Number.POSITIVE_INFINITY) < latest);
    return late === undefined ? undefined : `${late} is blocked although its time was over five minutes ago`;
  },
};

export const INVARIANTS: readonly Watcher[] = [foreignEntriesSurvive, ownAddressesNeverBlocked, noBlockOutlivesItsTime];
