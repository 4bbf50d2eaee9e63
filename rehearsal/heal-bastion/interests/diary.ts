/**
 * What one run of a world was, noted as it goes on: how each host stands, since when, what keeps checks from it, and what the runbook did.
 * All interests read the same diary, which is written once for each moment.
 */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape, World } from '../../../simulator/engine/model.ts';
import type { LoggedRequest } from '../../../simulator/engine/run-types.ts';
import { list } from '../../../simulator/services/ec2/state.ts';
import { changesTheAccount, tookEffect } from '../../explorer/effects.ts';
import type { Given, Watch } from '../../worlds/interest.ts';
import { Since } from '../../worlds/since.ts';
import { shutOut, type Place } from '../truth.ts';
import { fleetsIn, isFailing, RUNBOOK, type Fleet, type Host } from './scene.ts';

/** Something that the runbook did, with how all stood right before. */
export interface Deed {
  readonly call: string;
  readonly input: Shape;
  readonly atMs: number;
  readonly host: string;
  /** The target group in the request; absent: it has none. */
  readonly arn?: string;
  readonly before: readonly Fleet[];
}

/** A host of a fleet. */
export interface Spot {
  readonly fleet: Fleet;
  readonly host: Host;
}

function keyOf(arn: string, id: string): string {
  return `${arn} ${id}`;
}

/** How often it is found out what keeps checks away: rules change by the script alone, hosts seldom. */
const TRUTH_MS = 10_000;

function hostsIn({ input }: LoggedRequest): readonly string[] {
  const ids: readonly unknown[] = Array.isArray(input['InstanceIds']) ? input['InstanceIds'] : [];
  return [...list(input, 'Targets').map(({ Id: id }) => id), ...ids, input['InstanceId']].flatMap((id) =>
    typeof id === 'string' ? [id] : [],
  );
}

/** The diary of one run. */
export class Diary {
  now = 0;
  fleets: readonly Fleet[] = [];
  /** All deeds so far, and those of this moment. */
  readonly deeds: Deed[] = [];
  fresh: readonly Deed[] = [];
  /** Whether what keeps checks away was found out anew at this moment. */
  isTruthNew = false;
  /** What keeps checks from hosts that fail, by fleet and host. */
  truth: ReadonlyMap<string, readonly Place[]> = new Map();
  /** What has kept any check from it lately, by fleet: ids. */
  readonly #blamable = new Map<string, Map<string, number>>();
  /** Since when hosts of fleets are shut out, whatever by. */
  readonly shut = new Since();
  /** When a host was last seen with something that is held against it. */
  readonly #groundMs = new Map<string, number>();
  #looks = 0;
  #read = 0;
  #open: LoggedRequest[] = [];
  #truthMs = Number.NEGATIVE_INFINITY;

