/** Where gangs that are missing are to come from, or why they do not come. Pure. */

import { secondsSince } from '../../../shared/judgement/since.ts';
import { launchCalls } from './calls.ts';
import type { GangRecord, Rung } from './facts.ts';
import { fleetFault } from './preflight.ts';
import { closedBy, keyOf, memoryFor, nameOf, refusedSince } from './rungs.ts';
import { nodesOf, type Scene } from './scene.ts';
import type { Task } from './keeping.ts';

/** What comes of the wish for gangs. */
export type Launching =
  | {
      readonly kind: 'launch';
      readonly tasks: readonly Task[];
      readonly claims: readonly string[];
      /** What is wrong with the rungs before it. */
      readonly passed: readonly string[];
    }
  | { readonly kind: 'refuse'; readonly code: string; readonly because: string }
  | { readonly kind: 'none'; readonly code: string; readonly because: string; readonly attention: boolean };

/** Bytes of JSON, at most: what a look keeps of a gang that is coming up, but for its interfaces; and of a node. */
const [GANG_BYTES, NODE_BYTES] = [800, 130];

/** Gangs that a look can keep in mind beside those that it has. */
function roomInMind({ facts, gangs, template, limits }: Scene): number {
  const left = limits.maxFactsBytes - JSON.stringify(facts).length;
  const each = GANG_BYTES + JSON.stringify(template.interfaces).length + facts.settings.nodesPerJob * NODE_BYTES;
  return Math.min(limits.maxGangs - gangs.length, Math.floor(left / each));
}

/** How many more gangs the fleet may have. */
export function roomFor(scene: Scene): number {
  const { maxNodes, nodesPerJob } = scene.facts.settings;
  return Math.min(Math.floor((maxNodes - nodesOf(scene)) / nodesPerJob), roomInMind(scene));
}

/** Where the gangs that are missing come from; `launchFault` has found nothing wrong. */
export function launch(scene: Scene): Launching {
  const { facts, demand, limits, template } = scene;
  const { settings } = facts;
  const room = roomFor(scene);
  if (room < 1) return atMaximum(scene);
  const [open] = openRungs(scene);
  if (open === undefined) return lacking(scene) ?? noCapacity(scene);
  const { rung, gangs, place } = open;
  // What is not known to have anything is tried with one gang, and by one fleet at a time.
  const isProbe = refusedSince(memoryFor(rung, facts, template), settings.nodesPerJob) !== undefined;
  const count = isProbe ? 1 : Math.min(demand.missing, room, gangs, limits.maxGangsAtOnce);
  const tasks = Array.from({ length: count }, (_none, index) => taskOf(scene, rung, index));
  return { kind: 'launch', tasks, claims: isProbe ? [keyOf(rung)] : [], passed: unfit(scene, place) };
}

/** A rung that may be tried, where it is in the ladder, and for how many gangs there is room. */
interface OpenRung {
  readonly rung: Rung;
  readonly place: number;
  readonly gangs: number;
}

/** The rungs that nothing is wrong with, that AWS has not refused lately, and that no other fleet is trying. */
function openRungs({ facts, template, rungs, checks, limits, now }: Scene): readonly OpenRung[] {
  const { nodesPerJob } = facts.settings;
  const claimed = (facts.refusals ?? []).flatMap(({ call, input }) => (call === 'ledger:claim' ? input['claim'] : []));
  return rungs.flatMap((rung, place) => {
    const check = checks[place];
    const isClosed = closedBy(memoryFor(rung, facts, template), nodesPerJob, limits, now) !== undefined;
    return check?.kind !== 'fit' || isClosed || claimed.includes(keyOf(rung))
      ? []
      : [{ rung, place, gangs: check.gangs }];
  });
}

/** What is wrong with the rungs before that place. */
function unfit({ rungs, checks }: Scene, before: number): readonly string[] {
  return rungs.slice(0, before).flatMap((rung, index) => {
    const check = checks[index];
    return check?.kind === 'unfit' ? [`${nameOf(rung)}: ${check.because}`] : [];
  });
}

/** Nothing would come of a launch, on whatever rung. */
export function launchFault(scene: Scene): Exclude<Launching, { kind: 'launch' }> | undefined {
  const { facts, template, rungs, checks } = scene;
  // What gangs are sure to do a job is judged alike when it is read and here: a gang that is missing all the same is looked at anew.
  if (facts.fabric === null)
    return {
      kind: 'none',
      code: 'counting',
      because: `${jobsWait(scene)}: the next look sees where`,
      attention: false,
    };
  const fault = fleetFault(template, facts.fabric);
  if (fault !== undefined) return { kind: 'refuse', ...fault };
  const passed = rungs.flatMap((rung, index) => {
    const check = checks[index];
    return check?.kind === 'unfit' || check?.kind === 'for-smaller' ? [`${nameOf(rung)}: ${check.because}`] : [];
  });
  if (passed.length < rungs.length) return undefined;
  const first = unfit(scene, rungs.length)[0] ?? passed[0];
  return { kind: 'refuse', code: 'unfit-ladder', because: `no rung will do: ${first}` };
}

