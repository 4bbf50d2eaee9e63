/** What people have at stake in being served again: who fails is replaced in the end, or has somebody stand in. */

import type { Given, Interest } from '../../worlds/interest.ts';
import { noted, ENDS, IN, KEPT, OUT, type Diary, type Spot } from './diary.ts';
import { Since } from '../../worlds/since.ts';
import { cannotEnd, isFailing, isHealthy, isMoving, type Fleet, type Host } from './scene.ts';

/** The doubt, the tick after it, and a few looks. */
const TAKEN_WITHIN_SECONDS = 480;
/** A boot with its checks; the grace of a group comes on top where it is longer. */
const [BOOT_SECONDS, WINDOW_SECONDS, MOST] = [760, 3_600, 3];

function isYoung({ launchedMs }: Host, graceSeconds: number, now: number): boolean {
  return now - launchedMs < Math.max(BOOT_SECONDS, graceSeconds) * 1_000;
}

function isWell({ machine, checks, isDark }: Host): boolean {
  return machine === 'running' && checks === 'ok' && !isDark;
}

/** Everything of a fleet is as it should be but for hosts that fail, and somebody serves. */
function isCalm(fleet: Fleet, diary: Diary): boolean {
  const { hosts, groups, fleet: name, isJudged, arn } = fleet;
  const taken = diary.deeds.filter(
    (deed) => (deed.arn === arn || deed.call === KEPT) && diary.now - deed.atMs < WINDOW_SECONDS * 1_000,
  );
  return (
    name !== undefined &&
    isTold(fleet, diary) &&
    isJudged &&
    new Set(taken.map(({ host }) => host)).size < MOST &&
    taken.every(({ call }) => call !== KEPT) &&
    groups.every(({ members, desired, suspended }) => members === desired && suspended.length === 0) &&
    hosts.every((host) => isSettled(host, diary, arn))
  );
}

/** It neither comes nor goes, and no rule is in its way. */
function isSettled(host: Host, diary: Diary, arn: string): boolean {
  const isOut = host.group !== undefined && host.targets.length === 0;
  return (
    !isMoving(host) &&
    !isOut &&
    diary.placesOf(arn, host.id).length === 0 &&
    (host.lifecycle === '' || host.lifecycle === 'InService')
  );
}

/** A member whose group minds EC2's checks alone, and that fails those of the balancer. */
function isForUs({ host, fleet }: Spot, now: number): boolean {
  const group = fleet.groups.find(({ name }) => name === host.group);
  return (
    group !== undefined &&
    !group.checksByElb &&
    (group.isTagged || host.isTagged) &&
    !cannotEnd(fleet, host) &&
    isWell(host) &&
    isFailing(host) &&
    !isYoung(host, group.graceSeconds, now)
  );
}

function servesAt(...states: readonly string[]): (host: Host) => boolean {
  return ({ targets }) => targets.some(({ state }) => states.includes(state));
}

/** Another target group would be left without anybody, as far as it is told. */
function isNeededElsewhere(host: string, of: Fleet, { fleets }: Diary): boolean {
  return fleets.some(({ arn, hosts }) => {
    const own = hosts.find(({ id }) => id === host);
    const mayServe = own !== undefined && servesAt('healthy', 'unavailable')(own);
    return arn !== of.arn && mayServe && !hosts.some((each) => each.id !== host && servesAt('healthy')(each));
  });
}

/** It is told how the targets are wherever its groups register, and each of those target groups is there. */
function isTold({ arn, isReadable, groups }: Fleet, { fleets }: Diary): boolean {
  const arns = new Set([arn, ...groups.flatMap(({ targetGroups }) => targetGroups)]);
  const there = fleets.filter((each) => arns.has(each.arn));
  return isReadable && there.length === arns.size && there.every((each) => each.isReadable);
}

/** Whether whoever else is bad would be replaced, too: who is not may keep all from it, but for whom AWS would not end. */
function onlyForUs({ fleet }: Spot, now: number): boolean {
  return fleet.hosts.every(
    (host) =>
      isHealthy(host) ||
      cannotEnd(fleet, host) ||
      host.targets.every(({ state }) => state === 'healthy') ||
      isForUs({ host, fleet }, now),
  );
}

function isQuiet(given: Given, now: number): boolean {
  return !given.case.surroundings.ledgerLost && !given.isSwitchedOff(now, 300);
}

