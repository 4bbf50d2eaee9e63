/** What AWS would not do for this run, and what is made of it. Pure. */

import type { JsonObject, Refusal } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { View } from './view.ts';

/** So long an answer stands: a quota may be raised meanwhile, and capacity come back. */
const STANDING_SECONDS = 180;

/** Which requests are meant. */
export type IsMeant = (input: JsonObject) => boolean;

function refusalsOf({ facts }: Pick<View, 'facts'>, call: string, isMeant: IsMeant): readonly Refusal[] {
  return (facts.refusals ?? []).filter((refusal) => refusal.call === call && isMeant(refusal.input));
}

/** The last answer to such a request, while it stands; `undefined`: AWS may be asked. */
export function standingRefusal(
  view: Pick<View, 'facts' | 'now'>,
  call: string,
  isMeant: IsMeant,
): Refusal | undefined {
  const last = refusalsOf(view, call, isMeant).at(-1);
  return last !== undefined && secondsSince(last.at, view.now) < STANDING_SECONDS ? last : undefined;
}

/** Whether AWS has refused such a request, ever in this run: what will not change by itself. */
export function wasRefused(view: Pick<View, 'facts'>, call: string, isMeant: IsMeant): boolean {
  return refusalsOf(view, call, isMeant).length > 0;
}

/** The error by which EC2 refuses a device name that the instance has in use, whatever it shows. */
const NAME_IN_USE = 'InvalidParameterValue';

/** Device names of the instance that EC2 calls taken, although no block device shows them. */
export function namesRefused(view: Pick<View, 'facts'>, instanceId: string): readonly string[] {
  const attachments = refusalsOf(view, 'ec2:AttachVolume', ({ InstanceId }) => InstanceId === instanceId);
  return attachments
    .filter(({ name }) => name === NAME_IN_USE)
    .flatMap(({ input: { Device: device } }) => (typeof device === 'string' ? [device] : []));
}

/** An attachment that EC2 refuses for another reason than its name, while that stands. */
export function attachRefused(
  view: Pick<View, 'facts' | 'now'>,
  instanceId: string,
  volumeId: string,
): Refusal | undefined {
  const isMeant: IsMeant = (input) => input['InstanceId'] === instanceId && input['VolumeId'] === volumeId;
  const last = standingRefusal(view, 'ec2:AttachVolume', isMeant);
  return last?.name === NAME_IN_USE ? undefined : last;
}

/** An answer in words, as AWS gave it. */
export function inWords({ name, message }: Refusal): string {
  return `${name}: ${message}`;
}
