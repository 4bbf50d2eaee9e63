/** The simulated KMS: the state of keys, for what depends on them and for who asks. */

import { KeyMetadata$ } from '@aws-sdk/client-kms';
import { z } from 'zod';
import { isRecord } from '../engine/json.ts';
import { recordSchema } from './ec2/shape.ts';
import { TRIMMINGS } from './pasted.ts';
import {
  NotSimulatedError,
  awsError,
  type Operation,
  type ServiceModel,
  type Shape,
  type World,
} from '../engine/model.ts';

/** Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html (KeyState). */
const KEY_STATES = [
  'Creating',
  'Enabled',
  'Disabled',
  'PendingDeletion',
  'PendingImport',
  'PendingReplicaDeletion',
  'Unavailable',
  'Updating',
] as const;

const key = recordSchema(
  KeyMetadata$,
  undefined,
  {},
  {
    KeyId: z.string().min(1).describe('Key id or ARN.'),
    KeyArn: z.string().optional().describe('As list-keys prints it.'),
    KeyState: z.enum(KEY_STATES).optional().describe('Default Enabled.'),
    KeyManager: z.enum(['AWS', 'CUSTOMER']).optional().describe('Default CUSTOMER; AWS for the key of alias/aws/ebs.'),
    Aliases: z.array(z.string().startsWith('alias/')).optional().describe('Names of its aliases.'),
    AccessDenied: z
      .boolean()
      .optional()
      .describe(
        'The callers lack permission to use the key: what needs it fails without an event, and DescribeKey is refused.',
      ),
  },
);

/** The key that encrypts where none is named; a stand-in for the id that each account's `alias/aws/ebs` has. */
const DEFAULT_EBS_KEY = 'aws-ebs';

const ALIAS_OF_DEFAULT = /(?:^|:)alias\/aws\/ebs$/;

function keyName(id: string): string {
  return ALIAS_OF_DEFAULT.test(id) ? DEFAULT_EBS_KEY : (id.split('key/').at(-1) ?? id);
}

/** ARN of a key given by id, ARN or `alias/aws/ebs`; any other alias stays as it is. */
export function keyArn(world: World, id: string): string {
  if (id.includes('alias/') && !ALIAS_OF_DEFAULT.test(id)) return id;
  return `arn:aws:kms:${world.region}:${world.account}:key/${keyName(id)}`;
}

/** Why a key cannot be used; `cause` as EBS's events word it, `undefined` where they say nothing. */
export interface KeyFault {
  readonly cause: string | undefined;
}

/** Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
const WORKS: ReadonlySet<string> = new Set(['Enabled', 'Updating']);

/** Source of the wording: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-cloud-watch-events.html (disabled, pending import); the others are assumed to follow it. */
const WORDING: { readonly [state: string]: string } = {
  Disabled: 'is disabled.',
  PendingImport: 'is pending import.',
  PendingDeletion: 'is pending deletion.',
};

function isNamed(name: string): (other: unknown) => boolean {
  return (other) => typeof other === 'string' && keyName(other) === name;
}

function listedKey(world: World, id: string): Shape | undefined {
  const isKey = isNamed(keyName(id));
  const alias = id.slice(Math.max(0, id.indexOf('alias/')));
  const hasAlias = ({ Aliases: aliases }: Shape): boolean => Array.isArray(aliases) && aliases.includes(alias);
  const isMeant = (record: Shape): boolean => isKey(record['KeyId']) || isKey(record['Arn']) || hasAlias(record);
  return world.records('kms', 'Keys').find(isMeant);
}

/** A queue is encrypted with it; in a world that lists its keys it would be among them. */
function isQueuesKey(world: World, isKey: (other: unknown) => boolean): boolean {
  if (world.records('kms', 'Keys').length > 0) return false;
  return world
    .records('sqs', 'Queues')
    .some(({ Attributes: given }) => isRecord(given) && isKey(given['KmsMasterKeyId']));
}

/**
 * The record of a key. One that the world does not list is taken as enabled if something is encrypted with it already, or
 * if it is the account's own for EBS; `undefined` if there is none such. A volume that is only being created with a key
 * does not prove that there is one: its creation fails later.
 */
