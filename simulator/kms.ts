/** The simulated KMS: only the state of keys, for what depends on it. No runbook calls KMS itself. */

import { z } from 'zod';
import type { ServiceModel, Shape, World } from './model.ts';

/** Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html (KeyState). */
const KEY_STATES = ['Creating', 'Enabled', 'Disabled', 'PendingDeletion', 'PendingImport', 'PendingReplicaDeletion', 'Unavailable', 'Updating'] as const;

const key = z.strictObject({
  KeyId: z.string().min(1).describe('Key id or ARN.'),
  Arn: z.string().optional(),
  KeyState: z.enum(KEY_STATES).optional().describe('Default Enabled.'),
  AccessDenied: z.boolean().optional().describe('The callers lack permission to use the key: what needs it fails without an event.'),
});

export const kms: ServiceModel = {
  name: 'kms',
  prefix: 'kms',
  schema: z.strictObject({ Keys: z.array(key).optional() }),
  collections: { Keys: 'KeyId' },
  operations: {},
};

/** The key that encrypts where none is named; a stand-in for the id that each account's `alias/aws/ebs` has. */
export const DEFAULT_EBS_KEY = 'aws-ebs';

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

/** Source of the wording: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-cloud-watch-events.html (disabled, pending import); the others are assumed to follow it. */
const WORDING: { readonly [state: string]: string } = {
  Disabled: 'is disabled.',
  PendingImport: 'is pending import.',
  PendingDeletion: 'is pending deletion.',
};

/**
 * What keeps a key from being used; `undefined` if nothing does. A key that the world does not list counts as enabled
 * if something in the world is encrypted with it already, else as one that does not exist.
 * @param isInUse whether a record is encrypted with this key
 */
export function keyFault(world: World, id: string, isInUse: (isKey: (other: unknown) => boolean) => boolean): KeyFault | undefined {
  const name = keyName(id);
  const isKey = (other: unknown): boolean => typeof other === 'string' && keyName(other) === name;
  const known: Shape | undefined = world.records('kms', 'Keys').find((record) => isKey(record['KeyId']) || isKey(record['Arn']));
  // Seen by users of the API: github.com/aws/aws-sdk-ruby/issues/1222 (no such key), github.com/kubernetes-sigs/aws-ebs-csi-driver/issues/3010 (no permission).
  if (known === undefined) return name === DEFAULT_EBS_KEY || isInUse(isKey) ? undefined : { cause: undefined };
  if (known['AccessDenied'] === true) return { cause: undefined };
  const state = known['KeyState'];
  if (typeof state !== 'string' || state === 'Enabled') return undefined;
  return { cause: `${keyArn(world, id)} ${WORDING[state] ?? 'is not enabled.'}` };
}
