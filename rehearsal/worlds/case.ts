/** A world that nobody wrote: what a runbook's generator makes of it, and how several make one account. */

import type { Shape } from '../../simulator/engine/model.ts';
import type { FaultPoint } from '../../simulator/engine/run-types.ts';

/** Something that happens by itself, as a world file's `script` has it. `seconds` after the beginning; whole or with milliseconds. */
export interface Happening {
  readonly seconds: number;
  readonly set: { readonly [path: string]: unknown };
}

/** A request or an event from outside, `seconds` after the beginning; without `runbook` to all whom it concerns. */
export interface Arrival {
  readonly seconds: number;
  readonly event: Shape;
  readonly runbook?: string;
}

/** The resources of a world by service and collection, as a world file has them. */
interface Sections {
  readonly [service: string]: { readonly [collection: string]: readonly Shape[] };
}

/** What one runbook's generator adds to an account. The ids in it begin as no other runbook's do. */
export interface Part {
  readonly sections: Sections;
  readonly probes: { readonly [key: string]: string | number };
  readonly capacity: readonly Shape[];
  /** What earlier runs left in the ledger about resources of this part. */
  readonly remembered: readonly Shape[];
  /** Rows of the data ledger; absent: none. */
  readonly data?: readonly Shape[];
  /** Who takes from queues; absent: nobody. */
  readonly consumers?: readonly Shape[];
  /** Who does the jobs of queues on gangs of instances; absent: nobody. */
  readonly workers?: readonly Shape[];
  /** Requests that go wrong in ways of which not every runbook's page makes promises; absent: none beside those of the surroundings. */
  readonly faults?: readonly FaultPoint[];
  readonly script: readonly Happening[];
  readonly arrivals: readonly Arrival[];
  /** Tags by which an instance or a group of another part takes part in this one as well. */
  readonly optIn: readonly { readonly Key: string; readonly Value: string }[];
  /** How long it takes for what this part sets off to come to an end, simulated minutes. */
  readonly minutes: number;
  /** The same where the ledger is lost: a runbook that does nothing then asks for it again and again. Absent: as long. */
  readonly minutesWithoutLedger?: number;
}

/** What does not belong to one runbook. */
export interface Surroundings {
  /** Chooses the order of concurrent requests. */
  readonly seed: number;
  /** Whether instances and groups of each part carry the opt-in tags of the others too. */
  readonly shared: boolean;
  readonly ledgerLost: boolean;
  /** Times at which the kill switch of everything is thrown and taken back, seconds. */
  readonly switched: readonly { readonly fromSeconds: number; readonly untilSeconds: number }[];
  /** Requests that AWS does not carry out, by their number; none of it is in a world file. */
  readonly faults: readonly FaultPoint[];
}

/** All that a run is made of, as JSON. */
export interface Case {
  /** A world file. */
  readonly world: Shape;
  readonly arrivals: readonly Arrival[];
  /** Simulated minutes that the schedules tick, at least. */
  readonly minutes: number;
  readonly seed: number;
  readonly surroundings: Surroundings;
}

/** When every generated world begins. */
export const BEGIN = '2026-11-22T08:00:00Z';
export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';

/** A duration as the files of people have it. */
export function durationOf(seconds: number): string {
  return `PT${Number(seconds.toFixed(3))}S`;
}

type Tags = readonly { readonly Key: string; readonly Value: string }[];

function tagged(record: Shape, tags: Tags): Shape {
  const own: readonly unknown[] = Array.isArray(record['Tags']) ? record['Tags'] : [];
  return { ...record, Tags: [...own, ...tags] };
}

/** A group's tags reach the instances that it launches. */
function propagated(tags: Tags): Tags {
  return tags.map((tag) => ({ ...tag, PropagateAtLaunch: true }));
}

/** The sections of a part with the opt-in tags of the others on its instances and groups. */
function withOptIns(sections: Sections, tags: Tags): Sections {
  if (tags.length === 0) return sections;
  const { ec2 = {}, 'auto-scaling': scaling = {}, ...others } = sections;
  const Instances = (ec2['Instances'] ?? []).map((record) => tagged(record, tags));
  const AutoScalingGroups = (scaling['AutoScalingGroups'] ?? []).map((record) => tagged(record, propagated(tags)));
  return { ...others, ec2: { ...ec2, Instances }, 'auto-scaling': { ...scaling, AutoScalingGroups } };
}

function joined(all: readonly Sections[]): { [service: string]: { [collection: string]: Shape[] } } {
  const sections: { [service: string]: { [collection: string]: Shape[] } } = {};
  for (const one of all) {
    for (const [service, collections] of Object.entries(one)) {
      const into = (sections[service] ??= {});
      for (const [collection, records] of Object.entries(collections)) (into[collection] ??= []).push(...records);
    }
  }
  return sections;
}

/** Subnets and zones that several parts name are one. */
function withoutDoubles(sections: ReturnType<typeof joined>): ReturnType<typeof joined> {
  const ec2 = sections['ec2'] ?? {};
  const once = (records: readonly Shape[] | undefined, key: string): Shape[] => [
    ...new Map((records ?? []).map((record) => [record[key], record])).values(),
  ];
  return { ...sections, ec2: { ...ec2, Subnets: once(ec2['Subnets'], 'SubnetId') } };
}

function switchSteps(switched: Surroundings['switched']): Happening[] {
  return switched.flatMap(({ fromSeconds, untilSeconds }) => [
    { seconds: fromSeconds, set: { 'ledger/switches/all': { reason: 'a change is under way', by: 'operator' } } },
    { seconds: untilSeconds, set: { 'ledger/switches/all': null } },
  ]);
}

/** Puts parts and surroundings together. */
export function caseOf(parts: readonly Part[], surroundings: Surroundings): Case {
  const { shared, ledgerLost, switched, seed } = surroundings;
  const sections = parts.map((part) => {
    const others = shared ? parts.filter((other) => other !== part) : [];
    return withOptIns(
      part.sections,
      others.flatMap(({ optIn }) => optIn),
    );
  });
  const script = [...parts.flatMap((part) => part.script), ...switchSteps(switched)];
  const data = parts.flatMap((part) => part.data ?? []);
  const consumers = parts.flatMap((part) => part.consumers ?? []);
  const workers = parts.flatMap((part) => part.workers ?? []);
  const faults = parts.flatMap((part) => part.faults ?? []);
  const inOrder = script.toSorted((a, b) => a.seconds - b.seconds);
  const world: Shape = {
    now: BEGIN,
    account: ACCOUNT,
    region: REGION,
    ...withoutDoubles(joined(sections)),
    ...(consumers.length === 0 ? {} : { consumers }),
    ...(workers.length === 0 ? {} : { workers }),
    capacity: parts.flatMap(({ capacity }) => capacity),
    probes: Object.assign({}, ...parts.map(({ probes }) => probes)),
    ledger: {
      ...(ledgerLost ? { lost: true } : {}),
      resources: parts.flatMap(({ remembered }) => remembered),
      ...(data.length === 0 ? {} : { data }),
    },
    script: inOrder.map(({ seconds, set }) => ({ after: durationOf(seconds), set, ifPossible: true })),
  };
  return {
    world,
    arrivals: parts.flatMap(({ arrivals }) => arrivals).toSorted((a, b) => a.seconds - b.seconds),
    minutes: Math.max(
      ...parts.map(({ minutes, minutesWithoutLedger = minutes }) =>
        surroundings.ledgerLost ? minutesWithoutLedger : minutes,
      ),
    ),
    seed,
    surroundings: { ...surroundings, faults: [...surroundings.faults, ...faults] },
  };
}
