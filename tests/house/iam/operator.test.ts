/** The policy of people on call against every request that the command sends for them: all are allowed, and nothing beside them. */

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readTemplate } from '../../../build/cloudformation.ts';
import { livePlace } from '../../../cli/operate/live/live-place.ts';
import { keeping, runbookNames } from '../../../deploy/standard/standard.ts';
import { isRecord } from '../../../simulator/engine/json.ts';
import { plate, plates, useAccount, type Answers, type Asked } from '../../cli/operate/live/account.ts';
import { evaluate, type Authorization, type PolicyStatement } from './policy.ts';

const account = useAccount();

const HERE = 'eu-west-1:111122223333';
const FUNCTION = `arn:aws:lambda:${HERE}:function:ops-carry-volumes`;
const RUN = 'deploy-1_0a1b/2f9c1f6e';
/** As the account in these tests has STS say it. */
const PERSON = 'AIDAEXAMPLE';
const EXECUTION = `${FUNCTION}:7/durable-execution/${RUN}`;
const AT = '2026-11-22T08:00:00.000Z';

const texts = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

/** The intrinsic functions of the file, for the stack `ops`. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (!isRecord(value)) return value;
  const { 'Fn::Sub': sub, 'Fn::GetAtt': att } = value;
  if (typeof sub === 'string')
    return (
      sub
        .replace('${AWS::Partition}', 'aws')
        .replace('${AWS::Region}:${AWS::AccountId}', HERE)
        .replace('${param:prefix}', 'ops')
        // CloudFormation's way to leave a variable to IAM.
        .replace('${!', '${')
    );
  if (Array.isArray(att)) return `arn:aws:dynamodb:${HERE}:table/ops-${att[0] === 'ControlTable' ? 'control' : 'data'}`;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, resolved(member)]));
}

const policySchema = z.looseObject({
  Resources: z.looseObject({
    OperatorPolicy: z.looseObject({
      Properties: z.looseObject({
        PolicyDocument: z.looseObject({
          Statement: z.array(
            z.strictObject({
              Sid: z.string(),
              Effect: z.literal('Allow'),
              Action: texts,
              Resource: texts,
              Condition: z.record(z.string(), z.record(z.string(), texts)).default({}),
            }),
          ),
        }),
      }),
    }),
  }),
});

const STATEMENTS: readonly PolicyStatement[] = policySchema.parse(resolved(readTemplate('deploy/operator.yml')))
  .Resources.OperatorPolicy.Properties.PolicyDocument.Statement;

function partitionOf(input: Asked['input']): string {
  const key = input['Key'] ?? input['Item'];
  const values = input['ExpressionAttributeValues'];
  const partition = isRecord(key) ? key['pk'] : isRecord(values) ? values[':pk'] : undefined;
  return isRecord(partition) ? String(partition['S']) : '';
}

/** All that an update names. Source: DynamoDB developer guide, "Using IAM policy conditions": the keys of the table belong to it. */
function attributesOf({ Key, ExpressionAttributeNames }: Asked['input']): readonly string[] {
  const names = isRecord(ExpressionAttributeNames) ? Object.values(ExpressionAttributeNames).map(String) : [];
  return [...(isRecord(Key) ? Object.keys(Key) : []), ...names];
}

