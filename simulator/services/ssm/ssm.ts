/** The simulated Systems Manager: Run Command, for documents that freeze and thaw file systems, drop networks or park partitions; what is managed; parameters. */

import { Command$, CommandInvocation$ } from '@aws-sdk/client-ssm';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { strings } from '../ec2/filters.ts';
import { outputOf } from '../ec2/shape.ts';
import { hasInstance } from '../ec2/mentions.ts';
import { find, list, part, show, stateOf, text } from '../ec2/state.ts';
import {
  awsError,
  NotSimulatedError,
  type Operation,
  type ServiceModel,
  type Shape,
  type World,
} from '../../engine/model.ts';
import { cutOff, follow, reconnect } from './agent.ts';
import { demandDocument, demandParameters, documentOf, executionTimeoutSeconds } from './documents.ts';
import { listDocuments } from './document-list.ts';
import { describeInstanceInformation } from './instance-information.ts';
import { completeParameters, parameterOperations } from './parameters.ts';
import { isPingStatus, ssmSchema } from './schema.ts';
import { uuid } from '../../engine/uuid.ts';

const SERVICE = 'ssm';
const REFERENCE = 'https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_';

/** Source of the limits and defaults: SendCommand (Comment, InstanceIds, TimeoutSeconds) and ListCommandInvocations (MaxResults). */
const LONGEST_COMMENT = 100;
const MOST_INSTANCES = 50;
const TIMEOUT_SECONDS = { least: 30, most: 2_592_000, default: 3_600 };
const PAGE = { least: 1, most: 50 };
const MOST_OUTPUT = 2_500;

/** Members that change what happens, or where it is told, in ways that are not modelled. */
const OTHER_MEMBERS = [
  'Targets',
  'DocumentHash',
  'DocumentHashType',
  'OutputS3BucketName',
  'OutputS3KeyPrefix',
  'MaxConcurrency',
  'MaxErrors',
  'ServiceRoleArn',
  'NotificationConfig',
  'CloudWatchOutputConfig',
  'AlarmConfiguration',
];

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

const output = { command: outputOf(Command$), invocation: outputOf(CommandInvocation$) };

