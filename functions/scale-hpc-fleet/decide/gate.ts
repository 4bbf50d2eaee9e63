/**
 * The gate between a gang's launch and its first job: it is noted as up, and its worker takes jobs, when all of its nodes are where they
 * were asked for, have the interfaces that were asked for, and have attested that they can work, where the fleet wants that. Pure.
 */

import { secondsSince } from '../../../shared/judgement/since.ts';
import { groupOf } from './calls.ts';
import type { Attested, Facts, GangFailure, GangRecord, LaunchWords, Node, Place } from './facts.ts';

/** `shut`: it will not open, and why. */
export type Gate =
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'shut'; readonly why: string };

/** What the gate goes by. */
export type GateFacts = Pick<Facts, 'places' | 'attested' | 'settings'>;

/** How the gate of a gang stands, of which all nodes run. */
export function gateOf(record: GangRecord, nodes: readonly Node[], facts: GateFacts, now: string): Gate {
  const misplaced = nodes.flatMap((node) => misplacedIn(record, node, facts.places) ?? [])[0];
  if (misplaced !== undefined) return { kind: 'shut', why: misplaced };
  const { attestSeconds } = facts.settings;
  return attestSeconds === null
    ? { kind: 'open' }
    : attestedGate(record, facts.attested[record.id], attestSeconds, now);
}

/** What EC2 shows and was not asked for, in words. What it does not show is not held against a node. */
function misplacedIn(record: GangRecord, node: Node, places: readonly Place[]): string | undefined {
  const place = node.place === undefined ? undefined : places[node.place];
  if (place === undefined) return undefined;
  const { rung } = record;
  const group = groupOf(record);
  const { subnetId, zone, placementGroup, efaInterfaces, hasEna } = place;
  const efa = efaIn(record.launch);
  if (subnetId !== null && subnetId !== rung.subnetId)
    return `node ${node.id} is in ${subnetId}, not in ${rung.subnetId}`;
  if (zone !== null && zone !== rung.zone) return `node ${node.id} is in ${zone}, not in ${rung.zone}`;
  if (group !== null && placementGroup !== group)
    return `node ${node.id} is in ${placementGroup ?? 'no placement group'}, not in ${group}`;
  if (efaInterfaces < efa) return `node ${node.id} has ${efaInterfaces} of ${efa} EFA interfaces`;
  if (hasEna === false) return `node ${node.id} has no enhanced networking (ENA)`;
  return undefined;
}

function efaIn(words: LaunchWords | null): number {
  return (words?.interfaces ?? []).filter(({ InterfaceType }) => InterfaceType.startsWith('efa')).length;
}

function attestedGate(
  { nodes, launch, askedAt }: GangRecord,
  attested: Attested | undefined,
  attestSeconds: number,
  now: string,
): Gate {
  // Nobody has asked: that is no silence.
  if (attested === undefined) return { kind: 'waiting' };
  const { ready, fewestEfa, fault } = attested;
  const efa = efaIn(launch);
  if (fewestEfa !== null && fewestEfa < efa)
    return { kind: 'shut', why: `one of its nodes finds ${fewestEfa} of ${efa} EFA devices` };
  if (fault === null && ready.length >= nodes) return { kind: 'open' };
  // A node that is not fit looks again until it is: a file system may be mounted late.
  if (secondsSince(askedAt, now) < attestSeconds) return { kind: 'waiting' };
  return {
    kind: 'shut',
    why: fault ?? `${ready.length} of its ${nodes} nodes have attested within ${attestSeconds} s`,
  };
}

/** Another day one more is tried. The ledger may show what has expired for longer. */
const FORGOTTEN_SECONDS = 86_400;

/**
 * Failures one after the other, the last first: since a gang of the fleet came up, from the version of the template that is launched
 * now. Gangs that were launched side by side, before the first had failed, count as one.
 */
export function failuresIn(gangs: readonly GangRecord[], templateVersion: string, now: string): readonly GangFailure[] {
  const lastUpAt =
    gangs
      .flatMap(({ upAt }) => upAt ?? [])
      .toSorted()
      .at(-1) ?? '';
  const failed = gangs.flatMap(({ askedAt, failure }) =>
    failure === null ||
    failure.templateVersion !== templateVersion ||
    failure.at < lastUpAt ||
    secondsSince(failure.at, now) > FORGOTTEN_SECONDS
      ? []
      : [{ askedAt, failure }],
  );
  const rounds: GangFailure[] = [];
  for (const { askedAt, failure } of failed.toSorted((one, other) => one.askedAt.localeCompare(other.askedAt))) {
    const [last] = rounds;
    if (last === undefined || askedAt >= last.at) rounds.unshift(failure);
  }
  return rounds;
}
