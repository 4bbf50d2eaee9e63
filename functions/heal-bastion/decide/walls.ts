/** Hosts that are shut out by the network, and what is to be told of that. Pure. */

import type { Decision, Evidence } from '../../../shared/kernel/decision.ts';
import { refuse } from '../../../shared/judgement/decisions.ts';
import { remembered, secondsSince } from '../../../shared/judgement/since.ts';
import { wallsIn, type Block, type Doubt, type Walls } from './diagnosis.ts';
import type { FleetFacts, TargetGroup } from './facts.ts';
import { endingAllTheSame } from './group-processes.ts';
import { failsChecks, type HostVerdict } from './host-verdict.ts';

const NONE: Walls = { blocks: [], doubts: [], partial: [], unread: [], leftOut: [] };

/** What stands between the nodes and hosts that fail; nothing where nobody has looked. */
export function wallsAround(
  { network, hosts }: FleetFacts,
  { balancer, checks }: TargetGroup,
  verdicts: readonly HostVerdict[],
): Walls {
  if (network === null) return NONE;
  const healthy = new Set(verdicts.filter(({ state }) => state === 'healthy').map(({ host }) => host.id));
  return wallsIn(network, {
    isCrossZone: balancer?.isCrossZone === true,
    checks,
    zoneOf: (id) => hosts.find((host) => host.id === id)?.zone,
    isHealthy: (id) => healthy.has(id),
  });
}

/** A fleet with what its network does to checks. */
interface Walled {
  readonly facts: FleetFacts;
  readonly now: string;
  readonly walls: Walls;
  readonly verdicts: readonly HostVerdict[];
  readonly evidence: Evidence;
}

/** Under this key the memory keeps since when somebody is healthy behind a rule that should let nobody be. */
export function doubtKey({ key }: Doubt): string {
  return `since:behind/${key}`;
}

/** How much longer somebody has to be healthy behind a rule until it is none to blame, seconds. A run that waits itself remembers nothing. */
function secondsLeft({ facts: { ask, begunAt, history }, now }: Walled, doubt: Doubt): number {
  const isTick = ask.kind === 'look' && ask.isTick;
  const known = remembered(history, doubtKey(doubt)) ?? now;
  const seconds = Math.max(secondsSince(known, now), isTick ? 0 : secondsSince(begunAt, now));
  return Math.ceil(doubt.seconds - seconds);
}

/** How long it is not known whether a rule shuts a host out, seconds. */
export function doubtLeft(view: Walled, { host }: HostVerdict): number {
  const open = view.walls.doubts.filter(({ block }) => block.hosts.includes(host.id));
  return Math.max(0, ...open.map((doubt) => secondsLeft(view, doubt)));
}

/** What denies something and is not to blame, or cannot be read: whoever looks at a host that fails sees it. */
export function wallEvidence({ doubts, partial, unread, leftOut }: Walls): Evidence {
  const passed = doubts.map(({ block }) => `${block.because}; somebody is healthy behind it`);
  const noCause = [...partial, ...passed];
  return {
    ...(noCause.length === 0 ? {} : { noCause }),
    ...(unread.length === 0 ? {} : { unread }),
    ...(leftOut.length === 0 ? {} : { networkNotRead: leftOut }),
  };
}

/** Hosts that are bad, apart: what shuts some of them out, and who is free of that. */
export interface Apart {
  readonly blocks: readonly Block[];
  readonly free: readonly HostVerdict[];
}

/**
 * Whoever is shut out is spared, for another would be, too. Who is new is no exception: where a group ends whatever fails, all are,
 * one after the other. A machine that is dead and stands behind what shuts out others is as badly off. Of whom it is not known what stands
 * before him is neither: others go first, and then there is room for him.
 */
export function apart({ walls, verdicts }: Walled, bad: readonly HostVerdict[]): Apart {
  const young = verdicts.filter(({ host, state }) => state === 'starting' && failsChecks(host));
  const failing = [...bad.filter(({ state }) => state === 'failing'), ...young];
  const isUnknown = ({ host, state }: HostVerdict): boolean => state === 'failing' && walls.leftOut.includes(host.id);
  const blocks = walls.blocks.filter(({ hosts }) => failing.some(({ host }) => hosts.includes(host.id)));
  const isShut = ({ host }: HostVerdict): boolean => blocks.some(({ hosts }) => hosts.includes(host.id));
  return { blocks, free: bad.filter((each) => !isShut(each) && !isUnknown(each)) };
}

function evidenceOf({ evidence }: Walled, blocks: readonly Block[]): Evidence {
  const told = { ...evidence, ...blocks[0]?.evidence, hosts: evidence['hosts'] };
  return { ...told, blocks: blocks.map(({ by }) => by) };
}

/**
 * Tells what shuts hosts out. `next`: what is to be done about those who are free; where that is nothing now, the block is what a person
 * has to hear of at once, and the next look goes on with them.
 */
export function blocked(view: Walled, blocks: readonly Block[], next: Decision | undefined): Decision {
  const because = blocks.map((block) => block.because).join('; ');
  const shut = [...new Set(blocks.flatMap(({ hosts }) => hosts))].toSorted();
  const spared = `${shut.join(', ')} ${shut.length === 1 ? 'is' : 'are'} not replaced, for another would be shut out, too`;
  if (next?.kind === 'act')
    return {
      ...next,
      because: `${next.because}. Beside that ${because}: ${spared}`,
      evidence: { ...next.evidence, blocks: blocks.map(({ by }) => by), blocked: blocks.map((one) => one.because) },
    };
  const all = next === undefined ? 'no host is replaced, for another would be shut out, too' : spared;
  const beside = next === undefined ? '' : `. Beside that ${next.because}`;
  return refuse(
    evidenceOf(view, blocks),
    'health-check-blocked',
    `${because}: ${all}${beside}${endingAllTheSame(view.facts.groups)}`,
  );
}
