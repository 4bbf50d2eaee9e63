/** What people have at stake in who is replaced: nobody without a ground, nobody too many, and nobody while people are on it. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { list, part } from '../../../simulator/services/ec2/state.ts';
import { tagOf } from '../../records.ts';
import type { Given, Interest, Watch } from '../../worlds/interest.ts';
import { named, watching } from '../../worlds/looks.ts';
import { Since } from '../../worlds/since.ts';
import { INVARIANTS } from '../invariants.ts';
import { ENDS, IN, isAsked, KEPT, noted, OUT, type Deed, type Diary } from './diary.ts';
import { cannotEnd, isFailing, isHealthy, isMoving, TAG, type Fleet, type Host } from './scene.ts';

/** A run's look, and its call, while others act: what has just changed it may not have seen. */
const SEEN_SECONDS = 60;

/** A deed by which a host is taken out of a fleet, or kept: what has its reason in how the host is. */
interface Taking {
  readonly deed: Deed;
  readonly fleet: Fleet;
  readonly host: Host;
}

/** Fleets that a deed is about: the one in the request, or of those whose group has its host the one in which that is bad. */
function takingsOf({ fresh }: Diary): readonly Taking[] {
  return fresh
    .filter(({ call }) => call === OUT || call === KEPT)
    .flatMap((deed): readonly Taking[] => {
      const all = deed.before.flatMap((fleet) => {
        const host = fleet.hosts.find(({ id }) => id === deed.host);
        // Who is out already is taken out once more where that was not seen.
        return host === undefined || isOut(host) ? [] : [{ deed, fleet, host }];
      });
      if (deed.call === OUT) return all.filter(({ fleet }) => fleet.arn === deed.arn);
      const own = all.filter(({ host }) => host.group !== undefined);
      const bad = own.find(({ host }) => isFailing(host) || !isWell(host)) ?? own[0];
      return bad === undefined ? [] : [bad];
    });
}

function isOut({ targets }: Host): boolean {
  return targets.length > 0 && targets.every(({ state }) => state === 'draining');
}

/** An interest in each taking that nobody has asked for; to have a host kept nobody can ask. */
function unasked(fault: (taking: Taking, diary: Diary, given: Given) => string | undefined): (given: Given) => Watch {
  return noted((diary, given) => () => {
    const faults = takingsOf(diary)
      .filter(({ deed }) => deed.call === KEPT || !isAsked(given, deed.host))
      .flatMap((taking) => {
        const found = fault(taking, diary, given);
        return found === undefined ? [] : [`${taking.deed.call} of ${taking.host.id}: ${found}`];
      });
    return faults.length === 0 ? undefined : faults.join(', ');
  });
}

function isWell({ machine, checks }: Host): boolean {
  return machine === 'running' && checks === 'ok';
}

const nobodyShutOutGoes: Interest = {
  name: 'nobody-goes-who-is-shut-out',
  quotes: 'Where a rule keeps the checks away from a host it is not replaced: another would be shut out, too.',
  watch: unasked(({ fleet, host }, diary, given) =>
    isWell(host) && diary.isLongShut(fleet.arn, host.id, given.allowing(SEEN_SECONDS))
      ? 'its checks are shut out'
      : undefined,
  ),
};

function allFail({ hosts }: Fleet): boolean {
  const registered = hosts.filter(({ targets }) => targets.length > 0);
  return (
    registered.length > 0 &&
    registered.every((host) => isWell(host) && isFailing(host)) &&
    hosts.every((host) => !isMoving(host) && (host.group === undefined || host.targets.length > 0))
  );
}

const nobodyGoesWhereAllFail: Interest = {
  name: 'nobody-goes-where-all-fail',
  quotes: 'Where all hosts fail their checks and none of their machines does, none is replaced.',
  watch: (given) => {
    const since = new Since();
    let isLong: ReadonlySet<string> = new Set();
    const judge = unasked(({ fleet }) => (isLong.has(fleet.arn) ? 'all fail alike' : undefined))(given);
    const note = noted((diary) => () => {
      const { now, fleets } = diary;
      since.look(
        fleets.filter(allFail).map(({ arn }) => arn),
        now,
      );
      return undefined;
    })(given);
    return (world, told, sent) => {
      const fault = judge(world, told, sent);
      note(world, told, sent);
      const seconds = given.allowing(SEEN_SECONDS);
      isLong = new Set(
        [...since.all()].filter(([, ms]) => world.clock.now() - ms >= seconds * 1_000).map(([arn]) => arn),
      );
      return fault;
    };
  },
};

