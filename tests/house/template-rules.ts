/**
 * What every stack of this project keeps to, as rules over a CloudFormation template. Each returns one line per breach, which begins
 * with the logical id of the resource.
 */

import { resourceTypesOf } from './iam/resource-types.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import type { Template, TemplateResource } from './iam/template.ts';

/** A rule: its name says what holds. */
export interface TemplateRule {
  readonly name: string;
  readonly breaches: (template: Template) => string[] | Promise<string[]>;
}

type Entry = readonly [id: string, resource: TemplateResource];

function ofType(template: Template, type: string | RegExp): Entry[] {
  return Object.entries(template.Resources).filter(([, { Type }]) =>
    typeof type === 'string' ? Type === type : type.test(Type),
  );
}

function member(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

/** Logical ids that a value refers to, in whatever form. */
function referred(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referred);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === 'Ref' && typeof inner === 'string') return [inner];
    if (name === 'Fn::GetAtt') return [String(Array.isArray(inner) ? inner[0] : inner).split('.')[0] ?? ''];
    if (name === 'Fn::Sub' && typeof inner === 'string')
      return [...inner.matchAll(/\$\{([A-Za-z0-9]+)/gu)].map(([, id = '']) => id);
    return referred(inner);
  });
}

/** Each member of this name anywhere in the resources. */
function everywhere(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((inner: unknown) => everywhere(inner, name));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === name ? [inner] : everywhere(inner, name)));
}

/** Functions that are runbooks, built from files. One whose code stands in its template is there to be tried on: it neither ticks nor reports. */
function runbooks(template: Template): Entry[] {
  return ofType(template, 'AWS::Lambda::Function').filter(
    ([, { Properties }]) => member(Properties['Code'], 'ZipFile') === undefined,
  );
}

/** Values of a tag of a resource. */
function tagged({ Properties }: TemplateResource, key: string): unknown[] {
  return list(Properties['Tags']).flatMap((tag) => (member(tag, 'Key') === key ? [member(tag, 'Value')] : []));
}

/** Queues that something buries in. */
function deadLetterQueues(template: Template): Set<string> {
  const places = ['DeadLetterConfig', 'OnFailure', 'deadLetterTargetArn'].flatMap((name) =>
    everywhere(template.Resources, name),
  );
  return new Set(places.flatMap(referred).filter((id) => template.Resources[id]?.Type === 'AWS::SQS::Queue'));
}

const ENCRYPTED: { readonly [type: string]: (properties: TemplateResource['Properties']) => boolean } = {
  'AWS::SQS::Queue': (own) => own['SqsManagedSseEnabled'] === true || own['KmsMasterKeyId'] !== undefined,
  'AWS::SNS::Topic': (own) => own['KmsMasterKeyId'] !== undefined,
  'AWS::DynamoDB::Table': (own) => member(own['SSESpecification'], 'SSEEnabled') === true,
  'AWS::S3::Bucket': (own) => own['BucketEncryption'] !== undefined,
  'AWS::KMS::Key': (own) => own['EnableKeyRotation'] === true,
  'AWS::EC2::Volume': (own) => own['Encrypted'] === true,
  'AWS::EFS::FileSystem': (own) => own['Encrypted'] === true,
  // FSx encrypts every file system; scratch ones take no key of somebody's. Source: FSx for Lustre user guide, "Data encryption".
  'AWS::FSx::FileSystem': (own) => own['KmsKeyId'] !== undefined || isScratch(own),
};

function isScratch(own: TemplateResource['Properties']): boolean {
  const deployment = member(own['LustreConfiguration'], 'DeploymentType');
  return typeof deployment === 'string' && deployment.startsWith('SCRATCH');
}

function unencrypted(template: Template): string[] {
  const own = Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) =>
    ENCRYPTED[Type]?.(Properties) === false ? [`${id}: a ${Type} that is not encrypted`] : [],
  );
  const disks = Object.entries(template.Resources).flatMap(([id, { Properties }]) =>
    everywhere(Properties, 'Ebs').some((disk) => member(disk, 'Encrypted') !== true)
      ? [`${id}: a volume that is not encrypted`]
      : [],
  );
  return [...own, ...disks];
}

