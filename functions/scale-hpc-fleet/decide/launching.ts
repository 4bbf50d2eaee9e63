/** Where gangs that are missing are to come from, or why they do not come. Pure. */

import { secondsSince } from '../../../shared/judgement/since.ts';
import { launchCalls } from './calls.ts';
import type { GangRecord, Rung } from './facts.ts';
import { closedBy, keyOf, memoryOf, nameOf, refusedSince } from './rungs.ts';
import { nodesOf, type Scene } from './scene.ts';
import type { Task } from './keeping.ts';

/** What comes of the wish for gangs. */
export type Launching =
  | { readonly kind: 'launch'; readonly tasks: readonly Task[]; readonly claims: readonly string[] }
  | { readonly kind: 'none'; readonly code: string; readonly because: string; readonly attention: boolean };

export function launch(scene: Scene): Launching {
  const { facts, demand, limits } = scene;
  const { settings } = facts;
  const room = Math.min(
    Math.floor((settings.maxNodes - nodesOf(scene)) / settings.nodesPerJob),
    limits.maxGangs - scene.gangs.length,
  );
  if (room < 1) return atMaximum(scene);
  const rung = firstOpen(scene);
  if (rung === undefined) return noCapacity(scene);
  // What is not known to have anything is tried with one gang, and by one fleet at a time.
  const isProbe = refusedSince(memoryOf(rung, facts.memory), settings.nodesPerJob) !== undefined;
  const count = isProbe ? 1 : Math.min(demand.missing, room, limits.maxGangsAtOnce);
  const tasks = Array.from({ length: count }, (_none, index) => taskOf(scene, rung, index));
  return { kind: 'launch', tasks, claims: isProbe ? [keyOf(rung)] : [] };
}

/** The first rung of the ladder that AWS has not refused lately, and that no other fleet is trying. */
function firstOpen({ facts, rungs, limits, now }: Scene): Rung | undefined {
  const { nodesPerJob } = facts.settings;
  const claimed = (facts.refusals ?? []).flatMap(({ call, input }) => (call === 'ledger:claim' ? input['claim'] : []));
  return rungs.find((rung) => {
    const isClosed = closedBy(memoryOf(rung, facts.memory), nodesPerJob, limits, now) !== undefined;
    return !isClosed && !claimed.includes(keyOf(rung));
  });
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
    noticedAt: null,
    run: facts.run,
  };
  const because = `a job of ${queue} waits: ${nodesPerJob} nodes of ${nameOf(rung)}, all or none`;
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
  const isFull = gangs.length >= limits.maxGangs;
  const has = isFull
    ? `${gangs.length} gangs, and a run looks after ${limits.maxGangs}: give others a fleet of their own`
    : `${nodesOf(scene)} nodes, and may have ${facts.settings.maxNodes} (tag runbook:max-nodes)`;
  const because = `${jobsWait(scene)}: the fleet has ${has}`;
  return { kind: 'none', code: 'at-maximum', because, attention: true };
}

/** Nothing is tried now: by when something was refused last it is known when the next try is due. */
function noCapacity(scene: Scene): Launching {
  const { facts, rungs, limits, now } = scene;
  const { nodesPerJob } = facts.settings;
  const closed = rungs.flatMap((rung) => {
    const by = closedBy(memoryOf(rung, facts.memory), nodesPerJob, limits, now);
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
  const because =
    `${jobsWait(scene)} for capacity: ${nameOf(rung)} had none for ${refusal.nodes} nodes ` +
    `(${refusal.name}); tried again from ${until}`;
  return { kind: 'none', code: 'no-capacity', because, attention: isDry(scene) };
}

/** Nothing has come for so long that somebody should know. */
function isDry({ facts, limits, now, rungs }: Scene): boolean {
  const since = rungs.flatMap((rung) => refusedSince(memoryOf(rung, facts.memory), facts.settings.nodesPerJob) ?? []);
  const first = since.map(({ since: at }) => at).toSorted()[0];
  return first !== undefined && secondsSince(first, now) >= limits.drySeconds;
}
