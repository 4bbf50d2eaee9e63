/**
 * GuardDuty's own findings: camelCase in EventBridge, PascalCase from the SDK. Sources: GuardDuty API reference, `Finding`,
 * `Service`, `Action`, `Sequence`; user guide, "Finding details".
 */

import type { Field } from '../reader.ts';
import type { Direction, Finding, Remote } from './finding.ts';
import * as members from './members.ts';

const { member, membersOf, textOf } = members;

/** What `service` says, which Security Hub's older format carries flattened. */
export type ServicePart = Pick<
  Finding,
  'count' | 'isSample' | 'isArchived' | 'isBlockedAlready' | 'action' | 'role' | 'awsService' | 'remotes' | 'own'
>;

/** The member of `action` in which each kind of action is described. `DNS_REQUEST` names no address. */
const ACTION_MEMBERS = new Map([
  ['NETWORK_CONNECTION', 'networkConnectionAction'],
  ['PORT_PROBE', 'portProbeAction'],
  ['AWS_API_CALL', 'awsApiCallAction'],
  ['KUBERNETES_API_CALL', 'kubernetesApiCallAction'],
  ['RDS_LOGIN_ATTEMPT', 'rdsLoginAttemptAction'],
  ['DNS_REQUEST', 'dnsRequestAction'],
]);

/** Actions whose remote called an API. */
export const API_CALLS: readonly string[] = ['AWS_API_CALL', 'KUBERNETES_API_CALL'];
/** Actions that have no direction of their own, for the remote always comes to us. */
const COMING_IN = [...API_CALLS, 'PORT_PROBE', 'RDS_LOGIN_ATTEMPT'];

/** Attack sequences whose endpoints are seen by the network, unless the signals say that they called an API. */
const NETWORK_SEQUENCE = /^AttackSequence:(?:EC2|ECS)\//u;
/** Signals of an attack sequence that come from the log of an API. */
const API_SIGNALS = ['CLOUD_TRAIL', 'S3_DATA_EVENTS', 'EKS_AUDIT_LOG'];
const API_FINDING = /:(?:IAMUser|S3|Kubernetes)\//u;

/** `INBOUND` and `OUTBOUND` of GuardDuty, `IN` and `OUT` of ASFF's reference, `Inbound` and `Outbound` of OCSF. */
export function directionOf(said: string | undefined): Direction {
  const word = said?.toUpperCase() ?? '';
  if (word === 'IN' || word === 'INBOUND') return 'INBOUND';
  return word === 'OUT' || word === 'OUTBOUND' ? 'OUTBOUND' : 'UNKNOWN';
}

export function roleOf(said: string | undefined): Finding['role'] {
  return said === 'TARGET' || said === 'ACTOR' ? said : null;
}

/** One finding. @throws BadInputError with the path of what cannot be read. */
export function readGuardDuty(root: Field): Finding {
  const type = textOf(root, 'type') ?? root.get('type').fail('the type of a finding');
  const service = readService(member(root, 'service'), type);
  const sequence = member(root, 'service', 'detection', 'sequence');
  const resource = member(root, 'resource');
  const ours = [resource, member(sequence, 'resources')].flatMap((field) => members.addressesBelow(field?.value));
  return {
    form: 'guardduty',
    id: idOf(root),
    updatedAt: members.timeOf(root, 'updatedAt') ?? null,
    type,
    severity: members.numberOf(root, 'severity'),
    ...service,
    isSample: service.isSample || members.isTitledSample(root, 'title'),
    isSuppressed: false,
    own: [...new Set([...ours, ...service.own])],
    resource: resourceOf(resource, sequence),
  };
}

function idOf(root: Field): string {
  const said = textOf(root, 'id') ?? textOf(root, 'arn');
  return said === undefined ? root.get('id').fail('the id of a finding') : members.findingIdIn(said);
}

/** What `service` of a finding says. @param type of the finding, which says what an attack sequence's endpoints did. */
export function readService(service: Field | undefined, type: string): ServicePart {
  const acted = readAction(member(service, 'action'));
  const sequence = member(service, 'detection', 'sequence');
  return {
    count: members.numberOf(service, 'count'),
    isSample: isSample(member(service, 'additionalInfo')),
    isArchived: members.isTrue(service, 'archived'),
    role: roleOf(textOf(service, 'resourceRole')),
    ...acted,
    action: acted.action === 'UNKNOWN' && sequence !== undefined ? 'ATTACK_SEQUENCE' : acted.action,
    remotes: members.eachOnce([...acted.remotes, ...endpointsOf(sequence, type)]),
  };
}

/** `sample` as a member, or within `value`, which is JSON in text. */
function isSample(info: Field | undefined): boolean {
  if (members.isTrue(info, 'sample')) return true;
  const value = member(info, 'value')?.value;
  return typeof value === 'string' && /"sample"\s*:\s*"?true\b/u.test(value);
}