/** What a request asks IAM. Source: Service Authorization Reference, the page of each service. */
function authorizationOf({ call, path, input }: Asked): Authorization[] {
  const on = (resource: string, context: Authorization['context'] = {}, action = call): Authorization[] => [
    { action, resource, context },
  ];
  const [service = ''] = call.split(':');
  const functionName = /\/functions\/([^/]+)\//u.exec(path)?.[1] ?? '';
  if (service === 'dynamodb')
    return on(`arn:aws:dynamodb:${HERE}:table/${String(input['TableName'])}`, {
      'dynamodb:LeadingKeys': [partitionOf(input)],
      'aws:userid': [PERSON],
      ...(call === 'dynamodb:UpdateItem' ? { 'dynamodb:Attributes': attributesOf(input) } : {}),
    });
  switch (call) {
    // Everybody may ask who they are.
    case 'sts:GetCallerIdentity':
      return [];
    case 'iam:ListAccountAliases':
    case 'ec2:DescribeTags':
    case 'cloudwatch:GetMetricData':
      return on('*');
    case 'ec2:DeleteTags':
      return on(`arn:aws:ec2:${HERE}:instance/${String(input['ResourceId.1'])}`, {
        'aws:TagKeys': [String(input['Tag.1.Key'])],
        'aws:ResourceTag/runbook:vip': ['web'],
      });
    case 'cloudwatch:DescribeAlarms':
      return on(`arn:aws:cloudwatch:${HERE}:alarm:*`);
    case 'ssm:GetParametersByPath':
      return on(`arn:aws:ssm:${HERE}:parameter${String(input['Path'])}`);
    case 'lambda:Invoke':
      return on(`arn:aws:lambda:${HERE}:function:${functionName}`, {}, 'lambda:InvokeFunction');
    case 'lambda:ListDurableExecutionsByFunction':
      return on(`arn:aws:lambda:${HERE}:function:${functionName}`);
    // The callback's id does not show whose it is: of this execution.
    case 'lambda:SendDurableExecutionCallbackSuccess':
      return on(EXECUTION);
    case 'lambda:GetDurableExecution':
    case 'lambda:GetDurableExecutionHistory':
      return on(/arn:[^?]*?\/durable-execution\/[^/?]+\/[^/?]+/u.exec(path)?.[0] ?? '');
    default:
      throw new Error(`${call}: say here what it is authorized on`);
  }
}

const TAGGED =
  '<DescribeTagsResponse><tagSet><item><resourceId>i-0a1</resourceId><resourceType>instance</resourceType>' +
  '<key>runbook:quarantined</key><value>2026-11-22T08:00:00Z</value></item></tagSet></DescribeTagsResponse>';

const ANSWERS: Answers = {
  'ssm:GetParametersByPath': plates(['ops', plate('ops')]),
  'dynamodb:Query': () => ({ body: { Items: [] } }),
  'dynamodb:GetItem': () => ({ body: {} }),
  'dynamodb:PutItem': () => ({ body: {} }),
  'dynamodb:DeleteItem': () => ({ body: {} }),
  'dynamodb:UpdateItem': () => ({ body: {} }),
  'ec2:DescribeTags': () => ({ body: TAGGED }),
  'ec2:DeleteTags': () => ({ body: '<DeleteTagsResponse><return>true</return></DeleteTagsResponse>' }),
  'lambda:Invoke': () => ({ status: 202 }),
  'lambda:ListDurableExecutionsByFunction': () => ({
    body: { DurableExecutions: [{ DurableExecutionArn: EXECUTION }] },
  }),
  'lambda:GetDurableExecution': () => ({ body: { Status: 'RUNNING' } }),
  'lambda:GetDurableExecutionHistory': () => ({ body: { Events: [] } }),
  'lambda:SendDurableExecutionCallbackSuccess': () => ({ body: {} }),
};