  /** Takes a look; `turn`: how many an interest has taken, so that each moment is noted once. */
  look(turn: number, world: World, sent: readonly LoggedRequest[]): void {
    if (turn <= this.#looks) return;
    this.#looks = turn;
    this.now = world.clock.now();
    const before = this.#looks === 1 ? fleetsIn(world) : this.fleets;
    this.fresh = this.#deedsIn(sent, before);
    this.deeds.push(...this.fresh);
    this.fleets = fleetsIn(world);
    for (const { fleet, host } of this.spots()) {
      const isBad = host.machine !== 'running' || host.checks === 'impaired' || isFailing(host);
      if (isBad) this.#groundMs.set(keyOf(fleet.arn, host.id), this.now);
    }
    this.isTruthNew = this.now - this.#truthMs >= TRUTH_MS;
    if (this.isTruthNew) this.#findOut(world);
  }

  /** Requests of the runbook that have come to an end since the last look, as far as they changed something. */
  #deedsIn(sent: readonly LoggedRequest[], before: readonly Fleet[]): readonly Deed[] {
    const seen = [...this.#open, ...sent.slice(this.#read)];
    this.#read = sent.length;
    this.#open = seen.filter(({ answeredAt, kind }) => kind === 'write' && answeredAt === undefined);
    return seen
      .filter(
        (one) => one.runbook === RUNBOOK && one.answeredAt !== undefined && changesTheAccount(one) && tookEffect(one),
      )
      .flatMap((one) =>
        hostsIn(one).map((host): Deed => {
          const { TargetGroupArn: arn } = one.input;
          const atMs = Date.parse(one.answeredAt ?? '');
          return { call: one.call, input: one.input, atMs, host, before, ...(typeof arn === 'string' ? { arn } : {}) };
        }),
      );
  }

  #findOut(world: World): void {
    this.#truthMs = this.now;
    const found = this.spots().flatMap(({ fleet, host }) => {
      const places = host.targets.flatMap(({ port }) => shutOut(world, fleet.record, host.id, port));
      return places.length === 0 ? [] : [[keyOf(fleet.arn, host.id), places] as const];
    });
    this.truth = new Map(found);
    this.shut.look(this.truth.keys(), this.now);
    for (const [key, places] of found) {
      const [arn = ''] = key.split(' ');
      const known = this.#blamable.get(arn) ?? new Map<string, number>();
      this.#blamable.set(arn, known);
      for (const id of places.flatMap((place) => namesOf(place))) known.set(id, this.now);
    }
  }

  /** All hosts of all fleets. */
  spots(): readonly Spot[] {
    return this.fleets.flatMap((fleet) => fleet.hosts.map((host) => ({ fleet, host })));
  }

  /** What keeps checks from a host of a fleet. */
  placesOf(arn: string, id: string): readonly Place[] {
    return this.truth.get(keyOf(arn, id)) ?? [];
  }

  /** Whether something has kept a check of a fleet away within so many seconds; an id, or with direction and subnet. */
  isBlamable(arn: string, name: string, seconds: number): boolean {
    return this.now - (this.#blamable.get(arn)?.get(name) ?? Number.NEGATIVE_INFINITY) <= seconds * 1_000;
  }

  /** Whether a host has been shut out of a fleet for so long without a break. */
  isLongShut(arn: string, id: string, seconds: number): boolean {
    return this.shut.hasHeld(keyOf(arn, id), seconds, this.now);
  }

  /** Whether anything was held against a host within so many seconds. */
  hasGround(arn: string, id: string, seconds: number): boolean {
    return this.now - (this.#groundMs.get(keyOf(arn, id)) ?? Number.NEGATIVE_INFINITY) <= seconds * 1_000;
  }
}

/** By its id, and by that with where it stands. */
function namesOf({ by, direction, subnet = '' }: Place): readonly string[] {
  return by.flatMap((id) => [id, `${id} ${direction} ${subnet}`]);
}

const diaries = new WeakMap<Given, Diary>();

function diaryOf(given: Given): Diary {
  const diary = diaries.get(given) ?? new Diary();
  diaries.set(given, diary);
  return diary;
}

/** A watch that reads the diary, which this moment is in already. */
export function noted(make: (diary: Diary, given: Given) => Watch): (given: Given) => Watch {
  return (given) => {
    const diary = diaryOf(given);
    const watch = make(diary, given);
    let turn = 0;
    return (world, told, sent) => {
      turn += 1;
      diary.look(turn, world, sent);
      return watch(world, told, sent);
    };
  };
}

/** Hosts that a person has asked to have replaced, by now, or ever. */
export function isAsked({ case: { arrivals } }: Given, host: string): boolean {
  return arrivals.some(({ event }) => {
    const { params } = event;
    return event['runbook'] === RUNBOOK && isRecord(params) && params['host'] === host;
  });
}

/** The calls by which a host stops to serve. */
export const OUT = 'elasticloadbalancing:DeregisterTargets';
export const IN = 'elasticloadbalancing:RegisterTargets';
export const KEPT = 'autoscaling:EnterStandby';
export const ENDS: ReadonlySet<string> = new Set([
  'autoscaling:TerminateInstanceInAutoScalingGroup',
  'ec2:TerminateInstances',
]);
