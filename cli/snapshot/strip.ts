/**
 * What answers of AWS carry and no runbook reads, or nobody should find in a file that is handed on: it is left out before anything is
 * written. A member stands here by its name, wherever in a service's records it is. Pure.
 */

import { isRecord } from '../../simulator/engine/json.ts';
import type { Row } from './asking.ts';
import { textOf, type Section, type Sections } from './reading/place.ts';

/** Stands in the place of a text that has to be there. */
const REMOVED = 'removed';

/** The same where the API has bytes, which JSON has as Base64. */
const REMOVED_BYTES = Buffer.from(REMOVED).toString('base64');

/** What becomes of a member: it is left out, or something else stands there. */
type Fate = 'out' | { readonly instead: unknown };

const TEXT: Fate = { instead: REMOVED };

/** By service and member. */
const FATES: { readonly [service: string]: { readonly [member: string]: Fate } } = {
  // Scripts with passwords in them, of launch templates and of Spot requests.
  ec2: { UserData: 'out' },
  // Variables of stages; who may call the API.
  'api-gateway': { variables: 'out', stageVariableOverrides: 'out', policy: 'out' },
  'auto-scaling': { NotificationMetadata: 'out' },
  batch: {
    args: 'out',
    command: 'out',
    env: 'out',
    environment: 'out',
    logConfiguration: 'out',
    parameters: 'out',
    repositoryCredentials: 'out',
    secrets: 'out',
  },
  // The header by which an origin knows CloudFront is a password.
  cloudfront: { CustomHeaders: { instead: { Quantity: 0 } }, Parameters: { instead: [] } },
  eventbridge: {
    AppSyncParameters: 'out',
    BatchParameters: 'out',
    EcsParameters: 'out',
    HttpParameters: 'out',
    Input: 'out',
    InputPath: 'out',
    InputTransformer: 'out',
    KinesisParameters: 'out',
    Policy: 'out',
    RedshiftDataParameters: 'out',
    RunCommandParameters: 'out',
    SageMakerPipelineParameters: 'out',
  },
  fsx: { OntapConfiguration: 'out', OpenZFSConfiguration: 'out', WindowsConfiguration: 'out' },
  lambda: {
    Environment: 'out',
    ImageConfigResponse: 'out',
    SelfManagedEventSource: 'out',
    SourceAccessConfigurations: 'out',
  },
  scheduler: {
    EcsParameters: 'out',
    EventBridgeParameters: 'out',
    Input: 'out',
    KinesisParameters: 'out',
    SageMakerPipelineParameters: 'out',
  },
  sqs: { Policy: 'out' },
  // What a rule looks for may be the secret that lets a request in.
  wafv2: {
    Content: TEXT,
    CustomHTTPHeaders: 'out',
    InsertHeaders: 'out',
    RegexString: TEXT,
    ResponseHeaders: 'out',
    SearchString: { instead: REMOVED_BYTES },
  },
};

/** Endpoints of SNS that are AWS's own resources. Others are mail addresses, telephone numbers, and addresses with tokens in them. */
const OWN_PROTOCOLS = new Set(['application', 'firehose', 'lambda', 'sqs']);

function subscription(row: Row): Row {
  if (OWN_PROTOCOLS.has(textOf(row['Protocol']))) return row;
  const { Endpoint: endpoint, Attributes: attributes } = row;
  return {
    ...row,
    ...(endpoint === undefined ? {} : { Endpoint: REMOVED }),
    ...(isRecord(attributes) ? { Attributes: { ...attributes, Endpoint: REMOVED } } : {}),
  };
}

function without(value: unknown, fates: { readonly [member: string]: Fate }): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => without(one, fates));
  if (!isRecord(value)) return value;
  const members = Object.entries(value).flatMap(([name, member]) => {
    const fate = Object.hasOwn(fates, name) ? fates[name] : undefined;
    if (fate === 'out') return [];
    return [[name, fate === undefined ? without(member, fates) : fate.instead] as const];
  });
  return Object.fromEntries(members);
}

function strippedSection(service: string, section: Section): Section {
  const fates = FATES[service] ?? {};
  const clean = Object.entries(section).map(([collection, rows]) => {
    const kept = rows.map((row) => without(row, fates)).filter(isRecord);
    return [collection, service === 'sns' ? kept.map(subscription) : kept] as const;
  });
  return Object.fromEntries(clean);
}

/** Parts of a world without what is nobody's business. Tags and names stay as they are: `--redact` is about them. */
export function stripped(sections: Sections): Sections {
  return Object.fromEntries(
    Object.entries(sections).map(([service, section]) => [service, strippedSection(service, section)]),
  );
}