/** The longest SQS keeps a message: what was buried on a Friday before a holiday is still there. Source: SQS, MessageRetentionPeriod. */
const LONGEST_SECONDS = 1_209_600;

/**
 * A table is to outlive its stack, yet not the deployment that made it and failed: under its name it would be in the way of the next one.
 * Sources: CloudFormation, DeletionPolicy (RetainExceptOnCreate); DynamoDB, DeletionProtectionEnabled (DeleteTable is refused).
 */
function untenable(id: string, own: TemplateResource['Properties'], policy: string | undefined): string[] {
  if (policy === 'Retain') return [`${id}: a table that stays behind when its first deployment fails`];
  if (policy !== 'RetainExceptOnCreate') return [`${id}: a table that goes with its stack`];
  return own['DeletionProtectionEnabled'] === true
    ? [`${id}: a table that no rollback of its creation can delete`]
    : [];
}

function unkept(template: Template): string[] {
  const found: string[] = [];
  const buried = deadLetterQueues(template);
  for (const [id, { Type, Properties, DeletionPolicy }] of Object.entries(template.Resources)) {
    if (Type === 'AWS::Logs::LogGroup' && typeof Properties['RetentionInDays'] !== 'number')
      found.push(`${id}: a log that is kept for ever`);
    if (Type === 'AWS::SQS::Queue' && buried.has(id) && Properties['MessageRetentionPeriod'] !== LONGEST_SECONDS)
      found.push(`${id}: dead letters are to be kept for 14 days`);
    if (Type !== 'AWS::DynamoDB::Table') continue;
    if (member(Properties['PointInTimeRecoverySpecification'], 'PointInTimeRecoveryEnabled') !== true)
      found.push(`${id}: a table without point-in-time recovery`);
    found.push(...untenable(id, Properties, DeletionPolicy));
  }
  for (const [id, { Properties }] of ofType(template, 'AWS::Lambda::Function'))
    if (!logsHere(template, Properties))
      found.push(`${id}: its log group is left to Lambda, which keeps logs for ever`);
  return found;
}

/** Whether a log group of the template is a function's: it is named by the function, or has the name that Lambda would give it. */
function logsHere(template: Template, properties: TemplateResource['Properties']): boolean {
  const named = referred(member(properties['LoggingConfig'], 'LogGroup'));
  const name = JSON.stringify(properties['FunctionName'] ?? null).replaceAll('"', '');
  return ofType(template, 'AWS::Logs::LogGroup').some(
    ([id, group]) =>
      named.includes(id) || JSON.stringify(group.Properties['LogGroupName'])?.endsWith(`/aws/lambda/${name}"`),
  );
}

function buriesFailures(template: Template, id: string, properties: TemplateResource['Properties']): boolean {
  if (member(properties['DeadLetterConfig'], 'TargetArn') !== undefined) return true;
  return ofType(template, 'AWS::Lambda::EventInvokeConfig').some(
    ([, config]) =>
      referred(config.Properties['FunctionName']).includes(id) &&
      member(config.Properties['DestinationConfig'], 'OnFailure', 'Destination') !== undefined,
  );
}

