/** Each role against the drills, both ways: what the functions ask is allowed, and nothing else is. */

import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../../build/cloudformation.ts';
import type { RunResult } from '../../../shared/kernel/report/result.ts';
import { enforcement } from '../../../build/function-file.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { isOfOwnState } from '../../../simulator/engine/own-state.ts';
import { concerned, failuresOf, loadDrills, type Drill } from '../../../rehearsal/drill.ts';
import { changesTheAccount } from '../../../rehearsal/explorer/effects.ts';
import {
  distinct,
  DRILL_BUCKET,
  DRILL_VPC,
  optedOut,
  rehearse,
  requestsAsked,
  serviceAsked,
  worldOf,
  type Asked,
} from './drills.ts';
import { played } from '../../rehearsal/long-drills.ts';
import { SHARE } from '../../share.ts';
import { hasOwnDocuments } from '../../rehearsal/own-documents.ts';
import { findings } from './findings.ts';
import { evaluate, type Authorization, type PolicyStatement } from './policy.ts';
import { stackOf, type Template } from './template.ts';
import { packagedTemplate, PACKAGING_TIMEOUT_MS } from '../packaged-template.ts';
import { PEOPLES_TAGS } from './tags.ts';

/** Those that `npm run drill` plays, and this does not, ask for nothing that no other asks for. */
const DRILLS = played(loadDrills(join(ROOT, 'drills')));
const functions = await discoverFunctions(join(ROOT, 'functions'));
const REHEARSALS_TIMEOUT_MS = 600_000;
const EACH_OF = Math.min(SHARE, 4);

let template: Template;
let asked: readonly Asked[] = [];
/** By drill: what it did not come to, and changes without a reason. */
const failures = new Map<string, readonly string[]>();
/** By durable function: a drill in which it acts, to be rehearsed where a person is asked for every plan. */
const asking = new Map<string, Drill>();
const ASKING = { RUNBOOK_APPROVAL: 'always' };
const isDone = ({ result }: { readonly result: RunResult }): boolean =>
  result.outcome === 'done' && result.plan.length > 0;
/** Drills that change something: of others, what opts out tells nothing. */
const changing: Drill[] = [];

beforeAll(async () => {
  // As a stack is deployed that is to act also where its ledger does not answer.
  template = await packagedTemplate([`vpcId=${DRILL_VPC}`, `listsBucket=${DRILL_BUCKET}`, 'mode=apply']);
  const all: Asked[] = [];
  for (const drill of DRILLS) {
    const deployed = concerned(drill, functions);
    const rehearsal = await rehearse(drill, deployed, template);
    const { end } = rehearsal;
    const unreasoned = end.requests.filter(changesTheAccount).filter(({ because = '' }) => because.length < 3);
    failures.set(drill.name, [
      // Alarms are those of a stack of another name.
      ...failuresOf(drill, deployed, end).filter((line) => !line.startsWith('alarm ')),
      ...unreasoned.map(({ call }) => `${call} without a reason`),
    ]);
    const requests = await requestsAsked(rehearsal);
    if (changes(requests, drill).length > 0) changing.push(drill);
    const [fn, ...others] = deployed;
    if (others.length === 0 && fn?.summary.host === 'durable' && end.results.some(isDone))
      asking.set(fn.summary.name, drill);
    all.push(...requests, ...serviceAsked(rehearsal));
  }
  for (const drill of asking.values()) {
    const rehearsal = await rehearse(drill, concerned(drill, functions), template, worldOf(drill), ASKING);
    all.push(...(await requestsAsked(rehearsal)));
  }
  // No drill has a plain run asked again with a person's word: it reads that as a durable one does (`approve-anew.test.ts`).
  const heard = all.find(({ authorization }) => JSON.stringify(authorization).includes('approval/kim'));
  const plainNames = functions.flatMap(({ summary: { name, host } }) => (host === 'plain' ? [name] : []));
  const leasing = plainNames.filter((name) => name !== 'receive-requests');
  if (heard !== undefined) all.push(...leasing.map((by) => ({ ...heard, by })));
  asked = distinct(all);
}, PACKAGING_TIMEOUT_MS + REHEARSALS_TIMEOUT_MS);

describe('every drill', () => {
  it.each(DRILLS.filter((drill) => !hasOwnDocuments(drill)).map(({ name }) => name))(
    '%s comes to what it must come to with the settings of the packaged stack, every change with its reason',
    (name) => {
      expect(failures.get(name)).toEqual([]);
    },
  );
});

describe('every role of the packaged stack', () => {
  it('may do what the drills need, all of it is needed by some drill, and nothing beside it is allowed', async () => {
    expect(asked.length).toBeGreaterThan(50);
    expect(await findings(template, asked)).toEqual([]);
  });

  it('belongs to a function whose drills are among those', () => {
    const deployed = stackOf(template, { account: '111122223333', region: 'eu-west-1' }).functions.map(
      ({ runbook }) => runbook,
    );
    expect(deployed.filter((runbook) => !asked.some(({ by, write }) => by === runbook && write))).toEqual([]);
  });
});

