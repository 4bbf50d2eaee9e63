/** How often a letter has arrived, and how much of that its runs have told: a copy that nobody was told of surprises a consumer. */

import { isRecord } from '../../simulator/engine/json.ts';
import type { FaultKind, LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
import type { RunResult } from '../../shared/kernel/report/result.ts';
import { soFar } from '../so-far.ts';
import { changesIn } from './changes.ts';
import type { Standing } from './letters.ts';

const RUNBOOK = 'redrive-dead-letters';

/** What was seen of letters with one body, each message by its id. */
interface Seen {
  /** Among the dead letters of tagged queues. */
  readonly dead: Set<string>;
  /** Elsewhere, since the first look, and not among the dead letters before. */
  readonly arrived: Set<string>;
  /** ARNs of the queues of dead letters that it stood in. */
  readonly places: Set<string>;
}

interface Memory {
  readonly byBody: Map<string, Seen>;
  /** What stood elsewhere at the first look. */
  readonly old: ReadonlySet<string>;
  read: number;
}

function memoryIn(memory: { [key: string]: unknown }, letters: readonly Standing[]): Memory {
  const known = memory['copies'];
  if (isMemory(known)) return known;
  const old = new Set(letters.filter(({ isTagged }) => !isTagged).map(({ id }) => id));
  const first: Memory = { byBody: new Map(), old, read: 0 };
  memory['copies'] = first;
  return first;
}

function isMemory(value: unknown): value is Memory {
  return isRecord(value) && value['byBody'] instanceof Map;
}

function note({ byBody, old }: Memory, letters: readonly Standing[]): void {
  for (const { id, body, queue, isTagged } of letters) {
    const seen = byBody.get(body) ?? { dead: new Set(), arrived: new Set(), places: new Set() };
    byBody.set(body, seen);
    if (isTagged) {
      seen.dead.add(id);
      seen.places.add(queue);
    } else if (!old.has(id) && !seen.dead.has(id)) seen.arrived.add(id);
  }
}

/** Copies beyond one of each letter that stood among the dead letters of this queue, and of no other. */
function surplusOf(queue: string, { byBody }: Memory): number {
  return [...byBody.values()]
    .filter(({ places }) => places.size === 1 && places.has(queue))
    .reduce((sum, { dead, arrived }) => sum + Math.max(0, arrived.size - dead.size), 0);
}

function numberIn(evidence: RunResult['evidence'], member: string): number {
  const value = evidence[member];
  return typeof value === 'number' ? value : 0;
}

/** What the runs have told of a queue: what is perhaps there twice, or will be when somebody asks again. By run, for a run tells more each time. */
function toldOf(queue: string, told: readonly RunResult[]): number {
  const byRun = new Map<string, number>();
  for (const { runbook, target, run, evidence } of told) {
    if (runbook !== RUNBOOK || target !== queue) continue;
    const count = ['perhapsTwice', 'kept', 'sentButStillHere'].reduce((sum, name) => sum + numberIn(evidence, name), 0);
    byRun.set(run, Math.max(byRun.get(run) ?? 0, count));
  }
  return [...byRun.values()].reduce((sum, count) => sum + count, 0);
}

const DEATHS: ReadonlySet<FaultKind | undefined> = new Set(['died-before', 'died-after']);

/** What each invocation has sent, and whether it broke off with what it knew: it died, or its last step was not kept. */
const sentBy: (
  sent: readonly LoggedRequest[],
) => ReadonlyMap<number, { readonly letters: number; readonly isBroken: boolean }> = soFar(
  () => new Map<number, { letters: number; isBroken: boolean }>(),
  (byInvocation, { call, invocation, input, fault, error }: LoggedRequest) => {
    const { letters, isBroken } = byInvocation.get(invocation) ?? { letters: 0, isBroken: false };
    const entries: unknown = call === 'sqs:SendMessageBatch' ? input['Entries'] : [];
    const isLost = call === 'lambda:CheckpointDurableExecution' && (fault !== undefined || error !== undefined);
    byInvocation.set(invocation, {
      letters: letters + (Array.isArray(entries) ? entries.length : 0),
      isBroken: isBroken || isLost || DEATHS.has(fault),
    });
  },
);

/** Letters of pieces that broke off: what became of them nobody knew, so that they may be sent once more. */
function brokenOff(sent: readonly LoggedRequest[]): number {
  return [...sentBy(sent).values()].reduce((sum, { letters, isBroken }) => sum + (isBroken ? letters : 0), 0);
}

/** Who began on a queue, by their leases: each owner is named by its run, and its target. */
const ownersOn: (sent: readonly LoggedRequest[]) => ReadonlyMap<string, ReadonlySet<string>> = soFar(
  () => new Map<string, Set<string>>(),
  (byQueue, { call, input }: LoggedRequest) => {
    if (call !== 'ledger:acquire') return;
    const queue = String(input['resource']);
    byQueue.set(queue, (byQueue.get(queue) ?? new Set()).add(String(input['owner'])));
  },
);

/** Another run is still at the queue, where leases are granted to all: what it does not know of its letters it tells when it ends. */
function isShared(queue: string, told: readonly RunResult[], sent: readonly LoggedRequest[]): boolean {
  return [...(ownersOn(sent).get(queue) ?? [])].some((owner) => !told.some(({ run }) => owner.startsWith(run)));
}

/** Whoever is told how a redrive ended is told of every copy that there may be. Judged as each result is told. */
export const surplusCopiesAreTold: Watcher = {
  name: 'surplus-copies-are-told',
  check: (world, memory, told = [], sent = []) => {
    const { come } = changesIn(world, memory);
    const known = memoryIn(memory, come);
    note(known, come);
    const fresh = told.slice(known.read);
    known.read = told.length;
    for (const { runbook, target, evidence } of fresh) {
      if (runbook !== RUNBOOK || target === undefined || evidence['received'] === undefined) continue;
      const [surplus, permitted] = [surplusOf(target, known), toldOf(target, told) + brokenOff(sent)];
      if (surplus > permitted && !isShared(target, told, sent))
        return `${surplus} copies too many of letters of ${target} have arrived, ${permitted} were told`;
    }
    return undefined;
  },
};