/** What an `action` says: GuardDuty's, and ASFF's `Action`, which is the same with fewer members. */
export function readAction(
  action: Field | undefined,
): Pick<Finding, 'action' | 'isBlockedAlready' | 'awsService' | 'remotes' | 'own'> {
  const present = [...ACTION_MEMBERS].find(([, key]) => member(action, key) !== undefined)?.[0];
  const kind = textOf(action, 'actionType') ?? present ?? 'UNKNOWN';
  const key = ACTION_MEMBERS.get(kind);
  const acted = key === undefined ? undefined : member(action, key);
  const probes = membersOf(acted, 'portProbeDetails');
  const awsService = textOf(acted, 'domainDetails', 'domain') ?? null;
  const callerType = textOf(acted, 'callerType') ?? '';
  const said = {
    direction: COMING_IN.includes(kind) ? 'INBOUND' : directionOf(textOf(acted, 'connectionDirection')),
    isAwsService: awsService !== null || /domain|service/iu.test(callerType),
    isApiCaller: API_CALLS.includes(kind),
  } as const;
  const found = [acted, ...probes].flatMap((side) => addressesOf(member(side, 'remoteIpDetails')));
  return {
    action: kind,
    isBlockedAlready: members.isTrue(acted, 'blocked'),
    awsService,
    remotes: members.eachOnce([...found, ...sourceIpsOf(acted)].map((one) => ({ ...one, ...said }))),
    own: [acted, ...probes].flatMap((side) =>
      addressesOf(member(side, 'localIpDetails')).map(({ address }) => address),
    ),
  };
}

function addressesOf(details: Field | undefined): readonly members.Written[] {
  return ['ipAddressV4', 'ipAddressV6'].flatMap((key) => members.addressOf(member(details, key)));
}

/** A Kubernetes caller and the proxies before it: EventBridge writes `sourceIPs`, the SDK `SourceIps`. */
function sourceIpsOf(acted: Field | undefined): readonly members.Written[] {
  const list = member(acted, 'sourceIPs') ?? member(acted, 'sourceIps');
  return list === undefined ? [] : list.list().flatMap(members.addressOf);
}

/** The endpoints of an attack sequence. Its indicators repeat addresses without a direction, and are not read. */
function endpointsOf(sequence: Field | undefined, type: string): readonly Remote[] {
  const signals = membersOf(sequence, 'signals');
  return membersOf(sequence, 'endpoints').flatMap((endpoint) => {
    const direction = directionOf(textOf(endpoint, 'connection', 'direction'));
    const isApiCaller = calledApi(textOf(endpoint, 'id'), signals, type);
    return members
      .addressOf(member(endpoint, 'ip'))
      .map((one) => ({ ...one, direction, isAwsService: false, isApiCaller }));
  });
}

/** Whether the endpoints of this kind of attack sequence call APIs, as far as nothing else tells. */
export function isSequenceOfCalls(type: string): boolean {
  return type.startsWith('AttackSequence:') && !NETWORK_SEQUENCE.test(type);
}

/** Whether only logs of an API tell of an endpoint. Where no signal tells of it, the kind of sequence does. */
function calledApi(id: string | undefined, signals: readonly Field[], type: string): boolean {
  const told = signals.filter((signal) => membersOf(signal, 'endpointIds').some(({ value }) => value === id));
  if (told.length === 0 || /^AttackSequence:(?:IAM|S3)\//u.test(type)) return isSequenceOfCalls(type);
  return told.every((signal) => {
    const kind = textOf(signal, 'type') ?? '';
    return API_SIGNALS.includes(kind) || (kind === 'FINDING' && API_FINDING.test(textOf(signal, 'name') ?? ''));
  });
}

/** The resource by its most telling name. */
function resourceOf(resource: Field | undefined, sequence: Field | undefined): string | null {
  const [bucket] = membersOf(resource, 's3BucketDetails');
  const [first] = membersOf(sequence, 'resources');
  const names = [
    textOf(resource, 'instanceDetails', 'instanceId'),
    textOf(resource, 'rdsDbInstanceDetails', 'dbInstanceArn'),
    textOf(resource, 'rdsDbInstanceDetails', 'dbInstanceIdentifier'),
    textOf(resource, 'eksClusterDetails', 'arn'),
    textOf(resource, 'ecsClusterDetails', 'arn'),
    textOf(resource, 'lambdaDetails', 'functionArn'),
    textOf(bucket, 'arn'),
    textOf(resource, 'accessKeyDetails', 'userName'),
    textOf(first, 'uid'),
  ];
  return members.resourceIn(names.find((name) => name !== undefined));
}
