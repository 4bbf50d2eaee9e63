/** The comparison of `iam.test.ts` can fail: each change of the packaged template that would give or take a permission is found. */

import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../../../build/cloudformation.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { loadDrills } from '../../../rehearsal/drill.ts';
import { distinct, DRILL_BUCKET, DRILL_VPC, rehearse, requestsAsked, serviceAsked, type Asked } from './drills.ts';
import { findings } from './findings.ts';
import type { Template } from './template.ts';
import { packagedTemplate, PACKAGING_TIMEOUT_MS } from '../packaged-template.ts';

/** Drills that between them need all that the role of `reassign-elastic-ip` may do, and what is peculiar to those of others. */
const TOLD_BY = [
  'carry-other-zone',
  'carry-kms-disabled',
  'group-replacement',
  'group-hand-over',
  'approved-by-a-person',
  'instance-dies',
  'fence-required',
  'fence-required-on-spot',
  'quarantine-over',
  'unreadable-setting',
  'address-on-a-nat-gateway',
  'nothing-to-do',
  'block-by-queue',
];
const ROLES = {
  'reassign-elastic-ip': 'ReassignElasticIpRole',
  'carry-volumes': 'CarryVolumesRole',
  'block-address': 'BlockAddressRole',
};
type Runbook = keyof typeof ROLES;

let template: Template;
let asked: readonly Asked[] = [];

beforeAll(async () => {
  template = await packagedTemplate([`vpcId=${DRILL_VPC}`, `listsBucket=${DRILL_BUCKET}`]);
  const functions = await discoverFunctions(join(ROOT, 'functions'));
  const all: Asked[] = [];
  for (const drill of loadDrills(join(ROOT, 'drills'), TOLD_BY)) {
    const rehearsal = await rehearse(drill, functions, template);
    all.push(...(await requestsAsked(rehearsal)), ...serviceAsked(rehearsal));
  }
  asked = distinct(all);
}, 2 * PACKAGING_TIMEOUT_MS);