function constraint(member: string, value: unknown, what: string): Error {
  return awsError(
    'ValidationException',
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must have ${what}`,
  );
}

function demandWithin(member: string, value: unknown, bounds: { readonly least: number; readonly most: number }): void {
  if (typeof value !== 'number') return;
  if (value < bounds.least) throw constraint(member, value, `value greater than or equal to ${bounds.least}`);
  if (value > bounds.most) throw constraint(member, value, `value less than or equal to ${bounds.most}`);
}

/**
 * Refuses instances that are not managed, or not there any more. One that is stopped, or whose agent cannot be reached, is
 * accepted: its invocation waits.
 * Source: SendCommand (InvalidInstanceId, its valid states); the message was seen by users, github.com/gravitational/teleport/issues/24176.
 */
function demandManaged(world: World, ids: readonly string[]): void {
  const invalid = ids.filter((id) => {
    const status = world.records(SERVICE, 'InstanceInformation').find((record) => record['InstanceId'] === id)?.[
      'PingStatus'
    ];
    const instance = find(world, 'Instances', id);
    if (status === 'ConnectionLost')
      world.assume(
        'ssm: SendCommand accepts an instance whose connection is lost: its invocation is Delayed until the agent is back or the command expires',
      );
    return (
      status === undefined ||
      status === 'Inactive' ||
      instance === undefined ||
      ['shutting-down', 'terminated'].includes(stateOf(instance))
    );
  });
  if (invalid.length > 0)
    throw awsError(
      'InvalidInstanceId',
      `Instances [[${invalid.join(', ')}]] not in a valid state for account ${world.account}`,
    );
}

function demandInstances(input: Shape): string[] {
  const ids = strings(input, 'InstanceIds');
  if (ids.length === 0) throw new NotSimulatedError('ssm:SendCommand without InstanceIds');
  if (ids.length > MOST_INSTANCES)
    throw constraint('instanceIds', `[${ids.join(', ')}]`, `length less than or equal to ${MOST_INSTANCES}`);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  // Wording assumed: the reference names the error only.
  if (twice !== undefined) throw awsError('DuplicateInstanceId', `Instance ${twice} is named twice.`);
  return ids;
}

/** There is no client token: a repeat is another command. The order of the checks is assumed. */
function sendCommand(input: Shape, world: World): object {
  const other = OTHER_MEMBERS.find((member) => input[member] !== undefined);
  if (other !== undefined) throw new NotSimulatedError(`ssm:SendCommand ${other}`);
  const version = text(input, 'DocumentVersion') ?? '$DEFAULT';
  if (!['$DEFAULT', '$LATEST'].includes(version))
    throw new NotSimulatedError(`ssm:SendCommand DocumentVersion ${version}`);
  const comment = show(input['Comment']);
  if (comment.length > LONGEST_COMMENT)
    throw constraint('comment', comment, `length less than or equal to ${LONGEST_COMMENT}`);
  demandWithin('timeoutSeconds', input['TimeoutSeconds'], TIMEOUT_SECONDS);
  const ids = demandInstances(input);
  const name = show(input['DocumentName']);
  const document = demandDocument(world, name);
  const parameters = part(input, 'Parameters');
  demandParameters(document, parameters);
  demandManaged(world, ids);
  const timeoutSeconds =
    typeof input['TimeoutSeconds'] === 'number' ? input['TimeoutSeconds'] : TIMEOUT_SECONDS.default;
  const common: Shape = {
    CommandId: uuid(world),
    Comment: comment,
    DocumentName: name,
    DocumentVersion: version,
    RequestedDateTime: world.clock.iso(),
    ExpiresAfter: expiry(world.clock.now(), timeoutSeconds, document),
    Status: 'Pending',
    StatusDetails: 'Pending',
    TimeoutSeconds: timeoutSeconds,
    Parameters: parameters,
  };
  for (const id of ids) {
    const invocation: Shape = { ...structuredClone(common), InstanceId: id, InvocationId: invocationId(common, id) };
    world.records(SERVICE, 'CommandInvocations').push(invocation);
    follow(world, invocation);
  }
  const counts = { TargetCount: ids.length, CompletedCount: 0, ErrorCount: 0, DeliveryTimedOutCount: 0 };
  return {
    Command: output.command({
      ...common,
      InstanceIds: ids,
      Targets: [],
      MaxConcurrency: '50',
      MaxErrors: '0',
      ...counts,
    }),
  };
}

function invocationId(command: Shape, instanceId: string): string {
  return `${show(command['CommandId'])}/${instanceId}`;
}

/** The total time-out is that of the delivery and that of the execution. Source: monitor-commands, as in agent.ts. */
function expiry(requestedMs: number, timeoutSeconds: number, document: Shape | undefined): string {
  return new Date(requestedMs + (timeoutSeconds + executionTimeoutSeconds(document)) * 1_000).toISOString();
}

/** Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CommandFilter.html */
const STATUSES = [
  'Pending',
  'InProgress',
  'Delayed',
  'Success',
  'Cancelled',
  'Failed',
  'TimedOut',
  'AccessDenied',
  'DeliveryTimedOut',
  'ExecutionTimedOut',
  'Undeliverable',
  'InvalidPlatform',
  'Terminated',
];

function filterTest(filter: Shape): (invocation: Shape) => boolean {
  const key = show(filter['key']);
  const value = show(filter['value']);
  const requested = (invocation: Shape): number => Date.parse(show(invocation['RequestedDateTime']));
  if (key === 'DocumentName') return (invocation) => invocation['DocumentName'] === value;
  if (key === 'Status') {
    if (!STATUSES.includes(value)) throw new NotSimulatedError(`ssm:ListCommandInvocations filter Status ${value}`);
    return (invocation) => invocation['Status'] === value || invocation['StatusDetails'] === value;
  }
  // That ExecutionStage is for ListCommands only stands on the same page; the error is assumed.
  if (key !== 'InvokedAfter' && key !== 'InvokedBefore')
    throw awsError('InvalidFilterKey', `The filter key ${key} is not valid.`);
  const at = Date.parse(value);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/u.test(value) || Number.isNaN(at))
    throw new NotSimulatedError(`ssm:ListCommandInvocations filter ${key} ${value}`);
  return key === 'InvokedAfter'
    ? (invocation) => requested(invocation) >= at
    : (invocation) => requested(invocation) < at;
}

function offsetOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const offset = /^invocations:(\d+)$/u.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (offset === undefined) throw awsError('InvalidNextToken', 'The specified token is not valid.');
  return Number(offset);
}

/** A command that nobody has sent has no invocations, as one that was sent a moment ago: github.com/aws/aws-cli/issues/3546. */
function listCommandInvocations(input: Shape, world: World): object {
  const commandId = text(input, 'CommandId');
  if (commandId !== undefined && !UUID.test(commandId))
    throw awsError('InvalidCommandId', `The command ID ${commandId} is not valid.`);
  const instanceId = text(input, 'InstanceId');
  demandWithin('maxResults', input['MaxResults'], PAGE);
  const tests = list(input, 'Filters').map(filterTest);
  const isAsked = (invocation: Shape): boolean =>
    (commandId === undefined || invocation['CommandId'] === commandId) &&
    (instanceId === undefined || invocation['InstanceId'] === instanceId) &&
    tests.every((test) => test(invocation));
  const found = world.records(SERVICE, 'CommandInvocations').filter(isAsked).toReversed();
  if (found.length > 1) world.assume('ssm: ListCommandInvocations gives the newest first');
  const from = offsetOf(text(input, 'NextToken'));
  const to = from + (typeof input['MaxResults'] === 'number' ? input['MaxResults'] : PAGE.most);
  return {
    CommandInvocations: found
      .slice(from, to)
      .map((invocation) => ({ ...output.invocation(invocation), CommandPlugins: pluginsOf(invocation, input) })),
    ...(to < found.length ? { NextToken: Buffer.from(`invocations:${to}`).toString('base64url') } : {}),
  };
}

/** Of a command of one step, what it has printed: only who asks for details is told. Source: CommandPlugin, `Output` (its first 2,500 characters). */
function pluginsOf(invocation: Shape, { Details }: Shape): readonly Shape[] {
  if (Details !== true) return [];
  const { Status, StatusDetails } = invocation;
  const said = show(invocation['Output'] ?? '').slice(0, MOST_OUTPUT);
  return [{ Name: 'aws:runShellScript', Status, StatusDetails, Output: said }];
}

const operations: { readonly [operation: string]: Operation } = {
  ...parameterOperations,
  SendCommand: { kind: 'write', grade: 'documented', source: `${REFERENCE}SendCommand.html`, run: sendCommand },
  ListCommandInvocations: {
    kind: 'read',
    grade: 'documented',
    source: `${REFERENCE}ListCommandInvocations.html`,
    run: listCommandInvocations,
  },
  ListDocuments: {
    kind: 'read',
    grade: 'documented',
    source: `${REFERENCE}ListDocuments.html`,
    run: listDocuments,
  },
  DescribeInstanceInformation: {
    kind: 'read',
    grade: 'documented',
    source: `${REFERENCE}DescribeInstanceInformation.html`,
    run: describeInstanceInformation,
  },
};

function complete(world: World): void {
  completeParameters(world);
  world.records(SERVICE, 'InstanceInformation').forEach((record, index) => {
    const id = show(record['InstanceId']);
    // Hybrid nodes (`mi-`) are none of EC2's.
    if (!id.startsWith('mi-')) hasInstance(world, id, `${SERVICE}.InstanceInformation[${index}].InstanceId`);
    record['PingStatus'] ??= 'Online';
    record['PlatformType'] ??= 'Linux';
  });
  for (const document of world.records(SERVICE, 'Documents')) document['DocumentType'] ??= 'Command';
  for (const invocation of world.records(SERVICE, 'CommandInvocations')) {
    invocation['InvocationId'] ??= invocationId(invocation, show(invocation['InstanceId']));
    invocation['StatusDetails'] ??= invocation['Status'];
    invocation['RequestedDateTime'] ??= world.clock.iso();
    invocation['TimeoutSeconds'] ??= TIMEOUT_SECONDS.default;
    const requestedMs = Date.parse(show(invocation['RequestedDateTime']));
    invocation['ExpiresAfter'] ??= expiry(
      requestedMs,
      Number(invocation['TimeoutSeconds']),
      documentOf(world, show(invocation['DocumentName'])),
    );
  }
}

/** An instance that is launched is managed as the others are: it comes from the same template, agent and role included. */
function register(world: World, instanceId: string): void {
  const known = world.records(SERVICE, 'InstanceInformation');
  if (known.length === 0 || known.some((record) => record['InstanceId'] === instanceId)) return;
  world.assume('ssm: an instance that is launched beside managed ones is managed as soon as it runs');
  known.push({ InstanceId: instanceId, PingStatus: 'Online', PlatformType: 'Linux' });
}

function start(world: World): void {
  complete(world);
  const launched = new Set<string>();
  world.on('instance-state', ({ instanceId, state, previous }) => {
    if (previous === '') launched.add(instanceId);
    if (state !== 'running') cutOff(world, instanceId);
    else if (launched.delete(instanceId)) register(world, instanceId);
  });
  // Tells that an instance runs again, and that its zone is back.
  world.on('status-changed', ({ instanceId }) => reconnect(world, instanceId));
  for (const invocation of world.records(SERVICE, 'CommandInvocations')) follow(world, invocation);
}

/** `"ssm/InstanceInformation/i-1/PingStatus": "ConnectionLost"`: the agent is cut off, or back. */
function change(world: World, collection: string, key: string, path: readonly string[], value: unknown): boolean {
  if (collection !== 'InstanceInformation' || path.join('/') !== 'PingStatus') return false;
  const record = world.records(SERVICE, collection).find((one) => one['InstanceId'] === key);
  if (record === undefined) return false;
  if (!isPingStatus(value))
    throw new BadInputError(
      `${SERVICE}/${collection}/${key}/PingStatus`,
      `${show(value)} is not Online, ConnectionLost or Inactive`,
    );
  record['PingStatus'] = value;
  reconnect(world, key);
  return true;
}

export const ssm: ServiceModel = {
  name: SERVICE,
  prefix: 'ssm',
  schema: ssmSchema,
  outputs: { InstanceInformationList: 'InstanceInformation', Document: 'Documents', Parameter: 'Parameters' },
  collections: {
    InstanceInformation: 'InstanceId',
    Documents: 'Name',
    CommandInvocations: 'InvocationId',
    Parameters: 'Name',
  },
  operations,
  start,
  change,
};