/** Statements of the packaged roles with their runbook, by how the opt-in is enforced. */
function statements(how: 'tag' | 'arn' | 'code'): { runbook: string; statement: PolicyStatement }[] {
  const { functions: deployed } = stackOf(template, { account: '111122223333', region: 'eu-west-1' });
  return deployed.flatMap(({ runbook, statements: own }) =>
    own.filter(({ Sid }) => enforcement(Sid) === how).map((statement) => ({ runbook, statement })),
  );
}

describe('without the tag by which people opt in', () => {
  it('IAM denies every action whose statement says ByTag, on that very resource', () => {
    const denied = new Set<string>();
    const stacks = new Map(
      [...new Set(asked.map(({ place }) => place.region))].map((region) => [
        region,
        stackOf(template, { account: '111122223333', region }),
      ]),
    );
    for (const { by, authorization, place } of asked) {
      const own = stacks.get(place.region)?.functions.find(({ runbook }) => runbook === by)?.statements ?? [];
      const { by: sids } = evaluate(own, authorization);
      if (!sids.some((sid) => enforcement(sid) === 'tag')) continue;
      const context = Object.fromEntries(
        Object.entries(authorization.context).filter(([key]) => !PEOPLES_TAGS.some((tag) => key.endsWith(`/${tag}`))),
      );
      expect(`${authorization.resource} ${String(evaluate(own, { ...authorization, context }).allowed)}`).toBe(
        `${authorization.resource} false`,
      );
      denied.add(`${by} ${authorization.action}`);
    }
    const marked = statements('tag').flatMap(({ runbook, statement }) =>
      statement.Action.map((action) => `${runbook} ${action}`),
    );
    expect([...denied].toSorted()).toEqual([...new Set(marked)].toSorted());
  });

  it(
    'the code changes nothing, whatever IAM would let it',
    async () => {
      const changed: string[] = [];
      // One opted out as a whole is much like another; the next test goes by kinds of change.
      for (const drill of changing.filter((_drill, index) => index % EACH_OF === 0)) {
        const rehearsal = await rehearse(drill, concerned(drill, functions), template, optedOut(worldOf(drill)));
        changed.push(...changes(await requestsAsked(rehearsal), drill));
      }
      expect(changed).toEqual([]);
      expect(changing.length).toBeGreaterThan(DRILLS.length / 2);
      // What that stands for: IAM cannot tell these by a tag.
      expect(statements('code').length + statements('arn').length).toBeGreaterThan(5);
    },
    REHEARSALS_TIMEOUT_MS,
  );

  it(
    'of one resource, the code leaves that one alone: each kind of change, in the first drill that makes it',
    async () => {
      const touched: string[] = [];
      const kinds = firstOfEachKind();
      for (const { name, resource } of kinds) {
        const drill = DRILLS.find((one) => one.name === name);
        if (drill === undefined) throw new Error(`there is no drill ${name}`);
        const id = resource.split(/[/:]/u).at(-1) ?? '';
        const world = optedOut(worldOf(drill), (record) => namesOf(record).includes(id));
        const rehearsal = await rehearse(drill, concerned(drill, functions), template, world);
        // A group hands its tags down to its members: one that got the tag again is opted in again.
        const untagged = (await requestsAsked(rehearsal)).filter(({ authorization }) => !isOptedIn(authorization));
        touched.push(...changes(untagged, drill).filter((line) => line.endsWith(resource)));
      }
      expect(touched).toEqual([]);
      expect(kinds.length).toBeGreaterThan(5);
    },
    REHEARSALS_TIMEOUT_MS,
  );
});

function isOptedIn({ context }: Authorization): boolean {
  return Object.keys(context).some((key) => PEOPLES_TAGS.some((tag) => key.endsWith(`ResourceTag/${tag}`)));
}

/** Of each kind of change (by whom, which action, on which kind of resource) the resource and the drill in which it comes first. */
function firstOfEachKind(): readonly { readonly name: string; readonly resource: string }[] {
  const first = new Map<string, { name: string; resource: string }>();
  for (const { by, drill, write, authorization } of asked) {
    const { action, resource } = authorization;
    const kind = `${by} ${action} ${resource.startsWith('arn:aws:sqs:') ? 'queue' : (resource.split('/')[0] ?? '')}`;
    if (write && isOptedIn(authorization) && !first.has(kind)) first.set(kind, { name: drill, resource });
  }
  return [...first.values()];
}

const OWN_BOOKS = new Set(['dynamodb', 'events']);

/** What a run changed outside the ledger, its checkpoints and its report. */
/** To start a function of the stack changes nothing: what it does by that is its own to answer for. */
const STARTS = 'lambda:InvokeFunction';

function changes(list: readonly Asked[], drill: Drill): string[] {
  return list
    .filter(
      ({ write, authorization: { action } }) =>
        write && !OWN_BOOKS.has(action.split(':')[0] ?? '') && !isOfOwnState(action) && action !== STARTS,
    )
    .map(({ authorization: { action, resource } }) => `${drill.name}: ${action} on ${resource}`);
}

function namesOf(record: Record<string, unknown>): unknown[] {
  return ['InstanceId', 'AllocationId', 'VolumeId', 'SnapshotId', 'AutoScalingGroupName', 'QueueName']
    .map((member) => record[member])
    .filter((name) => name !== undefined);
}