/** Asynchronous paths: rules, schedules, subscriptions, functions, stream and queue mappings, queues that are worked on. */
function unburied(template: Template): string[] {
  const buried = deadLetterQueues(template);
  const found: string[] = [];
  for (const [id, { Properties }] of ofType(template, 'AWS::Events::Rule')) {
    for (const target of list(Properties['Targets']))
      if (member(target, 'DeadLetterConfig', 'Arn') === undefined) found.push(`${id}: a target without dead letters`);
  }
  for (const [id, { Properties }] of ofType(template, 'AWS::Scheduler::Schedule'))
    if (member(Properties['Target'], 'DeadLetterConfig', 'Arn') === undefined)
      found.push(`${id}: a schedule without dead letters`);
  for (const [id, { Properties }] of ofType(template, 'AWS::SNS::Subscription'))
    if (member(Properties['RedrivePolicy'], 'deadLetterTargetArn') === undefined)
      found.push(`${id}: a subscription without dead letters`);
  for (const [id, { Properties }] of ofType(template, 'AWS::Lambda::Function'))
    if (!buriesFailures(template, id, Properties)) found.push(`${id}: a function whose failed events are lost`);
  for (const [id, { Properties }] of ofType(template, 'AWS::Lambda::EventSourceMapping')) {
    const fromQueue = referred(Properties['EventSourceArn']).some(
      (source) => template.Resources[source]?.Type === 'AWS::SQS::Queue',
    );
    if (!fromQueue && member(Properties['DestinationConfig'], 'OnFailure', 'Destination') === undefined)
      found.push(`${id}: records of a stream that are given up are lost`);
  }
  // Nobody takes from a queue that letters are parked in.
  const parking = new Set(
    ofType(template, 'AWS::SQS::Queue').flatMap(([, queue]) => tagged(queue, 'runbook:parking').flatMap(referred)),
  );
  for (const [id, { Properties }] of ofType(template, 'AWS::SQS::Queue')) {
    if (!buried.has(id) && !parking.has(id) && member(Properties['RedrivePolicy'], 'deadLetterTargetArn') === undefined)
      found.push(`${id}: a queue without dead letters`);
  }
  return [...found, ...closedToRules(template)];
}

/** A rule buries only where the queue's own policy lets it; a missing policy loses the event without a word. */
function closedToRules(template: Template): string[] {
  const open = new Set(
    ofType(template, 'AWS::SQS::QueuePolicy').flatMap(([, { Properties }]) =>
      JSON.stringify(Properties['PolicyDocument']).includes('"events.amazonaws.com"')
        ? list(Properties['Queues']).flatMap(referred)
        : [],
    ),
  );
  const used = ofType(template, 'AWS::Events::Rule').flatMap(([, { Properties }]) =>
    list(Properties['Targets']).flatMap((target) => referred(member(target, 'DeadLetterConfig'))),
  );
  return [...new Set(used)]
    .filter((id) => !open.has(id))
    .map((id) => `${id}: its policy does not let EventBridge bury in it`);
}

/** A metric that an alarm watches, by itself or in an expression. */
interface Watched {
  readonly namespace: unknown;
  readonly metric: unknown;
  readonly dimensions: ReadonlyMap<unknown, unknown>;
}

function dimensionsOf(given: unknown): Watched['dimensions'] {
  return new Map(list(given).map((one) => [member(one, 'Name'), member(one, 'Value')]));
}

function watchedBy({ Properties }: TemplateResource): Watched[] {
  const metrics = list(Properties['Metrics']).map((query) => member(query, 'MetricStat', 'Metric'));
  return [Properties, ...metrics].flatMap((metric) =>
    member(metric, 'MetricName') === undefined
      ? []
      : {
          namespace: member(metric, 'Namespace'),
          metric: member(metric, 'MetricName'),
          dimensions: dimensionsOf(member(metric, 'Dimensions')),
        },
  );
}

/** That a function ticks is all that tells that it can start at all; that a dead letter was lost, nothing else tells. */
function unwatchedFunctions(template: Template, watched: readonly Watched[]): string[] {
  return runbooks(template).flatMap(([id, { Properties }]) => {
    const name = Properties['FunctionName'];
    const beats = watched.some(
      ({ metric, dimensions }) =>
        metric === 'Heartbeat' && `${String(dimensions.get('Stack'))}-${String(dimensions.get('Runbook'))}` === name,
    );
    const lost = Properties['DeadLetterConfig'] === undefined ? 'DestinationDeliveryFailures' : 'DeadLetterErrors';
    const tells = watched.some(({ metric, dimensions }) => metric === lost && dimensions.get('FunctionName') === name);
    return [...(beats ? [] : [`${id}: no alarm on its heartbeat`]), ...(tells ? [] : [`${id}: no alarm on ${lost}`])];
  });
}

