/**
 * The role of the function: the runbook's own statements, and what each needs for its ledger, outcomes, dead letters and log.
 * The suffix of a Sid says how the opt-in is enforced: ByTag and ByArn by IAM, ByCode by the runbook's own check, because the
 * actions know no resources. SECURITY.md lists them all (npm run permissions).
 */

import { arn, att, globalArn, PREFIX, sub, type Intrinsic, type Resources } from './cloudformation.ts';
import type { Names } from './names.ts';
import type { OwnResource, OwnStatement, Particulars } from './particulars.ts';
import { failedQueue } from './queues.ts';
import { requestsIds } from './requests.ts';

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: string | readonly string[];
  readonly Resource: Intrinsic;
  readonly Condition?: object;
}

function allow(Sid: string, Action: Statement['Action'], Resource: Intrinsic, Condition?: object): Statement {
  return { Sid, Effect: 'Allow', Action, Resource, ...(Condition === undefined ? {} : { Condition }) };
}

/** On items of a table whose partition is one of these, e.g. `resource`, or `approval/*`. */
function onPartitions(
  Sid: string,
  Action: Statement['Action'],
  partitions: readonly string[],
  table = 'ControlTable',
): Statement {
  const comparison = partitions.some((partition) => partition.endsWith('*')) ? 'StringLike' : 'StringEquals';
  return allow(Sid, Action, att(table, 'Arn'), {
    [`ForAllValues:${comparison}`]: { 'dynamodb:LeadingKeys': partitions },
    // ForAllValues is also true of nothing at all.
    Null: { 'dynamodb:LeadingKeys': 'false' },
  });
}

/**
 * `ec2:instance/*` of a `function.yml` → its ARN in this account and Region, `wafv2:global/ipset/*` → that in us-east-1; `*` and what is
 * written out stay.
 */
function resource(given: OwnResource): unknown {
  const short = typeof given === 'string' ? /^([a-z0-9-]+):(.+)$/u.exec(given) : null;
  if (short === null) return given;
  const [, service = '', kind = ''] = short;
  return kind.startsWith('global/') ? globalArn(service, kind) : arn(service, kind);
}

function ownStatement({ Sid, Action, Resource, Condition }: OwnStatement): object {
  return {
    Sid,
    Effect: 'Allow',
    Action,
    Resource: Array.isArray(Resource) ? Resource.map(resource) : resource(Resource),
    ...(Condition === undefined ? {} : { Condition }),
  };
}

function checkpointing({ full }: Names, { durable }: Particulars): Statement[] {
  if (durable === undefined) return [];
  const actions = ['lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState'];
  return [allow('KeepCheckpointsByArn', actions, arn('lambda', `function:${full}:*/durable-execution/*/*`))];
}

/** Whoever can ask people reads what they have said, each under their own name; nobody's role writes it. Without leases nobody is asked. */
function hearing({ durable, leases }: Particulars): Statement[] {
  return durable || leases ? [onPartitions('HearApprovalByArn', 'dynamodb:GetItem', ['approval/*'])] : [];
}

function keepingData({ data, stream }: Particulars): Statement[] {
  const [read, write] = [[...new Set([...data.read, ...data.write])], data.write];
  const written = [...write, ...data.add];
  // Who only reads, or only adds, reads whole partitions; a single item is read by who is about to write it, or has.
  const reading = write.length === 0 ? ['dynamodb:Query'] : ['dynamodb:GetItem', 'dynamodb:Query'];
  const streaming = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];
  return [
    ...(read.length === 0 ? [] : [onPartitions('ReadDataByArn', reading, read, 'DataTable')]),
    ...(data.add.length === 0 ? [] : [onPartitions('ListDataByArn', 'dynamodb:Query', data.add, 'DataTable')]),
    ...(written.length === 0 ? [] : [onPartitions('WriteDataByArn', 'dynamodb:PutItem', written, 'DataTable')]),
    ...(stream.length === 0 ? [] : [allow('HearOfDataByArn', streaming, att('DataTable', 'StreamArn'))]),
  ];
}

/** Lambda takes the messages out of the queue with the role of the function. */
function takingRequests(names: Names, { requests }: Particulars): Statement[] {
  if (requests === undefined) return [];
  const taking = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
  return [allow('TakeRequestsByArn', taking, att(requestsIds(names).queue, 'Arn'))];
}

function ofLedger({ leases, paced }: Particulars): Statement[] {
  // The record book too, once: a stack that has acted goes on acting.
  const controls = ['switch', 'mode', 'run'];
  // IAM cannot tell creating from overwriting: that a row which is there stays as it is, is the condition of the write.
  const creating = onPartitions('CreateModeByArn', 'dynamodb:PutItem', ['mode']);
  if (!leases) return [onPartitions('ReadLedgerByArn', 'dynamodb:Query', controls), creating];
  return [
    onPartitions('ReadLedgerByArn', ['dynamodb:GetItem', 'dynamodb:Query'], [...controls, 'resource']),
    creating,
    onPartitions('WriteLeaseByArn', 'dynamodb:UpdateItem', paced ? ['resource', 'bucket'] : ['resource']),
  ];
}

function statementsOfAll(names: Names, particulars: Particulars): Statement[] {
  return [
    ...ofLedger(particulars),
    onPartitions('WriteRecordByArn', 'dynamodb:PutItem', ['run', 'run-by-day', 'run-by-target']),
    allow('PublishOutcomeByArn', 'events:PutEvents', att('OutcomeBus', 'Arn'), {
      StringEquals: { 'events:source': 'runbook' },
    }),
    allow('BuryByArn', 'sqs:SendMessage', failedQueue(names, particulars)),
    allow(
      'LogByArn',
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      arn('logs', `log-group:/aws/lambda/${names.full}:*`),
    ),
  ];
}

/** The role that the function runs with. */
export function roleResources(names: Names, particulars: Particulars): Resources {
  const { runbook, id } = names;
  const statements = [
    ...particulars.statements.map(ownStatement),
    ...checkpointing(names, particulars),
    ...hearing(particulars),
    ...keepingData(particulars),
    ...takingRequests(names, particulars),
    ...statementsOfAll(names, particulars),
  ];
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  return {
    [`${id}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: sub(`${PREFIX}-${runbook}-\${AWS::Region}`),
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
        Policies: [{ PolicyName: runbook, PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
      },
    },
  };
}
