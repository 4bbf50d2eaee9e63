/** Keys without which data cannot be carried, or letters not moved. */

import type { World } from '../../../simulator/engine/model.ts';
import { records, show, text } from '../../../simulator/services/ec2/state.ts';
import { attributesOf, nameOf, queuesOf } from '../../../simulator/services/sqs/state.ts';
import { tagOf } from '../../../rehearsal/records.ts';
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
  const queues = queuesOf(world).flatMap((one): Encrypted[] => {
    const key = text(attributesOf(one), 'KmsMasterKeyId');
    const isTagged = JSON.stringify(one['Tags'] ?? {}).includes('"runbook:redrive"');
    return key === undefined || !isTagged ? [] : [{ runbook: 'redrive-dead-letters', about: nameOf(one), key }];
  });
  return [...volumes, ...queues];
}

function idIn(key: string): string {
  return key.split('/').at(-1) ?? key;
}

/** Keys in use that are not enabled. One that may not be read is told with what was not read. */
export function keysOf(world: World, lines: Lines): readonly Finding[] {
  const known = new Map(world.records('kms', 'Keys').map((one) => [idIn(show(one['KeyId'])), one]));
  return encryptedIn(world).flatMap(({ runbook, about, key }): Finding[] => {
    const state = text(known.get(idIn(key)), 'KeyState') ?? 'Enabled';
    if (state === 'Enabled') return [];
    const KeyId = idIn(key);
    const call = state === 'PendingDeletion' ? 'kms:CancelKeyDeletion' : 'kms:EnableKey';
    const said = `is encrypted with ${KeyId}, which is ${state}: what is made of it cannot be used`;
    return [finder('keys', runbook)({ level: 'broken', about, text: said, fix: lines.aws(call, { KeyId }) })];
  });
}