function unwatched(template: Template): string[] {
  const alarms = ofType(template, 'AWS::CloudWatch::Alarm');
  const watched = alarms.flatMap(([, alarm]) => watchedBy(alarm));
  const found = unwatchedFunctions(template, watched);
  const queues = JSON.stringify(
    watched.flatMap(({ metric, dimensions }) =>
      metric === 'ApproximateNumberOfMessagesVisible' ? [dimensions.get('QueueName')] : [],
    ),
  );
  // What is tagged manual a person fills and empties, in an example: the stack's own queues have no such tag.
  const byHand = new Set(
    ofType(template, 'AWS::SQS::Queue').flatMap(([id, queue]) =>
      tagged(queue, 'runbook:redrive').includes('manual') ? [id] : [],
    ),
  );
  for (const id of deadLetterQueues(template))
    if (!byHand.has(id) && !queues.includes(`["${id}","QueueName"]`))
      found.push(`${id}: dead letters without an alarm`);
  for (const [id, alarm] of alarms) {
    const { Properties } = alarm;
    // Alarms of the examples tell EventBridge, where the runbook listens; those of the stack tell people.
    if (runbooks(template).length > 0 && list(Properties['AlarmActions']).length === 0)
      found.push(`${id}: an alarm that tells nobody`);
    if (Properties['TreatMissingData'] === undefined)
      found.push(`${id}: an alarm that does not say what missing data means`);
    if (watchedBy(alarm).some(({ namespace, dimensions }) => namespace === 'Runbook' && !dimensions.has('Stack')))
      found.push(`${id}: an alarm that hears another stack too`);
  }
  return found;
}

interface Statement {
  readonly id: string;
  readonly type: string;
  readonly statement: Record<string, unknown>;
}

function statements(template: Template): Statement[] {
  return Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) =>
    ['PolicyDocument', 'KeyPolicy', 'AssumeRolePolicyDocument', 'RepositoryPolicyText'].flatMap((name) =>
      everywhere(Properties, name).flatMap((document) =>
        list(member(document, 'Statement'))
          .filter(isRecord)
          .map((statement) => ({ id, type: Type, statement })),
      ),
    ),
  );
}

const allowing = ({ statement }: Statement): boolean => statement['Effect'] === 'Allow';

/** Ports on which a page may be open to everybody. */
const PUBLIC_PORTS = new Set([80, 443]);

function anywhere(template: Template, cidr: unknown): boolean {
  const [parameter = ''] = referred(cidr);
  const value = typeof cidr === 'string' ? cidr : template.Parameters?.[parameter]?.Default;
  return value === '0.0.0.0/0' || value === '::/0';
}

function openPorts(template: Template): string[] {
  return ofType(template, /^AWS::EC2::SecurityGroup(?:Ingress)?$/u).flatMap(([id, { Type, Properties }]) =>
    (Type.endsWith('Ingress') ? [Properties] : list(Properties['SecurityGroupIngress']))
      .filter(isRecord)
      .flatMap((rule) => {
        const open = anywhere(template, rule['CidrIp']) || anywhere(template, rule['CidrIpv6']);
        const page = rule['FromPort'] === rule['ToPort'] && PUBLIC_PORTS.has(Number(rule['FromPort']));
        return open && !page ? [`${id}: port ${String(rule['FromPort'])} is open to everybody`] : [];
      }),
  );
}

const BLOCKS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];

