/** What starts a run, reduced to what is asked. What a person writes as an address is parsed here, and refused with what is wrong. */

import { isMalformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import type { RequestDelivery } from '../../../shared/kernel/triggers/request.ts';
import type { Ask } from '../decide.ts';

/** What started the run, as JSON. */
export type Request = {
  readonly ask: Ask;
  readonly by: string;
  readonly why: string;
  readonly delivery: string;
};

/** The params of a person's request. */
interface PersonParams {
  readonly action: 'block' | 'unblock' | 'extend' | 'allow';
  readonly address?: string | undefined;
  readonly cidr?: string | undefined;
  readonly incident?: string | undefined;
  readonly ttlSeconds?: number | undefined;
}

/** The request that each way of starting comes to. */
export const requestOf = { schedule: ofSchedule, person: ofPerson };

function ofSchedule(): Request {
  return { ask: { action: 'read-never-block' }, by: 'schedule', why: '', delivery: '' };
}

/** What nobody signs is somebody's all the same. */
const SOMEBODY = 'somebody';

function ofPerson(params: PersonParams, { id, reason, requestedBy, target }: RequestDelivery): Request {
  if (target !== undefined)
    throw new BadInputError(
      'target',
      'a network is named by params.address or params.cidr, an incident by params.incident',
    );
  const { action, incident = null, ttlSeconds = null } = params;
  const network = networkOf(params);
  const isNamed = network !== null || (incident !== null && action !== 'block' && action !== 'allow');
  if (!isNamed) throw new BadInputError('params.address', `say what to ${action}: an address or a cidr`);
  return {
    ask: {
      action,
      cidr: network?.cidr ?? null,
      hadHostBits: network?.hadHostBits ?? false,
      incident,
      ttlSeconds,
    },
    by: requestedBy ?? SOMEBODY,
    why: reason ?? '',
    delivery: id,
  };
}

function networkOf({ address, cidr }: PersonParams): { readonly cidr: string; readonly hadHostBits: boolean } | null {
  if (address !== undefined && cidr !== undefined)
    throw new BadInputError('params.cidr', 'give either address or cidr, not both');
  if (address?.includes('/') === true)
    throw new BadInputError('params.address', 'expected one address, found a network; give it as cidr');
  const text = address ?? cidr;
  if (text === undefined) return null;
  const parsed = parseNetwork(text);
  const path = address === undefined ? 'params.cidr' : 'params.address';
  if (isMalformed(parsed)) throw new BadInputError(path, parsed.says);
  return parsed;
}