/** Everything that a place offers, once. */
async function useEverything(): Promise<void> {
  const sink = { isTTY: false, columns: () => 80, write: () => undefined };
  const io = { stdout: sink, stderr: sink, env: process.env, functions: () => Promise.resolve([]), drills: '' };
  const place = await livePlace({ ...io, onInterrupt: () => () => undefined }, {});
  const [stack] = place.stacks;
  if (stack === undefined) throw new Error('the stack is there');
  const { book } = stack;
  const row = { scope: 'all', reason: 'game day', by: 'kim', at: AT };
  await Promise.all([book.switches(), book.modes(), book.resources(), book.on('2026-11-22'), book.about('arn:x')]);
  await Promise.all([book.beginning('carry-volumes', '0a'), book.operations('2026-11-22')]);
  await book.read({ runbook: 'carry-volumes', run: '0a', target: '' });
  await book.turnOff(row);
  await book.turnOn('all');
  await book.setMode({ ...row, mode: 'plan' });
  const word = { verdict: 'approve', at: AT, by: 'arn:kim', reason: '', until: AT } as const;
  await book.approve({ person: place.person, run: RUN, target: 'arn:x', planHash: '0a' }, word);
  await stack.wake('callback-1', { person: place.person, planHash: '0a' });
  const history = { epoch: 1, actions: [], memory: {}, pending: { intent: 'move', at: AT, note: {} } };
  const left = { resource: 'arn:x', runbook: 'carry-volumes', owner: 'run-1|arn:x', until: AT, history };
  expect(await book.clear(left, 'settle')).toBe(true);
  expect(await place.quarantineOf('i-0a1')).toBe('2026-11-22T08:00:00Z');
  await place.pardon('i-0a1', '2026-11-22T08:00:00Z');
  await book.note({ ...row, what: 'mode', more: {} });
  await Promise.all([stack.heartbeats(), stack.alarms()]);
  await stack.standing('carry-volumes', RUN);
  await stack.details('carry-volumes', RUN);
  await stack.start({ runbook: 'block-address' }, 'deploy-1');
  account.answer({ ...ANSWERS, 'lambda:ListDurableExecutionsByFunction': () => ({ body: { DurableExecutions: [] } }) });
  await stack.start({ runbook: 'carry-volumes' }, 'deploy-1');
  await place.close();
  // A method that is added and not used here would be held against nothing.
  expect(Object.keys(book)).toHaveLength(14);
  expect(Object.values(stack).filter((member) => typeof member === 'function')).toHaveLength(6);
}

