/** What must hold at every moment of a run of restrict-access. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
import { inboundOf, keyOf, rulesIn, type Rule } from '../../simulator/services/ec2/security-group-rules.ts';
import { GEO_INVARIANTS } from './geo-invariants.ts';
import { noted, GRACE_MS, type Noted } from './noted.ts';

function permissionsIn(value: unknown): readonly Rule[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter(isRecord).flatMap((permission) => rulesIn(permission));
}

/** A group that a note is about; `undefined`: it is gone, or the note is about something else. */
function groupOf(world: World, { target }: Noted): Shape | undefined {
  return world.records('ec2', 'SecurityGroups').find(({ GroupId }) => target.endsWith(`/${String(GroupId)}`));
}

function rangeOf({ protocol, from, to }: Rule): string {
  return `${protocol} ${from ?? ''}-${to ?? ''}`;
}

/** While a group is locked down, and on the way there, each range lets in either all that it did, or the allow-list. */
const waysInStay: Watcher = {
  name: 'ways-in-stay',
  check: (world, _memory, _told, sent = []) => {
    const lost = noted(sent).flatMap((each) => {
      const group = groupOf(world, each);
      if (group === undefined || each.endMs <= world.clock.now()) return [];
      const stands = inboundOf(group);
      const keys = new Set(stands.map(keyOf));
      const taken = permissionsIn(each.value['taken']);
      const list = isRecord(each.value['allowList']) ? each.value['allowList']['id'] : undefined;
      return taken
        .filter((rule) => !keys.has(keyOf(rule)))
        .map(rangeOf)
        .filter((range) => !stands.some((rule) => rule.peer === list && rangeOf(rule) === range));
    });
    return lost.length === 0 ? undefined : `${lost.join(', ')}: neither who came in before nor the allow-list comes in`;
  },
};

/** Says in the rule itself that it goes with the lockdown. */
const OURS = 'restrict-access';

/** Soon after its end all is back that was taken away, and nothing is left of what was put there instead. */
const noRuleOutlivesItsLockdown: Watcher = {
  name: 'no-rule-outlives-its-lockdown',
  check: (world, _memory, _told, sent = []) => {
    const late = noted(sent).flatMap((each) => {
      const group = groupOf(world, each);
      if (group === undefined || each.endMs + GRACE_MS > world.clock.now()) return [];
      const stands = inboundOf(group);
      const keys = new Set(stands.map(keyOf));
      const missing = permissionsIn(each.value['taken']).filter(
        (rule) => !keys.has(keyOf(rule)) && isPossible(world, rule),
      );
      const left = stands.filter(({ said }) => String(said['Description']).startsWith(OURS));
      return [...missing.map((rule) => `${keyOf(rule)} is not back`), ...left.map((rule) => `${keyOf(rule)} is left`)];
    });
    return late.length === 0 ? undefined : `${late.join(', ')} five minutes after the end`;
  },
};

/** What lets in a group that is gone cannot be put back. */
function isPossible(world: World, { list, peer }: Rule): boolean {
  if (list !== 'UserIdGroupPairs') return true;
  return world.records('ec2', 'SecurityGroups').some(({ GroupId }) => GroupId === peer);
}

const CHANGES = /^ec2:(?:Authorize|Revoke)SecurityGroupIngress$/u;

/** No call of ours is about a rule that a note before it does not name. */
const onlyNotedRulesChange: Watcher = {
  name: 'only-noted-rules-change',
  check: (_world, memory, _told, sent = []) => {
    const read = Number(memory['read'] ?? 0);
    memory['read'] = sent.length;
    const loose = sent
      .slice(read)
      .filter(({ call }) => CHANGES.test(call))
      .flatMap((request) => looseIn(request, noted(sent.slice(0, sent.indexOf(request)))));
    return loose.length === 0 ? undefined : `${loose.join(', ')}: changed, and in no note`;
  },
};

function looseIn({ input }: LoggedRequest, notes: readonly Noted[]): readonly string[] {
  const known = new Set(
    notes
      .filter(({ target }) => target.endsWith(`/${String(input['GroupId'])}`))
      .flatMap(({ all }) =>
        all.flatMap((value) => [...permissionsIn(value['taken']), ...permissionsIn(value['added'])]),
      )
      .map(keyOf),
  );
  return permissionsIn(input['IpPermissions'])
    .map(keyOf)
    .filter((key) => !known.has(key));
}

export const INVARIANTS: readonly Watcher[] = [
  waysInStay,
  noRuleOutlivesItsLockdown,
  onlyNotedRulesChange,
  ...GEO_INVARIANTS,
];