function publiclyOpen(template: Template): string[] {
  const found = statements(template)
    .filter(allowing)
    .filter(
      ({ statement }) =>
        statement['Principal'] === '*' ||
        member(statement['Principal'], 'AWS') === '*' ||
        statement['NotPrincipal'] !== undefined,
    )
    .map(({ id }) => `${id}: a policy for everybody`);
  for (const [id, { Properties }] of ofType(template, 'AWS::S3::Bucket')) {
    if (BLOCKS.some((name) => member(Properties['PublicAccessBlockConfiguration'], name) !== true))
      found.push(`${id}: a bucket that does not block public access`);
  }
  for (const [id, { Properties }] of ofType(template, 'AWS::Lambda::Url'))
    if (Properties['AuthType'] !== 'AWS_IAM') found.push(`${id}: a function that everybody may call`);
  for (const [id, { Properties }] of ofType(template, 'AWS::Lambda::Permission')) {
    if (Properties['SourceArn'] === undefined && Properties['SourceAccount'] === undefined)
      found.push(`${id}: a service that calls for whoever asks it to`);
  }
  for (const [id, { Properties }] of ofType(template, 'AWS::EC2::LaunchTemplate')) {
    if (member(Properties['LaunchTemplateData'], 'MetadataOptions', 'HttpTokens') !== 'required')
      found.push(`${id}: instance credentials without a session token (IMDSv1)`);
  }
  return [...found, ...openPorts(template)];
}

const POLICIES = /^AWS::(?:SNS::TopicPolicy|SQS::QueuePolicy|KMS::Key|S3::BucketPolicy)$/u;
const BINDING = /"(?:aws:SourceAccount|aws:SourceArn|kms:EncryptionContext:[^"]+)"/u;

/** EventBridge publishes to a topic without a word for whom. Source: EventBridge, "Using resource-based policies", SNS permissions. */
function cannotBeBound(statement: Record<string, unknown>): boolean {
  return member(statement['Principal'], 'Service') === 'events.amazonaws.com' && statement['Action'] === 'sns:Publish';
}

/** A service acts for every account; what it may do here is to be bound to ours, or to one of our resources. */
function unbound(template: Template): string[] {
  return statements(template)
    .filter(allowing)
    .filter(({ type, statement }) => POLICIES.test(type) && member(statement['Principal'], 'Service') !== undefined)
    .filter(({ statement }) => !cannotBeBound(statement) && !BINDING.test(JSON.stringify(statement['Condition'] ?? {})))
    .map(({ id, statement }) => `${id}: ${list(member(statement['Principal'], 'Service')).join(', ')} for any account`);
}

/** The account's own administration of a key, without which nobody could change it. Source: KMS, "Default key policy". */
function keepsKeyManageable({ type, statement }: Statement): boolean {
  return type === 'AWS::KMS::Key' && (JSON.stringify(member(statement['Principal'], 'AWS')) ?? '').includes(':root"');
}

function wildActions(template: Template): string[] {
  return statements(template)
    .filter(allowing)
    .filter((one) => !keepsKeyManageable(one))
    .flatMap(({ id, statement }) => [
      ...(statement['NotAction'] === undefined ? [] : [`${id}: NotAction allows whatever comes to be`]),
      ...list(statement['Action']).flatMap((action) =>
        /[*?]/u.test(String(action)) ? [`${id}: the action ${String(action)}`] : [],
      ),
    ]);
}

async function wildResources(template: Template): Promise<string[]> {
  const found: string[] = [];
  for (const { id, type, statement } of statements(template).filter(allowing)) {
    // In a key's own policy `*` is the key. Source: KMS, "Key policies".
    if (type === 'AWS::KMS::Key' || !list(statement['Resource']).includes('*')) continue;
    for (const action of list(statement['Action']).map(String)) {
      if (/[*?]/u.test(action) || (await resourceTypesOf(action)).length > 0)
        found.push(`${id}: ${action} on every resource`);
    }
  }
  return found;
}

export const TEMPLATE_RULES: readonly TemplateRule[] = [
  { name: 'everything that stores is encrypted', breaches: unencrypted },
  { name: 'everything is kept for a stated time, tables beyond their stack', breaches: unkept },
  { name: 'every asynchronous path ends in dead letters', breaches: unburied },
  { name: 'every function and every queue of dead letters has alarms', breaches: unwatched },
  { name: 'nothing is open to the public', breaches: publiclyOpen },
  { name: 'what a service may do is bound to the account', breaches: unbound },
  { name: 'no action is a wildcard', breaches: wildActions },
  { name: 'every resource is named, unless the action knows none', breaches: wildResources },
];