function recordOf(world: World, id: string): Shape | undefined {
  const listed = listedKey(world, id);
  if (listed !== undefined) return listed;
  const name = keyName(id);
  const isKey = isNamed(name);
  const encrypted = [
    ...world.records('ec2', 'Volumes').filter(({ State: state }) => state !== 'creating'),
    ...world.records('ec2', 'Snapshots'),
  ];
  const isUsed = encrypted.some((record) => isKey(record['KmsKeyId'])) || isQueuesKey(world, isKey);
  return name === DEFAULT_EBS_KEY || isUsed ? { KeyId: name } : undefined;
}

function stateOf(record: Shape): string {
  return typeof record['KeyState'] === 'string' ? record['KeyState'] : 'Enabled';
}

/** What keeps a key from being used; `undefined` if nothing does. */
export function keyFault(world: World, id: string): KeyFault | undefined {
  const record = recordOf(world, id);
  // Seen by users of the API: github.com/aws/aws-sdk-ruby/issues/1222 (no such key), github.com/kubernetes-sigs/aws-ebs-csi-driver/issues/3010 (no permission).
  if (record === undefined || record['AccessDenied'] === true) return { cause: undefined };
  const state = stateOf(record);
  return WORKS.has(state) ? undefined : { cause: `${keyArn(world, id)} ${WORDING[state] ?? 'is not enabled.'}` };
}

/** How a key stands with whoever has something encrypted with it. */
export type KeyStanding = 'usable' | 'denied' | 'disabled' | 'missing' | 'in another state';

/**
 * How a key stands. One that the world does not list is taken for usable, for it did encrypt something once, and so is an alias, of
 * which it is not known whose it is; in a world that lists other keys, and was not pasted together, it is missing.
 */
export function keyStanding(world: World, id: string): KeyStanding {
  const record = listedKey(world, id);
  if (record === undefined) {
    const isListing = !world.isPasted && world.records('kms', 'Keys').length > 0;
    return isListing && !id.includes('alias/') ? 'missing' : 'usable';
  }
  if (record['AccessDenied'] === true) return 'denied';
  const state = stateOf(record);
  if (WORKS.has(state)) return 'usable';
  return state === 'Disabled' ? 'disabled' : 'in another state';
}

function describeKey(input: Shape, world: World): object {
  const id = String(input['KeyId']);
  const isUnknown = id.includes('alias/') && !ALIAS_OF_DEFAULT.test(id) && listedKey(world, id) === undefined;
  if (isUnknown) throw new NotSimulatedError(`kms:DescribeKey KeyId ${id}`);
  const record = recordOf(world, id);
  // As the world gives it, which may be another account's.
  const given = [record?.['Arn'], record?.['KeyId'], id].find(
    (one) => typeof one === 'string' && one.includes(':key/'),
  );
  const arn = typeof given === 'string' ? given : keyArn(world, id);
  // Seen by users of the API: github.com/ansible/ansible/issues/60773.
  if (record === undefined) throw awsError('NotFoundException', `Key '${arn}' does not exist`);
  if (record['AccessDenied'] === true) {
    // Seen by users of the API: github.com/jbrt/ec2cryptomatic/issues/26. The caller's own name is not known here.
    throw awsError(
      'AccessDeniedException',
      `User: arn:aws:sts::${world.account}:assumed-role/runbook is not authorized to perform: kms:DescribeKey on resource: ${arn} because no resource-based policy allows the kms:DescribeKey action`,
    );
  }
  const name = keyName(id);
  const state = stateOf(record);
  return {
    KeyMetadata: {
      AWSAccountId: world.account,
      KeyId: name,
      Arn: arn,
      Enabled: state === 'Enabled',
      KeyState: state,
      KeyManager: record['KeyManager'] ?? (name === DEFAULT_EBS_KEY ? 'AWS' : 'CUSTOMER'),
    },
  };
}

const operations: { readonly [operation: string]: Operation } = {
  DescribeKey: {
    kind: 'read',
    grade: 'documented',
    source: 'https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html',
    run: describeKey,
  },
};

export const kms: ServiceModel = {
  name: 'kms',
  prefix: 'kms',
  schema: z.strictObject({
    ...TRIMMINGS,
    Keys: z.array(key).optional(),
    KeyMetadata: key.optional().describe('describe-key output as it is.'),
  }),
  outputs: { KeyMetadata: 'Keys' },
  collections: { Keys: 'KeyId' },
  operations,
};
