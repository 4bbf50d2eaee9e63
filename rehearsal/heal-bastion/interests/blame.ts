/** What people have at stake in being told what keeps the checks away. */

import type { RunResult } from '../../../shared/kernel/report/result.ts';
import type { Given, Interest } from '../../worlds/interest.ts';
import { Since } from '../../worlds/since.ts';
import type { Place } from '../truth.ts';
import { IN, noted, OUT, type Diary } from './diary.ts';
import { isFailing, RUNBOOK, type Fleet, type Host } from './scene.ts';

/** A host that was shut out long enough for somebody to be told. */
export interface Spell {
  readonly fleet: string;
  readonly host: string;
  readonly places: readonly Place[];
  readonly atMs: number;
  /** All of them were named. */
  readonly isNamed: boolean;
}

const spells = new WeakMap<Given, Spell[]>();

/** Who was shut out, and whether that was named. */
export function spellsOf(given: Given): readonly Spell[] {
  return spells.get(given) ?? [];
}

/** Looks come every two minutes; what is told may be of a look before the last change. */
const LATELY_SECONDS = 150;
const TOLD_WITHIN_SECONDS = 420;
const FOUND_OUT_MS = 20_000;

function isOfBlocks({ runbook, reason }: RunResult): boolean {
  return runbook === RUNBOOK && reason.startsWith('health-check-blocked');
}

function idsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What a result names: ids, and of the first of them where it stands. */
function namedIn({ evidence }: RunResult): readonly string[] {
  const { securityGroup, networkAcl, direction, subnet } = evidence;
  const first = typeof networkAcl === 'string' ? networkAcl : securityGroup;
  const where = `${textOf(first)} ${textOf(direction)} ${textOf(subnet)}`;
  return [...idsIn(evidence['blocks']), where];
}

function fleetNamed(diary: Diary, { target }: RunResult): Fleet | undefined {
  return diary.fleets.find(({ arn, name }) => target === arn || target === name);
}

const nothingElseIsBlamed: Interest = {
  name: 'nothing-else-is-blamed',
  quotes: 'What lets the checks through is never named.',
  watch: noted((diary) => {
    let read = 0;
    let waiting: readonly { readonly result: RunResult; readonly ms: number }[] = [];
    return (_world, told) => {
      const ms = diary.now;
      const come = told.slice(read).filter(isOfBlocks);
      read = told.length;
      waiting = [...waiting, ...come.map((result) => ({ result, ms }))];
      // A wall that has just gone up is found out a moment later.
      const fresh = waiting.filter((each) => ms - each.ms >= FOUND_OUT_MS).map(({ result }) => result);
      waiting = waiting.filter((each) => ms - each.ms < FOUND_OUT_MS);
      const wrong = fresh.flatMap((result) => {
        const fleet = fleetNamed(diary, result);
        return namedIn(result).filter(
          (name) => fleet === undefined || !diary.isBlamable(fleet.arn, name, LATELY_SECONDS),
        );
      });
      return wrong.length === 0 ? undefined : `${wrong.join(', ')} is blamed, and keeps no check away`;
    };
  }),
};

/** Its checks fail, for that is all that is wrong with it, and somebody could be told. */
function isToBeTold({ fleet, isReadable, isJudged }: Fleet, host: Host): boolean {
  const { machine, checks, isDark } = host;
  return (
    fleet !== undefined &&
    isReadable &&
    isJudged &&
    machine === 'running' &&
    checks === 'ok' &&
    !isDark &&
    isFailing(host)
  );
}

/** A replacement, or a standby that comes, is gone on with first. */
const BEGUN_SECONDS = 4_500;

function isBusy({ deeds, now, fleets }: Diary, { arn, hosts }: Fleet): boolean {
  const begun = deeds.filter((deed) => deed.arn === arn && (deed.call === OUT || deed.call === IN));
  const isMember = (id: string): boolean => hosts.some((host) => host.id === id && host.machine === 'running');
  return fleets.length > 0 && begun.some((deed) => now - deed.atMs < BEGUN_SECONDS * 1_000 && isMember(deed.host));
}

function isNamed(places: readonly Place[], named: ReadonlySet<string>): boolean {
  return places.every(({ by }) => by.some((id) => named.has(id)));
}

const whatShutsOutIsNamed: Interest = {
  name: 'what-shuts-checks-out-is-named',
  quotes: 'Whatever keeps the checks from a host that fails is named by its id: a security group, or a network ACL.',
  watch: noted((diary, given) => {
    const since = new Since();
    const counted = new Set<string>();
    const named = new Map<string, { readonly ms: number; readonly name: string }[]>();
    const found: Spell[] = [];
    spells.set(given, found);
    let read = 0;
    return (_world, told) => {
      for (const result of told.slice(read).filter(isOfBlocks)) {
        const arn = fleetNamed(diary, result)?.arn ?? '';
        const ms = diary.now;
        named.set(arn, [...(named.get(arn) ?? []), ...namedIn(result).map((name) => ({ ms, name }))]);
      }
      read = told.length;
      if (!diary.isTruthNew || given.case.surroundings.ledgerLost) return undefined;
      const shut = diary.spots().flatMap(({ fleet, host }) => {
        const places = diary.placesOf(fleet.arn, host.id);
        if (places.length === 0 || !isToBeTold(fleet, host) || given.isSwitchedOff(diary.now, 300)) return [];
        return [{ key: `${fleet.arn} ${JSON.stringify(places)}`, fleet, host, places }];
      });
      since.look(
        shut.map(({ key }) => key),
        diary.now,
      );
      const late = shut.filter(
        ({ key }) => !counted.has(key) && since.hasHeld(key, given.allowing(TOLD_WITHIN_SECONDS), diary.now),
      );
      const missed = late.filter(({ key, fleet, host, places }) => {
        counted.add(key);
        const from = since.of(key) ?? 0;
        const names = (named.get(fleet.arn) ?? []).filter(({ ms }) => ms >= from).map(({ name }) => name);
        const isTold = isNamed(places, new Set(names));
        found.push({ fleet: fleet.name, host: host.id, places, atMs: diary.now, isNamed: isTold });
        return !isTold && !isBusy(diary, fleet);
      });
      return missed.length === 0
        ? undefined
        : missed
            .map(
              ({ host, places }) =>
                `${places.map(({ by }) => by.join(' or ')).join(', ')} keeps checks from ${host.id}, and is not named`,
            )
            .join('; ');
    };
  }),
};

/** What people have at stake in what is blamed. */
export const OF_BLAME: readonly Interest[] = [whatShutsOutIsNamed, nothingElseIsBlamed];