describe("the operators' policy", () => {
  it('allows every request of the command, and each of its actions is asked for', async () => {
    account.answer(ANSWERS);
    await useEverything();
    const asked = account.asked.flatMap(authorizationOf);
    expect(asked.length).toBeGreaterThan(20);
    const verdicts = asked.map((one) => ({ ...one, verdict: evaluate(STATEMENTS, one) }));
    expect(verdicts.filter(({ verdict }) => !verdict.allowed)).toEqual([]);
    const used = new Set(verdicts.flatMap(({ action, verdict }) => verdict.by.map((sid) => `${sid} ${action}`)));
    const granted = STATEMENTS.flatMap(({ Sid, Action }) => Action.map((action) => `${Sid} ${action}`));
    expect([...used].toSorted()).toEqual(granted.toSorted());
  });

  it('names every runbook, the durable ones by their alias', () => {
    const on = (sid: string): readonly string[] =>
      STATEMENTS.filter(({ Sid }) => Sid === sid)
        .flatMap(({ Resource }) => Resource)
        .map((arn) => arn.replace(FUNCTION.replace('carry-volumes', ''), ''));
    const all = keeping(runbookNames());
    const durable = all.filter(({ isDurable }) => isDurable).map(({ runbook }) => runbook);
    expect(on('SendRequests')).toEqual(all.map(({ runbook, isDurable }) => runbook + (isDurable ? ':durable' : '')));
    expect(on('FindExecutions')).toEqual(durable);
    expect(on('FollowExecutions')).toEqual(durable.map((runbook) => `${runbook}:*/durable-execution/*/*`));
  });

  it('is one that IAM takes, whatever the prefix: of at most 6,144 characters', () => {
    // Source: IAM user guide, "IAM and AWS STS quotas". The longest partition, Region and prefix.
    const [partition, here, prefix] = ['aws-us-gov', 'ap-southeast-1:111122223333', 'runbook-stage-of-27-letters'];
    const longest = JSON.stringify(STATEMENTS)
      .replaceAll('arn:aws:', `arn:${partition}:`)
      .replaceAll(HERE, here)
      .replaceAll('ops-', `${prefix}-`);
    expect(longest.length).toBeLessThanOrEqual(6_144);
  });

  const INSTANCE = `arn:aws:ec2:${HERE}:instance/i-0a1`;
  const OURS = { 'aws:ResourceTag/runbook:vip': ['web'] };
  const table = `arn:aws:dynamodb:${HERE}:table/ops-control`;
  const keyed = (partition: string) => ({ 'dynamodb:LeadingKeys': [partition] });
  it.each<[string, string, Authorization['context']]>([
    ['dynamodb:PutItem', table, keyed('resource')],
    ['dynamodb:DeleteItem', table, keyed('resource')],
    ['dynamodb:UpdateItem', table, keyed('resource')],
    ['dynamodb:UpdateItem', table, { ...keyed('resource'), 'dynamodb:Attributes': ['pk', 'sk', 'owner', 'm_trouble'] }],
    ['dynamodb:UpdateItem', table, { ...keyed('resource'), 'dynamodb:Attributes': ['pk', 'sk', 'owner', 'a0'] }],
    ['dynamodb:UpdateItem', table, { ...keyed('run'), 'dynamodb:Attributes': ['pk', 'sk', 'owner'] }],
    ['ec2:DeleteTags', INSTANCE, { ...OURS, 'aws:TagKeys': ['runbook:vip'] }],
    ['ec2:DeleteTags', INSTANCE, { ...OURS, 'aws:TagKeys': ['runbook:quarantined', 'Name'] }],
    ['ec2:DeleteTags', INSTANCE, OURS],
    ['ec2:DeleteTags', INSTANCE, { 'aws:TagKeys': ['runbook:quarantined'] }],
    ['ec2:DeleteTags', INSTANCE.replace('instance', 'volume'), { ...OURS, 'aws:TagKeys': ['runbook:quarantined'] }],
    ['ec2:CreateTags', INSTANCE, { ...OURS, 'aws:TagKeys': ['runbook:quarantined'] }],
    ['dynamodb:PutItem', table, keyed('run')],
    ['dynamodb:PutItem', table, {}],
    // Another person's word, and one of a person who is not known.
    ['dynamodb:PutItem', table, { ...keyed('approval/AROA2:eve'), 'aws:userid': [PERSON] }],
    ['dynamodb:PutItem', table, keyed(`approval/${PERSON}`)],
    ['dynamodb:DeleteItem', table, { ...keyed(`approval/${PERSON}`), 'aws:userid': [PERSON] }],
    ['dynamodb:UpdateItem', table, { ...keyed(`approval/${PERSON}`), 'aws:userid': [PERSON] }],
    ['dynamodb:PutItem', table.replace('control', 'data'), keyed('switch')],
    ['dynamodb:PutItem', table.replace('ops', 'other'), keyed('switch')],
    ['dynamodb:DeleteItem', table, keyed('operation')],
    ['dynamodb:DeleteItem', table, keyed('mode')],
    ['dynamodb:UpdateItem', table, keyed('switch')],
    ['lambda:InvokeFunction', FUNCTION.replace('ops-', 'other-'), {}],
    // Names that begin with the prefix: of another stack, of nobody's runbook.
    ['lambda:InvokeFunction', FUNCTION.replace('ops-', 'ops-eu-'), {}],
    ['lambda:InvokeFunction', FUNCTION.replace('carry-volumes', 'payroll'), {}],
    ['lambda:InvokeFunction', `${FUNCTION}:$LATEST`, {}],
    ['lambda:ListDurableExecutionsByFunction', FUNCTION.replace('ops-', 'ops-eu-'), {}],
    ['lambda:GetDurableExecutionHistory', EXECUTION.replace('ops-', 'ops-eu-'), {}],
    ['lambda:GetDurableExecution', EXECUTION.replace('ops-', 'other-'), {}],
    ['lambda:StopDurableExecution', EXECUTION, {}],
    ['lambda:SendDurableExecutionCallbackSuccess', FUNCTION, {}],
    ['lambda:SendDurableExecutionCallbackSuccess', EXECUTION.replace('ops-', 'other-'), {}],
    ['lambda:SendDurableExecutionCallbackFailure', EXECUTION, {}],
    ['ssm:GetParametersByPath', `arn:aws:ssm:${HERE}:parameter/`, {}],
    ['ssm:GetParameter', `arn:aws:ssm:${HERE}:parameter/runbook/stacks/ops`, {}],
    ['ssm:PutParameter', `arn:aws:ssm:${HERE}:parameter/runbook/stacks/ops`, {}],
  ])('does not allow %s on %s, %j', (action, resource, context) => {
    expect(evaluate(STATEMENTS, { action, resource, context }).allowed).toBe(false);
  });
});