const nobodyGoesWithoutGround: Interest = {
  name: 'nobody-goes-without-a-ground',
  quotes:
    'A reason that begins with `Elb.`, the state `unavailable`, a zonal shift, and health that nobody tells are no ground for anything.',
  watch: unasked(({ fleet, host }, diary, given) => {
    if (!diary.hasGround(fleet.arn, host.id, given.allowing(SEEN_SECONDS))) return 'nothing is held against it';
    return undefined;
  }),
};

/** How many hosts a fleet had another come for. */
const [MOST, WINDOW_SECONDS] = [3, 3_600];

const threeAnHour: Interest = {
  name: 'three-an-hour',
  quotes: 'Three hosts of a fleet within an hour are replaced at most',
  watch: noted((diary) => () => {
    // What was booked for whom AWS would not end, or who was put back, is given back.
    const isRefused = ({ before, arn, host: id }: Deed): boolean => {
      const fleet = before.find((each) => each.arn === arn);
      const host = fleet?.hosts.find((each) => each.id === id);
      return fleet !== undefined && host !== undefined && cannotEnd(fleet, host);
    };
    const isCounted = (deed: Deed): boolean =>
      (deed.call === OUT && !isRefused(deed) && !cameBack(deed, diary)) ||
      (deed.call === IN && !isPutBack(deed, diary));
    for (const deed of diary.fresh.filter(isCounted)) {
      const alike = diary.deeds.filter(
        (each) => isCounted(each) && each.arn === deed.arn && deed.atMs - each.atMs < WINDOW_SECONDS * 1_000,
      );
      // Sent twice it is one.
      const hosts = new Set(alike.map(({ host }) => host));
      if (hosts.size > MOST) return `${[...hosts].join(', ')} were replaced within an hour in ${String(deed.arn)}`;
    }
    return undefined;
  }),
};

/** Who was taken out was put back since. */
function cameBack({ host, arn, atMs }: Deed, { deeds }: Diary): boolean {
  return deeds.some((each) => each.call === IN && each.arn === arn && each.host === host && each.atMs >= atMs);
}

/** Whoever was taken out comes back. */
function isPutBack({ host, arn, atMs }: Deed, { deeds }: Diary): boolean {
  return deeds.some((each) => each.call === OUT && each.arn === arn && each.host === host && each.atMs <= atMs);
}

/** So long a deregistered target may get new connections, as users have measured. */
const DRAIN_SECONDS = 120;

/** When a host was last taken out of a fleet by the runbook, and not put back. */
function outSince({ deeds }: Diary, host: string, untilMs: number): Deed | undefined {
  const own = deeds.filter(
    (each) => each.host === host && each.atMs <= untilMs && (each.call === OUT || each.call === IN),
  );
  const last = own.at(-1);
  if (last?.call !== OUT) return undefined;
  // Taken out once more, it is out since the first time.
  const back = own.findLastIndex(({ call }) => call === IN);
  return own[back + 1];
}

const drainedFirst: Interest = {
  name: 'drained-before-it-ends',
  quotes: 'A host that is deregistered may get new connections for 120 s, and is ended after 150 s at the earliest.',
  watch: noted((diary) => () => {
    const ended = diary.fresh.filter(({ call }) => ENDS.has(call));
    const early = ended.find((deed) => {
      const out = outSince(diary, deed.host, deed.atMs);
      // To whom a person has stopped or ended nobody connects.
      const isRunning = deed.before.some(({ hosts }) =>
        hosts.some(({ id, machine }) => id === deed.host && machine === 'running'),
      );
      if (!isRunning) return false;
      const isRegistered = deed.before.some(({ arn, hosts }) =>
        hosts.some(({ id, targets }) => id === deed.host && targets.length > 0 && arn === (out?.arn ?? arn)),
      );
      return out === undefined ? isRegistered : deed.atMs - out.atMs < DRAIN_SECONDS * 1_000;
    });
    return early === undefined
      ? undefined
      : `${early.host} is ended less than ${DRAIN_SECONDS} s after it was taken out`;
  }),
};

const somebodyComesAfter: Interest = {
  name: 'somebody-comes-after-who-goes',
  quotes: 'A group that names a target group that was deleted fails each launch. No host of it is ended',
  watch: noted((diary) => () => {
    const gone = diary.fresh
      .filter(({ call }) => call === OUT || ENDS.has(call))
      .find(({ host: id, before }) => {
        const there = new Set(before.map(({ arn }) => arn));
        const spots = before.flatMap((fleet) =>
          fleet.hosts.filter((host) => host.id === id).map((host) => ({ fleet, host })),
        );
        return spots.some(({ fleet: { groups }, host: { group } }) =>
          groups.some(({ name, targetGroups }) => name === group && targetGroups.some((arn) => !there.has(arn))),
        );
      });
    return gone === undefined ? undefined : `${gone.call} of ${gone.host}, whose group fails each launch`;
  }),
};

