/**
 * Reads and writes for `flush-caches`. Behind it, in `aws/`: what a run is started with (`requests`), the `kinds` of caches, of which each
 * has its own files: which `caches` of CloudFront are meant, `distributions` and `tenants`, their `invalidations`, and how far a request has
 * come at one (`progress`); `stages`.
 */

import { arnParts, distributionArn, tenantArn } from '../../shared/aws/arn.ts';
import type { Change, Io, Located, Verification } from '../../shared/kernel/definition.ts';
import { TerminalError } from '../../shared/kernel/errors.ts';
import { dataWrite } from '../../shared/kernel/ledger/data-write.ts';
import { DATA_WRITE } from '../../shared/kernel/ledger/planned-write.ts';
import { rebootCacheCluster } from './aws/clusters.ts';
import { cachesOf } from './aws/caches.ts';
import { createInvalidation, createTenantInvalidation } from './aws/invalidations.ts';
import { KINDS, type Seen } from './aws/kinds.ts';
import type { Request } from './aws/requests.ts';
import { flushAuthorizers, flushStageCache } from './aws/stages.ts';
import { isTenant, isTenantId } from './aws/tenants.ts';
import { cachesOfWindow } from './aws/windows.ts';

export type { Seen } from './aws/kinds.ts';
export { ofPerson, ofWindow, TICK, WHOLES, type Request } from './aws/requests.ts';

/**
 * What is tagged with the name that was given, of the kinds that something is asked of, or what has the id. The schedule looks at what
 * a run has left, which the kernel names.
 */
export async function locate({ asked, window }: Request, io: Io): Promise<readonly Located<Seen>[]> {
  if (window !== undefined) return (await cachesOfWindow(window, io)).map((target) => ({ target }));
  if (asked === null) return [];
  const { by, text, arn } = asked.of;
  if (by === 'tag') {
    const found = await Promise.all(KINDS.filter((kind) => kind.isAsked(asked)).map((kind) => kind.find(text, io)));
    return found.flat().map((target) => ({ target }));
  }
  if (by === 'arn') return isHere(text, io) ? [{ target: text }] : [];
  const isOfTenant = arn === undefined ? isTenantId(text) : isTenant(arn);
  const target = isOfTenant ? tenantArn(text, io) : distributionArn(text, io);
  return arn === undefined || arn === target ? (await cachesOf(target, io)).map((each) => ({ target: each })) : [];
}

/** Whether an ARN is of this account and Region, as far as it names them. */
function isHere(arn: string, io: Io): boolean {
  const { region = '', account = '' } = arnParts(arn) ?? {};
  return ['', io.region].includes(region) && ['', io.account].includes(account);
}

/** Why so many caches cannot be meant. Tenants are not counted: how many of a distribution are flushed is bounded where they are found. */
export function tooMany(located: readonly Located<Seen>[], most: number): string | undefined {
  const { length } = located.filter(({ target }) => !isTenant(target));
  return length > most ? `${length} caches have that name, the limit is ${most}` : undefined;
}

/**
 * Reads a cache, and how far the request has come there.
 * @throws TerminalError for a target that is none of ours
 */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const kind = KINDS.find((each) => each.isOne(target));
  if (kind === undefined) throw new TerminalError(`${target} is no cache that is known here`);
  return kind.observe(target, request, io);
}

/** The changing calls a plan may hold. */
export const apply: { readonly [call: string]: Change } = {
  [DATA_WRITE]: dataWrite,
  'apigateway:FlushStageAuthorizersCache': flushAuthorizers,
  'apigateway:FlushStageCache': flushStageCache,
  'cloudfront:CreateInvalidation': createInvalidation,
  'cloudfront:CreateInvalidationForDistributionTenant': createTenantInvalidation,
  'elasticache:RebootCacheCluster': rebootCacheCluster,
};

/** What AWS has taken the next look reads, and it is done only when AWS says that it is over. */
export function verify(): Promise<Verification> {
  return Promise.resolve({ ok: true });
}
