/** What starts a run, reduced to what is asked. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { arnParts } from '../../../shared/aws/arn.ts';
import type { RequestDelivery } from '../../../shared/kernel/triggers/request.ts';
import type { Ask, Asker } from '../decide.ts';

/** A security group or a distribution, as the person has named it: by its id, or a group by a name. */
export type Named = {
  readonly kind: 'security-group' | 'distribution';
  readonly text: string;
  /** The ARN, where it was named by one: another account's or Region's is nobody's here. */
  readonly arn?: string;
};

/** What started the run, as JSON. */
export type Request = {
  /** `null`: the schedule, which asks for nothing. */
  readonly asked: { readonly ask: Ask; readonly of: Named } | null;
  readonly by: string;
  readonly why: string;
  readonly delivery: string;
  readonly sentAt: string | null;
};

/** The params of a person's request. */
interface PersonParams {
  readonly action: 'lockdown' | 'geo' | 'lift';
  readonly ttlSeconds?: number | undefined;
  readonly countries?: readonly string[] | undefined;
}

/** What the schedule asks for: that what is noted holds, or ends. */
export const TICK: Request = { asked: null, by: 'schedule', why: '', delivery: '', sentAt: null };

/** What nobody signs is somebody's all the same. */
const SOMEBODY = 'somebody';

/** @throws BadInputError where the request names nothing, or asks of one kind what only the other can do */
export function ofPerson(params: PersonParams, delivery: RequestDelivery): Request {
  const { id, at, reason, requestedBy, target } = delivery;
  if (target === undefined)
    throw new BadInputError('target', 'say which security group, or which distribution: one, by its id or ARN');
  const asked = { ask: askOf(params), of: namedBy(target) };
  const wanted = { lockdown: 'security-group', geo: 'distribution', lift: asked.of.kind }[params.action];
  if (asked.of.kind !== wanted)
    throw new BadInputError('target', `${params.action} is for a ${wanted}, and ${target} is a ${asked.of.kind}`);
  return { asked, by: requestedBy ?? SOMEBODY, why: reason ?? '', delivery: id, sentAt: at ?? null };
}

function askOf({ action, countries, ...params }: PersonParams): Ask {
  const ttlSeconds = params.ttlSeconds ?? null;
  if (action !== 'geo' && countries !== undefined)
    throw new BadInputError('params.countries', 'only action geo is about countries');
  if (action === 'lift') {
    if (ttlSeconds !== null) throw new BadInputError('params.ttlSeconds', 'lift ends it now');
    return { action };
  }
  if (action === 'lockdown') return { action, ttlSeconds };
  if (countries === undefined || countries.length === 0)
    throw new BadInputError('params.countries', 'say which countries, each as two capital letters (ISO 3166-1)');
  return { action, countries: [...new Set(countries)].toSorted(), ttlSeconds };
}

/** CloudFront's own form of an id. */
const DISTRIBUTION = /^E[A-Z0-9]{6,20}$/u;

function namedBy(target: string): Named {
  const parts = arnParts(target);
  if (parts === undefined) return { kind: DISTRIBUTION.test(target) ? 'distribution' : 'security-group', text: target };
  const { service, kind, name } = parts;
  if (service === 'cloudfront' && kind === 'distribution') return { kind, text: name, arn: target };
  if (service === 'ec2' && kind === 'security-group') return { kind, text: name, arn: target };
  throw new BadInputError('target', `${target} is the ARN of neither a security group nor a distribution`);
}

/** Who asks, in this run. */
export function askerOf({ by, why, delivery, sentAt }: Request, run: string): Asker {
  return { by, why, delivery, sentAt, run };
}
