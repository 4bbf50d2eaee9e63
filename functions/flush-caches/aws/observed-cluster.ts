/** A cluster as `decide` sees it: what it is, what is asked of it, and which reboots of it are written down. */

import { arnParts } from '../../../shared/aws/arn.ts';
import { taggedArns } from '../../../shared/aws/tagged-resources.ts';
import type { Io, Observed } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { openData, type DataItem } from '../../../shared/kernel/ledger/data.ts';
import {
  FLUSH_REBOOT,
  rebootsOf,
  requestOf,
  type Cluster,
  type ClusterAsk,
  type ClusterFacts,
  type Reboot,
} from '../decide.ts';
import { isCluster } from './cluster-arns.ts';
import { membersOf, readCacheCluster, readDax, readReplicationGroup, UNREAD } from './clusters.ts';
import type { Request } from './requests.ts';

/**
 * ARNs of all clusters that are tagged with a name. A group's nodes have its tags, and go with it. No type is asked for: not each of
 * these is documented as one that can be.
 */
export async function taggedClusters(name: string, io: Io): Promise<readonly string[]> {
  const found = (await taggedArns({ tag: 'runbook:flush', value: name }, io)).filter(isCluster);
  const groups = found.filter((arn) => arnParts(arn)?.kind === 'replicationgroup');
  const members = await Promise.all(groups.map((arn) => membersOf(arnParts(arn)?.name ?? '', io)));
  const nodes = new Set(members.flat());
  return found.filter((arn) => {
    const { kind, name: id = '' } = arnParts(arn) ?? {};
    return kind !== 'cluster' || !nodes.has(id);
  });
}

/** So far back events are read: as long as the same words are one request (`maxAgeSeconds`), and the wait for an approval before that. */
const EVENTS_MS = 7_200_000;

function readTarget(target: string, io: Io): Promise<Cluster | null> | Cluster {
  const { service, kind, name: id = '' } = arnParts(target) ?? {};
  const since = new Date(Date.parse(io.begunAt) - EVENTS_MS);
  if (service === 'dax') return readDax(id, io);
  if (kind === 'replicationgroup') return readReplicationGroup(id, target, since, io);
  if (kind === 'cluster') return readCacheCluster(id, target, since, io);
  return { ...UNREAD, form: kind === 'serverlesscache' ? 'serverless' : 'global-datastore', id };
}

/** A row tells what must not be rebooted again: one that cannot be read is no row that is not there. */
function rebootIn({ key, value, version, fault = 'it lacks one of its members' }: DataItem): Reboot {
  const { cluster, node, words, run, by, at, tries } = value;
  const isWhole =
    typeof cluster === 'string' &&
    typeof node === 'string' &&
    typeof words === 'string' &&
    typeof run === 'string' &&
    typeof by === 'string' &&
    typeof at === 'string' &&
    typeof tries === 'number';
  if (!isWhole) throw new TerminalError(`data ledger: ${FLUSH_REBOOT}/${key} cannot be read: ${fault}`);
  return { cluster, node, words, run, by, at, tries, version };
}

function askIn({ asked, delivery }: Request, { run, begunAt }: Io): ClusterAsk | null {
  if (asked === null) return null;
  const { by, why, of } = asked;
  return { by, why, words: requestOf(delivery), run, begunAt, name: of.by === 'tag' ? of.text : null };
}

/** Reads a cluster, and then what is written down of it: what is written after the look is seen, and waited for. */
export async function observeCluster(target: string, request: Request, io: Io): Promise<Observed<ClusterFacts>> {
  const cluster = request.asked === null ? null : await readTarget(target, io);
  const rows = await openData().list(FLUSH_REBOOT, rebootsOf(target));
  return { kind: 'cluster', target, ask: askIn(request, io), cluster, reboots: rows.map(rebootIn) };
}