const whoFailsIsReplaced: Interest = {
  name: 'a-host-that-fails-is-replaced',
  quotes: "A host whose checks fail while others' do not is replaced where its group does not do that.",
  watch: noted((diary, given) => {
    const since = new Since();
    return () => {
      if (!diary.isTruthNew) return undefined;
      const { now } = diary;
      const due = isQuiet(given, now)
        ? diary
            .spots()
            .filter(
              (spot) =>
                isForUs(spot, now) &&
                isCalm(spot.fleet, diary) &&
                onlyForUs(spot, now) &&
                spot.fleet.hosts.some(isHealthy) &&
                !isNeededElsewhere(spot.host.id, spot.fleet, diary),
            )
        : [];
      // Whoever is replaced first, the others begin anew.
      const lot = (arn: string): number => diary.deeds.filter((deed) => deed.arn === arn).length;
      const keyed = due.map(({ fleet, host }) => ({ host, key: `${fleet.arn} ${host.id} ${lot(fleet.arn)}` }));
      since.look(
        keyed.map(({ key }) => key),
        now,
      );
      const late = keyed.find(({ key }) => since.hasHeld(key, given.allowing(TAKEN_WITHIN_SECONDS), now));
      return late === undefined ? undefined : `${late.host.id} fails, nothing is in the way, and it is not replaced`;
    };
  }),
};

/** An hour of sessions, a look each five minutes, and what a call takes that is refused for now. */
const OUT_SECONDS = 4_500;

const whoIsOutEnds: Interest = {
  name: 'who-is-out-ends-or-comes-back',
  quotes: 'A host that was taken out is ended, or registered again where it cannot be',
  watch: noted((diary, given) => {
    const since = new Since();
    return () => {
      if (!diary.isTruthNew) return undefined;
      const { deeds, now } = diary;
      const out = diary.spots().filter(({ fleet, host }) => {
        const last = deeds.findLast((deed) => deed.host === host.id && (deed.arn === fleet.arn || ENDS.has(deed.call)));
        const isOut = host.targets.every(({ state }) => state === 'draining');
        return (
          last?.call === OUT &&
          isOut &&
          host.machine === 'running' &&
          !isTakenOver(host) &&
          fleet.fleet !== undefined &&
          isTold(fleet, diary)
        );
      });
      since.look(isQuiet(given, now) ? out.map(({ fleet, host }) => `${fleet.arn} ${host.id}`) : [], now);
      const late = out.find(({ fleet, host }) =>
        since.hasHeld(`${fleet.arn} ${host.id}`, given.allowing(OUT_SECONDS), now),
      );
      return late === undefined ? undefined : `${late.host.id} was taken out, and runs on for ${OUT_SECONDS} s`;
    };
  }),
};

/** A person has taken it away from its group. */
function isTakenOver({ group, lifecycle }: Host): boolean {
  return group === undefined || /Standby|Detach/u.test(lifecycle);
}

/** It is registered without a group, and fails by itself or with its machine. */
function isPlainBad(host: Host, now: number): boolean {
  const isDead = host.machine === 'stopped' || (host.machine === 'running' && host.checks === 'impaired');
  const isBad = isDead || (isWell(host) && isFailing(host) && !isYoung(host, 0, now));
  return !host.isMember && host.targets.length > 0 && isBad;
}

/** It could serve, and does not. */
function isFree(host: Host): boolean {
  return !host.isMember && host.isTagged && host.targets.length === 0 && isWell(host);
}

const aStandbyStepsIn: Interest = {
  name: 'a-standby-steps-in',
  quotes: 'Where no group would launch another, a standby of the fleet is registered beside a host that fails.',
  watch: noted((diary, given) => {
    const since = new Since();
    return () => {
      if (!diary.isTruthNew) return undefined;
      const { now } = diary;
      const isBad = (host: Host): boolean => isPlainBad(host, now);
      const due = (isQuiet(given, now) ? diary.fleets : []).filter((fleet) => {
        const bad = fleet.hosts.filter(isBad);
        const come = diary.deeds.filter((deed) => deed.call === IN && deed.arn === fleet.arn).length;
        const isSomebodyThere = fleet.hosts.some(isHealthy) || bad.some((host) => !isWell(host));
        return (
          fleet.groups.length === 0 &&
          bad.length > come &&
          fleet.hosts.some(isFree) &&
          isSomebodyThere &&
          isCalm(fleet, diary) &&
          fleet.hosts.every((host) => isHealthy(host) || isFree(host) || isBad(host))
        );
      });
      const keyed = due.map((fleet) => ({
        arn: fleet.arn,
        key: `${fleet.arn} ${fleet.hosts.filter(isBad).length}`,
      }));
      since.look(
        keyed.map(({ key }) => key),
        now,
      );
      const late = keyed.find(({ key }) => since.hasHeld(key, given.allowing(TAKEN_WITHIN_SECONDS), now));
      return late === undefined
        ? undefined
        : `a host of ${late.arn} fails, and a standby is free, and does not step in`;
    };
  }),
};

/** What people have at stake in being served again. */
export const OF_SERVING: readonly Interest[] = [whoFailsIsReplaced, whoIsOutEnds, aStandbyStepsIn];