const statementSchema = z.looseObject({
  Sid: z.string(),
  Action: z.unknown(),
  Resource: z.unknown(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
type Statement = z.infer<typeof statementSchema>;

const roleSchema = z.looseObject({
  Properties: z.looseObject({
    Policies: z.array(z.looseObject({ PolicyDocument: z.looseObject({ Statement: z.array(statementSchema) }) })),
  }),
});

/** The template with one statement of the role changed, or taken away. */
function changed(runbook: Runbook, sid: string, change: (statement: Statement) => Statement | undefined): Template {
  const id = ROLES[runbook];
  const role = roleSchema.parse(structuredClone(template.Resources[id]));
  let met = 0;
  for (const { PolicyDocument } of role.Properties.Policies) {
    PolicyDocument.Statement = PolicyDocument.Statement.flatMap((statement) => {
      if (statement.Sid !== sid) return [statement];
      met += 1;
      return change(statement) ?? [];
    });
  }
  expect(met).toBe(1);
  return { ...template, Resources: { ...template.Resources, [id]: { Type: 'AWS::IAM::Role', ...role } } };
}

/** The same statement with one condition operator left out, or replaced. */
function conditioned(statement: Statement, operator: string, keys?: Record<string, unknown>): Statement {
  const { [operator]: _left, ...others } = statement.Condition ?? {};
  return { ...statement, Condition: keys === undefined ? others : { ...others, [operator]: keys } };
}

const CHANGES: readonly (readonly [
  name: string,
  sid: string,
  change: (statement: Statement) => Statement | undefined,
  finding: RegExp,
])[] = [
  [
    'a statement is missing',
    'FenceByTag',
    () => undefined,
    /may not ec2:StopInstances on .*instance\/i-0a17c4e9b2d58f306, which it does in fence-required/u,
  ],
  [
    'an action is missing',
    'QuarantineByTag',
    (statement) => ({ ...statement, Action: 'ec2:CreateTags' }),
    /may not ec2:DeleteTags/u,
  ],
  [
    'a dependent permission is missing',
    'LogByArn',
    (statement) => ({ ...statement, Action: ['logs:PutLogEvents'] }),
    /may not logs:CreateLogStream/u,
  ],
  ['the queue of failed runs is closed', 'BuryByArn', () => undefined, /may not sqs:SendMessage on .*-failed/u],
  [
    'a resource is missing',
    'MoveAddressToInterfaceByArn',
    () => undefined,
    /may not ec2:AssociateAddress on .*network-interface\//u,
  ],
  [
    'an action is added',
    'FenceByTag',
    (statement) => ({ ...statement, Action: ['ec2:StopInstances', 'ec2:TerminateInstances'] }),
    /no drill needs ec2:TerminateInstances/u,
  ],
  [
    'an action is a wildcard',
    'FenceByTag',
    (statement) => ({ ...statement, Action: 'ec2:Stop*' }),
    /ec2:Stop\* is a wildcard/u,
  ],
  [
    'every action is allowed',
    'PublishOutcomeByArn',
    (statement) => ({ ...statement, Action: '*' }),
    /: \* is a wildcard/u,
  ],
  [
    'every resource is allowed',
    'FenceByTag',
    (statement) => ({ ...statement, Resource: '*' }),
    /ec2:StopInstances on every resource, though it knows kinds of them/u,
  ],
  [
    'another kind of resource is added',
    'FenceByTag',
    (statement) => ({ ...statement, Resource: [statement.Resource, 'arn:aws:ec2:eu-west-1:111122223333:host/*'] }),
    /no drill needs ec2:StopInstances on .*host/u,
  ],
  [
    'resources of other accounts are allowed',
    'AnswerHookByTag',
    (statement) => ({ ...statement, Resource: 'arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*' }),
    /may also autoscaling:CompleteLifecycleAction with another account/u,
  ],
  [
    'every queue is allowed',
    'BuryByArn',
    (statement) => ({ ...statement, Resource: 'arn:aws:sqs:eu-west-1:111122223333:*' }),
    /may also sqs:SendMessage with another queue/u,
  ],
  [
    'every log is allowed',
    'LogByArn',
    (statement) => ({ ...statement, Resource: 'arn:aws:logs:eu-west-1:111122223333:*' }),
    /may also logs:PutLogEvents with another log/u,
  ],
  [
    'every table is allowed',
    'WriteLeaseByArn',
    (statement) => ({ ...statement, Resource: 'arn:aws:dynamodb:eu-west-1:111122223333:table/*' }),
    /may also dynamodb:UpdateItem with another table/u,
  ],
  [
    'every bus is allowed',
    'PublishOutcomeByArn',
    (statement) => ({ ...statement, Resource: 'arn:aws:events:eu-west-1:111122223333:event-bus/*' }),
    /may also events:PutEvents with another bus/u,
  ],
  [
    'the tag no longer matters',
    'MoveAddressByTag',
    (statement) => conditioned(statement, 'StringLike'),
    /may ec2:AssociateAddress on .*elastic-ip\/.* without a tag of the people/u,
  ],
  [
    'the tag of the group no longer matters',
    'AnswerHookByTag',
    (statement) => conditioned(statement, 'StringLike'),
    /may autoscaling:CompleteLifecycleAction on .* without a tag of the people/u,
  ],
  [
    'the tag is one that nobody has',
    'FenceByTag',
    (statement) => conditioned(statement, 'StringLike', { 'aws:ResourceTag/runbook:vips': '*' }),
    /may not ec2:StopInstances/u,
  ],
  [
    'the VPC no longer matters',
    'MoveAddressToInterfaceByArn',
    (statement) => conditioned(statement, 'ArnLike'),
    /may also ec2:AssociateAddress with another VPC/u,
  ],
  [
    'a condition counts on a key that EC2 does not send',
    'MoveAddressByTag',
    (statement) => conditioned(statement, 'ArnLike', { 'ec2:Vpc': '*' }),
    /may not ec2:AssociateAddress/u,
  ],
  [
    'any tag may be written',
    'NoteMoveByTag',
    (statement) => conditioned(statement, 'ForAllValues:StringEquals'),
    /may also ec2:CreateTags with the tags runbook:vip/u,
  ],
  [
    'a tag of the people may be written',
    'NoteMoveByTag',
    (statement) =>
      conditioned(statement, 'ForAllValues:StringEquals', {
        'aws:TagKeys': ['runbook:moved-at', 'runbook:moves', 'runbook:vip'],
      }),
    /no drill needs the value runbook:vip of aws:TagKeys/u,
  ],
  [
    'every tag may be deleted at once',
    'QuarantineByTag',
    (statement) => conditioned(statement, 'Null'),
    /may also ec2:DeleteTags with the tags of no name/u,
  ],
  [
    'a further partition may be written',
    'WriteLeaseByArn',
    (statement) =>
      conditioned(statement, 'ForAllValues:StringEquals', { 'dynamodb:LeadingKeys': ['resource', 'switch'] }),
    /may also dynamodb:UpdateItem with the partition switch/u,
  ],
  [
    'a further partition may be read',
    'ReadLedgerByArn',
    (statement) =>
      conditioned(statement, 'ForAllValues:StringEquals', {
        'dynamodb:LeadingKeys': ['switch', 'mode', 'run', 'resource', 'run-by-day'],
      }),
    /no drill needs the value run-by-day of dynamodb:LeadingKeys/u,
  ],
  [
    'every partition may be written',
    'WriteRecordByArn',
    (statement) => conditioned(statement, 'ForAllValues:StringEquals'),
    /may also dynamodb:PutItem with the partition switch/u,
  ],
  [
    'a request without a partition passes',
    'WriteLeaseByArn',
    (statement) => conditioned(statement, 'Null'),
    /may also dynamodb:UpdateItem with every partition at once/u,
  ],
  [
    'a partition is missing',
    'ReadLedgerByArn',
    (statement) => conditioned(statement, 'ForAllValues:StringEquals', { 'dynamodb:LeadingKeys': ['resource'] }),
    /may not dynamodb:Query/u,
  ],
  [
    'events of any source may be sent',
    'PublishOutcomeByArn',
    (statement) => conditioned(statement, 'StringEquals'),
    /may also events:PutEvents with the source aws\.health/u,
  ],
];

const CARRY_CHANGES: typeof CHANGES = [
  [
    'whatever is there may be tagged, not only what is being made',
    'TagOnCreationByArn',
    (statement) => conditioned(statement, 'StringEquals'),
    /may also ec2:CreateTags with no creation/u,
  ],
  [
    'volumes may be made of anything, without the tags of a set',
    'MakeVolumeByArn',
    (statement) => conditioned(statement, 'StringLike'),
    /may also ec2:CreateVolume with no tags on what it makes/u,
  ],
  [
    'keys may be used without EC2 in between',
    'UseKeyForVolumesByArn',
    (statement) => conditioned(statement, 'StringEquals'),
    /may also kms:Decrypt with no service in between/u,
  ],
  [
    'keys may be granted to anybody',
    'GrantKeyToVolumesByArn',
    (statement) => conditioned(statement, 'Bool'),
    /may also kms:CreateGrant with a grant for anybody/u,
  ],
  [
    'checkpoints of every function may be written',
    'KeepCheckpointsByArn',
    (statement) => ({
      ...statement,
      Resource: 'arn:aws:lambda:eu-west-1:111122223333:function:*/durable-execution/*/*',
    }),
    /may also lambda:CheckpointDurableExecution with another function/u,
  ],
  [
    'volumes of no set may be attached',
    'AttachByTag',
    (statement) => conditioned(statement, 'StringLike'),
    /may ec2:AttachVolume on .*volume\/.* without a tag of the people/u,
  ],
];

const ACCOUNTS_QUEUES = 'arn:aws:sqs:eu-west-1:111122223333:*';

/** Findings about one role, of the drills that were rehearsed here. What others asked is no finding about it. */
async function found(runbook: Runbook, mutated: Template): Promise<string[]> {
  const own = asked.filter(({ by }) => by === runbook);
  return (await findings(mutated, own)).filter((line) => line.startsWith(runbook));
}

describe('a role in which', () => {
  it('nothing was changed has nothing to be found', async () => {
    expect(await found('reassign-elastic-ip', template)).toEqual([]);
  });

  it.each(CHANGES)('%s is found out (%s)', async (_name, sid, change, finding) => {
    expect((await found('reassign-elastic-ip', changed('reassign-elastic-ip', sid, change))).join('\n')).toMatch(
      finding,
    );
  });

  it.each([
    ['messages may be taken out of every queue', ACCOUNTS_QUEUES, /may also sqs:ReceiveMessage with another queue/u],
    ['no message may be taken out', undefined, /may not sqs:ReceiveMessage on .*-block-address-requests, which/u],
  ])('%s is found out', async (_name, Resource, finding) => {
    const change = (statement: Statement): Statement | undefined =>
      Resource === undefined ? undefined : { ...statement, Resource };
    expect((await found('block-address', template)).join('\n')).not.toMatch(finding);
    expect((await found('block-address', changed('block-address', 'TakeRequestsByArn', change))).join('\n')).toMatch(
      finding,
    );
  });

  it.each(CARRY_CHANGES)('%s is found out (%s)', async (_name, sid, change, finding) => {
    expect((await found('carry-volumes', template)).join('\n')).not.toMatch(finding);
    expect((await found('carry-volumes', changed('carry-volumes', sid, change))).join('\n')).toMatch(finding);
  });
});
