/** A fleet as it is judged, and what people are told of it. Pure. */

import { secondsSince } from '../../../shared/judgement/since.ts';
import type { Evidence, Json } from '../../../shared/kernel/decision.ts';
import { DEMAND_UNKNOWN, demandOf, type Demand } from './demand.ts';
import type { Facts, FleetLimits, Rung, Template } from './facts.ts';
import { gangsIn, isPresent, strangers, type Gang } from './gangs.ts';
import { checkRungs, type RungCheck } from './preflight.ts';
import { closedBy, memoryFor, nameOf } from './rungs.ts';

/** All that a judgement goes by. */
export interface Scene {
  readonly facts: Facts;
  readonly template: Template;
  readonly limits: FleetLimits;
  readonly now: string;
  readonly gangs: readonly Gang[];
  readonly demand: Demand;
  /** Empty where the ladder cannot be read. */
  readonly rungs: readonly Rung[];
  /** What is to be said of each rung. */
  readonly checks: readonly RungCheck[];
  readonly evidence: Evidence;
}

/** Names that evidence lists at most: of more it gives the number. */
const MOST_NAMED = 10;

export function sceneOf(facts: Facts, template: Template, limits: FleetLimits, now: string): Scene {
  const gangs = gangsIn(facts, limits, now);
  const demand = facts.jobs === null ? DEMAND_UNKNOWN : demandOf(facts, facts.jobs, gangs, limits, now);
  const rungs = 'rungs' in facts.ladder ? facts.ladder.rungs : [];
  const checks = checkRungs(facts, template, rungs, gangs);
  const scene = { facts, template, limits, now, gangs, demand, rungs, checks };
  return { ...scene, evidence: evidenceOf(scene) };
}

/** Nodes that bill, or are about to. */
export function nodesOf({ facts, gangs }: Pick<Scene, 'facts' | 'gangs'>): number {
  const asked = gangs.filter(({ standing }) => standing === 'asked').map(({ record }) => record.nodes);
  return facts.nodes.filter(isPresent).length + asked.reduce((sum, nodes) => sum + nodes, 0);
}

function evidenceOf(scene: Omit<Scene, 'evidence'>): Evidence {
  const { facts, gangs, template, rungs, checks } = scene;
  const { settings, jobs } = facts;
  const foreign = strangers(facts).map(({ id }) => id);
  return {
    fleet: template.name,
    ...(settings.queue === null ? {} : { queue: settings.queue }),
    ...(jobs === null ? {} : { jobs: { waiting: jobs.visible, atWork: jobs.inFlight } }),
    nodesPerJob: settings.nodesPerJob,
    ...(settings.stageIn === null ? {} : { stageIn: settings.stageIn.text }),
    gangs: standings(gangs),
    nodes: nodesOf(scene),
    ...(rungs.length === 0 ? {} : { rungs: rungs.map((rung, index) => rungSays(rung, checks[index], scene)) }),
    ...networkOf(facts),
    ...unseenOf(scene),
    ...stuckOf(scene),
    ...(foreign.length === 0 ? {} : { ofNoGang: named(foreign) }),
    ...(facts.oddLeases.length === 0 ? {} : { unreadableLeases: named(facts.oddLeases) }),
    ...(facts.unreadable.length === 0 ? {} : { unreadable: facts.unreadable.slice(0, MOST_NAMED) }),
  };
}

/** How close the nodes of gangs that have just come are. */
function networkOf({ topology }: Facts): Evidence {
  const told = Object.entries(topology).map(([gang, count]) => `${gang}: ${count ?? 'not read'}`);
  return told.length === 0 ? {} : { networkNodes: named(told) };
}

/** What a look has left for others, because there is so much of it. */
function unseenOf({ facts, gangs, demand }: Omit<Scene, 'evidence'>): Evidence {
  const attesting = gangs.filter(({ standing }) => standing === 'attesting');
  const unasked = attesting.filter(({ record }) => facts.attested[record.id] === undefined).length;
  return {
    ...(unasked === 0 ? {} : { attestingAndNotAsked: unasked }),
    ...(demand.untimed === 0 ? {} : { spareAndNotTimed: demand.untimed }),
  };
}

/** Gangs that are at work although SQS has counted no job for them for long: a worker that died has left its protection. */
function stuckOf({ gangs, demand, limits, now }: Omit<Scene, 'evidence'>): Evidence {
  const { spareSince } = demand;
  if (spareSince === null || secondsSince(spareSince, now) < limits.longBusySeconds) return {};
  const busy = gangs.filter(({ standing, isAsked, isBusy }) => standing === 'whole' && isAsked && isBusy);
  return busy.length === 0 ? {} : { atWorkWithoutJob: named(busy.map(({ record }) => record.id)) };
}

function named(ids: readonly string[]): Json {
  const rest = ids.length - MOST_NAMED;
  return rest <= 0 ? [...ids] : [...ids.slice(0, MOST_NAMED), `${rest} more`];
}

function standings(gangs: readonly Gang[]): Json {
  const words = gangs.map(({ standing, isBusy, isAsked }) => (isAsked && isBusy ? 'busy' : standing));
  return Object.fromEntries([...Map.groupBy(words, (word) => word)].map(([word, of]) => [word, of.length]));
}

/** What is to be said of a rung: what is wrong or lacking, that it may be tried, or what AWS said last, and when it is tried again. */
function rungSays(rung: Rung, check: RungCheck | undefined, scene: Omit<Scene, 'evidence'>): string {
  const { facts, template, limits, now } = scene;
  if (check?.kind === 'unfit' || check?.kind === 'for-smaller') return `${nameOf(rung)}: passed, ${check.because}`;
  if (check?.kind === 'lacking') return `${nameOf(rung)}: not now, ${check.because}`;
  const closed = closedBy(memoryFor(rung, facts, template), facts.settings.nodesPerJob, limits, now);
  const doubt = check?.kind === 'fit' && check.doubt !== undefined ? `, but ${check.doubt}` : '';
  if (closed === undefined) return `${nameOf(rung)}: may be tried${doubt}`;
  const { refusal, until } = closed;
  const times = refusal.times === 1 ? 'once' : `${refusal.times} times`;
  return `${nameOf(rung)}: ${refusal.name} for ${refusal.nodes} nodes at ${refusal.at}, ${times}; tried again from ${until}`;
}
