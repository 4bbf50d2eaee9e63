/** Keys without which data cannot be carried, or letters not moved. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { records, show, text } from '../../../simulator/services/ec2/state.ts';
import { attributesOf, nameOf, queuesOf } from '../../../simulator/services/sqs/state.ts';
import { tagOf } from '../../../rehearsal/records.ts';
import { policyOf } from '../../../rehearsal/whatif/wards/queues.ts';
import { finder, type Finding } from '../finding.ts';
import type { Lines } from '../lines.ts';

const VOLUMES = 'runbook:volumes';

/** What is encrypted, with which key, and whose affair it is. */
interface Encrypted {
  readonly runbook: string;
  readonly about: string;
  readonly key: string;
}

function encryptedIn(world: World): readonly Encrypted[] {
  const volumes = records(world, 'Volumes').flatMap((one): Encrypted[] => {
    const [set, key] = [tagOf(one, VOLUMES), text(one, 'KmsKeyId')];
    if (set === undefined || key === undefined) return [];
    return [{ runbook: 'carry-volumes', about: `${set} ${show(one['VolumeId'])}`, key }];
  });
  const tagged = queuesOf(world).filter((one) => JSON.stringify(one['Tags'] ?? {}).includes('"runbook:redrive"'));
  const names = new Set(tagged.map(nameOf));
  // What goes back is sent to where it came from.
  const sources = queuesOf(world).filter((one) => names.has(policyOf(one)?.deadLetters ?? ''));
  const queues = [...new Set([...tagged, ...sources])].flatMap((one): Encrypted[] => {
    const key = text(attributesOf(one), 'KmsMasterKeyId');
    return key === undefined ? [] : [{ runbook: 'redrive-dead-letters', about: nameOf(one), key }];
  });
  return [...volumes, ...queues];
}

function idIn(key: string): string {
  return key.split('/').at(-1) ?? key;
}

/** A key by its id or ARN, or by an alias that is known of it. */
function keyIn(world: World, key: string): Shape | undefined {
  const isMeant = ({ KeyId: id, Aliases: aliases }: Shape): boolean =>
    idIn(show(id)) === idIn(key) ||
    (Array.isArray(aliases) && aliases.some((one) => one === key || key.endsWith(`:${show(one)}`)));
  return world.records('kms', 'Keys').find(isMeant);
}

/** What makes a key usable again. Source: KMS developer guide, "Key states": one whose deletion is cancelled is disabled. */
function fixFor(state: string, KeyId: string, lines: Lines): string | null {
  const enabled = lines.aws('kms:EnableKey', { KeyId });
  switch (state) {
    case 'Disabled':
      return enabled;
    case 'PendingDeletion':
    case 'PendingReplicaDeletion':
      return `${lines.aws('kms:CancelKeyDeletion', { KeyId })} && ${enabled}`;
    case 'PendingImport':
      return lines.aws('kms:GetParametersForImport', {
        KeyId,
        WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
        WrappingKeySpec: 'RSA_4096',
      });
    case 'Unavailable':
      return lines.aws('kms:ConnectCustomKeyStore', { CustomKeyStoreId: 'KEY-STORE' });
    default:
      return null;
  }
}

/** Source: KMS developer guide, "Key states": keys in these can be used. */
const USABLE: ReadonlySet<string> = new Set(['Enabled', 'Updating']);

/** Keys in use that cannot be used. One that may not be read is told with what was not read. */
export function keysOf(world: World, lines: Lines): readonly Finding[] {
  return encryptedIn(world).flatMap(({ runbook, about, key }): Finding[] => {
    const known = keyIn(world, key);
    const state = text(known, 'KeyState') ?? 'Enabled';
    if (USABLE.has(state)) return [];
    const KeyId = idIn(show(known?.['KeyId']));
    const said = `is encrypted with ${KeyId}, which is ${state}: what is made of it cannot be used`;
    return [finder('keys', runbook)({ level: 'broken', about, text: said, fix: fixFor(state, KeyId, lines) })];
  });
}