/** Each rung that would do lacks something that the account has: which EC2 has refused is told as that. */
function lacking(scene: Scene): Launching | undefined {
  const { rungs, checks } = scene;
  const wanting = rungs.flatMap((rung, index) => {
    const check = checks[index];
    return check?.kind === 'lacking' ? [{ rung, code: check.code, because: check.because }] : [];
  });
  const [first] = wanting;
  if (first === undefined || checks.some(({ kind }) => kind === 'fit')) return undefined;
  const because = `${jobsWait(scene)}: ${nameOf(first.rung)}: ${first.because}`;
  return { kind: 'none', code: first.code, because, attention: true };
}

function taskOf({ facts, template, now }: Scene, rung: Rung, index: number): Task {
  const { nodesPerJob, queue } = facts.settings;
  const record: GangRecord = {
    id: gangId(facts, index),
    version: 0,
    state: 'launching',
    nodes: nodesPerJob,
    queue: queue ?? '',
    rung,
    launch: { templateVersion: template.version, interfaces: template.interfaces, sentAt: now },
    askedAt: now,
    upAt: null,
    why: null,
    keptAt: null,
    thinSince: null,
    failure: null,
    noticedAt: null,
    spareAt: null,
    run: facts.run,
  };
  const because = `a job of ${queue} waits: ${nodesPerJob} nodes of ${nameOf(rung)}, all or none: gang ${record.id}`;
  return { code: 'gangs-launched', because, calls: launchCalls(template.id, record, because, now) };
}

/** Digits that count the gangs of a run, of the 32 that an id has. */
const COUNT_DIGITS = 4;

/** Not by the time: a plan that a person is asked about is the same when the answer comes. */
function gangId({ seed, askedInRun }: Scene['facts'], index: number): string {
  const count = (askedInRun + index).toString(16).padStart(COUNT_DIGITS, '0');
  return `${seed.slice(0, -COUNT_DIGITS)}${count}`;
}

function jobsWait({ demand: { missing } }: Scene): string {
  return missing === 1 ? '1 job waits' : `${missing} jobs wait`;
}

function atMaximum(scene: Scene): Launching {
  const { facts, gangs, limits } = scene;
  const has =
    roomInMind(scene) < 1
      ? `${gangs.length} gangs, and a run looks after ${limits.maxGangs} or ${limits.maxFactsBytes} bytes of them: give others a fleet of their own`
      : `${nodesOf(scene)} nodes, and may have ${facts.settings.maxNodes} (tag runbook:max-nodes)`;
  const because = `${jobsWait(scene)}: the fleet has ${has}`;
  return { kind: 'none', code: 'at-maximum', because, attention: true };
}

/** Nothing is tried now: by when something was refused last it is known when the next try is due. */
function noCapacity(scene: Scene): Launching {
  const { facts, template, rungs, checks, limits, now } = scene;
  const { nodesPerJob } = facts.settings;
  const closed = rungs.flatMap((rung, index) => {
    if (checks[index]?.kind !== 'fit') return [];
    const by = closedBy(memoryFor(rung, facts, template), nodesPerJob, limits, now);
    return by === undefined ? [] : [{ rung, ...by }];
  });
  const [next] = closed.toSorted((one, other) => one.until.localeCompare(other.until));
  if (next === undefined)
    return {
      kind: 'none',
      code: 'tried-by-others',
      because: `${jobsWait(scene)}: another fleet is trying each rung`,
      attention: false,
    };
  const { rung, refusal, until } = next;
  if (refusal.message !== undefined)
    return {
      kind: 'none',
      code: 'launch-refused',
      because: `${jobsWait(scene)}: EC2 does not launch ${template.name} as ${nameOf(rung)}: ${refusal.name}: ${refusal.message}; tried again from ${until}`,
      attention: true,
    };
  const because =
    `${jobsWait(scene)} for capacity: ${nameOf(rung)} had none for ${refusal.nodes} nodes ` +
    `(${refusal.name}); tried again from ${until}`;
  return {
    kind: 'none',
    code: 'no-capacity',
    because,
    attention: isDry(scene) || unfit(scene, rungs.length).length > 0,
  };
}

/** Nothing has come for so long that somebody should know. */
function isDry({ facts, template, limits, now, rungs }: Scene): boolean {
  const { nodesPerJob } = facts.settings;
  const since = rungs.flatMap((rung) => refusedSince(memoryFor(rung, facts, template), nodesPerJob) ?? []);
  const first = since.map(({ since: at }) => at).toSorted()[0];
  return first !== undefined && secondsSince(first, now) >= limits.drySeconds;
}
