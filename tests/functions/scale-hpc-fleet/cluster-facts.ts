/** Head nodes of ParallelClusters and their facts as the tests of decisions have them. */

import type {
  ClusterCommand,
  ClusterFacts,
  ParkRecord,
  SlurmPartition,
} from '../../../functions/scale-hpc-fleet/decide.ts';
import { ago, history, NOW } from './fleet-facts.ts';

/** A partition without a job. */
export function partition(name: string, more: Partial<SlurmPartition> = {}): SlurmPartition {
  return { name, state: 'UP', running: 0, pending: 0, ...more };
}

/** A status that the head node has told a minute ago. */
export function said(partitions: readonly SlurmPartition[], more: Partial<ClusterCommand> = {}): ClusterCommand {
  return {
    verb: 'status',
    at: ago(60),
    requestedAt: ago(60),
    status: 'Success',
    details: more.status ?? 'Success',
    answer: { fleet: 'RUNNING', partitions, causes: [] },
    said: '',
    ...more,
  };
}

/** What the ledger keeps once `efa` is parked. */
export function parked(more: Partial<ParkRecord> = {}): ParkRecord {
  return { version: 3, parked: ['efa'], left: [], hand: null, known: null, asked: null, ...more };
}

/** A head node at rest: no job for an hour, and nothing parked yet. */
export function clusterFacts(more: Partial<ClusterFacts> = {}): ClusterFacts {
  return {
    kind: 'cluster',
    history: history({ idleSince: ago(3_600) }),
    ask: { kind: 'scale' },
    run: 'run-2',
    head: { id: 'i-0head', name: 'cfd', state: 'running' },
    settings: { queue: 'cfd-jobs', idleSeconds: 600, problems: [] },
    rivals: [],
    jobs: { visible: 0, inFlight: 0 },
    documents: ['park'],
    commands: [said([partition('efa'), partition('small')])],
    record: { version: 0, parked: [], left: [], hand: null, known: null, asked: null },
    recordFault: null,
    ...more,
  };
}

export { ago, history, NOW };
