/**
 * What is done about one cluster: its nodes are rebooted, one at a time, once a person has approved. Pure.
 *
 * A reboot leaves no id. So each is written down before its call, under the words of the request, on the condition that nobody has
 * meanwhile; and whether it happened is read from ElastiCache's events, never guessed. What may have been sent is looked for, until it
 * shows or is so late that it was never sent.
 */

import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import type { Act, Decision, Nothing, Refuse } from '../../../shared/kernel/decision.ts';
import type { ClusterFacts } from './cluster-facts.ts';
import { nodesToReboot, unfit } from './cluster-fitness.ts';
import { describe, evidenceOf, rebooted } from './cluster-telling.ts';
import { underWay, type Scene } from './cluster-under-way.ts';
import type { FlushLimits } from './facts.ts';
import { announced, backAt, isSame, ownReboots, REBOOT, refusedAt } from './reboots.ts';

/** Decides on a cluster. */
export function decideCluster(facts: ClusterFacts, limits: FlushLimits, now: string): Decision {
  const { ask, cluster, target } = facts;
  if (ask === null) return leftBehind(facts);
  if (cluster === null) return refuse({ target }, 'no-such-cluster', `there is no cluster ${target}`);
  const nodes = nodesToReboot(cluster);
  const own = ownReboots(facts, limits.maxAgeSeconds);
  const done = own.filter((reboot) => backAt(facts, reboot) !== undefined);
  const evidence = evidenceOf(cluster, ask, nodes, done);
  const scene = { facts, ask, cluster, limits, now, nodes, own, done, evidence };
  const decision =
    moved(scene) ?? underWay(scene) ?? unfit(evidence, cluster) ?? mayNot(scene) ?? rebootNext(scene) ?? flushed(scene);
  // What was announced has come to its end with a refusal: only a person goes on.
  return decision.kind === 'refuse' && own.length > 0 ? { ...decision, over: true } : decision;
}

/** A run that died has told nobody; a schedule reboots nothing. */
function leftBehind({ target, history, reboots }: ClusterFacts): Decision {
  const because = `a run has begun to reboot ${target} and has not come to its end: look whether its nodes are available, and ask again in the same words, then those that were rebooted within the hour stay as they are`;
  const { note = {}, at: since = '' } = (typeof history === 'object' ? history.pending : undefined) ?? {};
  const announcedNodes = reboots
    .filter(({ at }) => at >= since)
    .map(({ cluster, node, at }) => `${cluster}/${node} at ${at}`);
  const evidence = { target, ...note, reboots: announcedNodes };
  return { kind: 'refuse', code: 'left-behind', because, evidence, attention: true, over: true };
}

/** What was rebooted was the primary then, and is not now: who has taken its place may hold what it held. */
function moved({ own, nodes, cluster, evidence }: Scene): Refuse | undefined {
  // While none is known to be primary it may still be the same.
  const other = nodes.length === 0 ? undefined : own.find((each) => !nodes.some((node) => isSame(node, each)));
  if (other === undefined) return undefined;
  const because = `${other.cluster} was rebooted at ${other.at}, and is not what has to be rebooted in ${cluster.id} any more: its roles have changed, so that nothing may have been emptied; ask again with another reason`;
  return refuse(evidence, 'primary-moved', because);
}

/** What is not done at all. */
function mayNot({ ask, cluster, done, nodes, evidence }: Scene): Refuse | undefined {
  if (nodes.every((node) => done.some((each) => isSame(each, node)))) return undefined;
  const { id, status, tags } = cluster;
  if (status !== 'available' || tags === null) {
    const code = status === 'snapshotting' ? status : 'not-available';
    return refuse(evidence, code, `${id} is ${status}: AWS reboots only what is available; ask again when it is`);
  }
  const isNamed = ask.name === null ? tags.flush !== null : tags.flush === ask.name;
  if (!isNamed)
    return refuse(evidence, 'not-tagged', `${id} has no tag runbook:flush${ask.name === null ? '' : ` = ${ask.name}`}`);
  if (tags.flushBy === 'reboot') return undefined;
  return refuse(
    evidence,
    'not-opted-in',
    `${id} is emptied by a reboot alone, and has no tag runbook:flush-by = reboot, which permits that`,
  );
}

/** The next node goes, once no other is down. */
function rebootNext({ facts, ask, cluster, nodes, done, own, now, evidence }: Scene): Act | undefined {
  const next = nodes.find((node) => !done.some((each) => isSame(each, node)));
  if (next === undefined) return undefined;
  const before = facts.reboots.find((each) => each.words === ask.words && isSame(each, next));
  const isAgain = before !== undefined && own.includes(before);
  const tries = isAgain ? before.tries + (refusedAt(facts, before) === undefined ? 1 : 0) : 1;
  return {
    kind: 'act',
    code: 'rebooting',
    because: describe(cluster, ask, nodes),
    evidence,
    plan: [
      announced(facts.target, ask, next, { tries, version: before?.version ?? 0, now }),
      {
        call: REBOOT,
        input: { CacheClusterId: next.cluster, CacheNodeIdsToReboot: [next.node] },
        because: `${tries > 1 ? 'once more, for nothing has shown of the first: ' : ''}${ask.why === '' ? 'no reason was given' : ask.why}`,
      },
    ],
    intent: `${cluster.id} emptied for ${ask.words}`,
    note: { by: ask.by, why: ask.why, nodes: nodes.map(({ cluster: of, node }) => `${of}/${node}`) },
    // Each is approved of by a person.
    budget: 'free',
    approval: 'always',
    more: true,
  };
}

function flushed({ ask, cluster, nodes, done, evidence }: Scene): Nothing {
  const twice = done.filter(({ tries }) => tries > 1).map(({ node }) => node);
  const perhaps =
    twice.length === 0 ? '' : `; ${twice.join(', ')} perhaps twice, for nothing had shown of the first time`;
  const because = `${rebooted(cluster, nodes)} for ${ask.by}: what was in memory is gone${perhaps}`;
  return {
    ...nothing(evidence, 'flushed', because),
    metrics: { NodesRebooted: done.length },
    tells: true,
    ...(twice.length === 0 ? {} : { attention: true }),
  };
}