/** People come within a count and the call that follows it. */
const COUNTED_SECONDS = 120;
const [SESSION_SECONDS, RESET_SLACK_SECONDS] = [3_600, 150];

/** Sessions on a host, by the one document of the fleet; `undefined`: nobody says. */
function sessionsOn(world: World, fleet: string, host: string): number | undefined {
  const documents = world.records('ssm', 'Documents').filter((one) => tagOf(one, TAG) === fleet);
  const [document, second] = documents;
  if (document === undefined || second !== undefined) return undefined;
  const hosts: Shape = part(part(document, 'Sessions'), 'Hosts');
  return typeof hosts[host] === 'number' ? hosts[host] : 0;
}

function attributeOf(record: Shape, key: string): unknown {
  return list(record, 'Attributes').find((each) => each['Key'] === key)?.['Value'];
}

/** The balancer has reset whoever was on it. */
function isReset({ record }: Fleet, out: Deed, atMs: number): boolean {
  const host = out.before.flatMap(({ arn, hosts }) => (arn === out.arn ? hosts : [])).find(({ id }) => id === out.host);
  const resetsBad = attributeOf(record, 'target_health_state.unhealthy.connection_termination.enabled') !== 'false';
  const resets = attributeOf(record, 'deregistration_delay.connection_termination.enabled') === 'true';
  const delay = Number(attributeOf(record, 'deregistration_delay.timeout_seconds') ?? 300);
  const isBad = host !== undefined && !isHealthy(host);
  return (isBad && resetsBad) || (resets && (atMs - out.atMs) / 1_000 >= delay + RESET_SLACK_SECONDS - 30);
}

const peopleAreWaitedFor: Interest = {
  name: 'people-are-waited-for',
  quotes: 'While sessions are counted on it, it is not ended, for an hour at most.',
  watch: noted((diary) => {
    const people = new Since();
    return (world) => {
      const ended = diary.fresh.filter(({ call }) => ENDS.has(call));
      const wrong = ended.find((deed) => {
        const out = outSince(diary, deed.host, deed.atMs);
        const fleet = diary.fleets.find(({ arn }) => arn === out?.arn);
        if (out === undefined || fleet === undefined || isReset(fleet, out, deed.atMs)) return false;
        const isLong = deed.atMs - out.atMs >= SESSION_SECONDS * 1_000 - 1_000;
        return !isLong && people.hasHeld(`${fleet.arn} ${deed.host}`, COUNTED_SECONDS, diary.now);
      });
      const there = diary.spots().filter(({ fleet, host }) => {
        const sessions = fleet.fleet === undefined ? undefined : sessionsOn(world, fleet.fleet, host.id);
        return host.isTagged && sessions !== undefined && sessions > 0;
      });
      people.look(
        there.map(({ fleet, host }) => `${fleet.arn} ${host.id}`),
        diary.now,
      );
      return wrong === undefined ? undefined : `${wrong.host} is ended, and sessions are on it`;
    };
  }),
};

/** Whether others have changed something below one of these paths within so many seconds: nobody can have seen it. */
function isMovedByOthers(given: Given, nowMs: number, seconds: number): boolean {
  const script: unknown = given.case.world['script'];
  const steps: readonly unknown[] = Array.isArray(script) ? script : [];
  return steps.some((step) => {
    const after = typeof step === 'object' && step !== null && 'after' in step ? String(step.after) : '';
    const at = given.beginMs + Number(/^PT([\d.]+)S$/u.exec(after)?.[1] ?? Number.NaN) * 1_000;
    return at <= nowMs && nowMs - at <= seconds * 1_000;
  });
}

const MOVED_SECONDS = 5;

/** What the drills hold at each moment. */
function ofDrills(name: string, quotes: string): Interest {
  return {
    name,
    quotes,
    watch: watching(named(INVARIANTS, name), (given, nowMs) => isMovedByOthers(given, nowMs, MOVED_SECONDS)),
  };
}

/** What people have at stake in who goes. */
export const OF_REPLACING: readonly Interest[] = [
  nobodyShutOutGoes,
  nobodyGoesWhereAllFail,
  ofDrills('never-the-last-healthy-bastion', 'The last healthy host of a target group is never taken out'),
  ofDrills('one-replacement-at-a-time', 'one host of a fleet at a time'),
  threeAnHour,
  nobodyGoesWithoutGround,
  ofDrills('only-tagged-bastions-end', 'Nothing without the tag `runbook:bastion` is touched.'),
  drainedFirst,
  somebodyComesAfter,
  peopleAreWaitedFor,
];
