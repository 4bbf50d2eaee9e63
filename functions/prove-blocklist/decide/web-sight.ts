/** What the samples of a web ACL prove of it: that requests come through it, and whether its rules can see who sends them. Pure. */

import { indexOf } from '../../../shared/judgement/addresses/lookup.ts';
import { specialUse } from '../../../shared/judgement/addresses/special-use.ts';
import type { Facts, ForwardedIn, Sample, WebAcl } from './facts.ts';
import type { Blocking, Judged } from './web-rules.ts';
import { counted } from './words.ts';

/** Since the tick before: a request that has come since proves that something sends them here. */
const LATELY_MS = 900_000;

/** Of the addresses in a header WAF looks at the last ten. Source: API_IPSetForwardedIPConfig (Position). */
const LOOKED_AT = 10;

/** What a web ACL is attached to, as far as anybody knows. */
export interface Attachment {
  readonly is: 'attached' | 'nothing' | 'unknown' | 'unlisted';
  /** In words. */
  readonly said: string;
}

function newestOf(samples: readonly Sample[]): string {
  return samples.reduce((newest, { at }) => (at > newest ? at : newest), '');
}

/** What the lists say, and what requests prove of which no list knows. */
export function attachmentOf({ attached, samples, name, scope }: WebAcl, now: string): Attachment {
  const newest = newestOf(samples ?? []);
  if (attached !== null && attached.count > 0)
    return { is: 'attached', said: `at ${counted(attached.count, 'resource')}` };
  if (newest >= new Date(Date.parse(now) - LATELY_MS).toISOString())
    return { is: 'attached', said: `at what no list names: requests come, the last at ${newest}` };
  if (attached?.isWhole !== true) return { is: 'unknown', said: `what ${name} is attached to is not known` };
  if (attached.hadSome) return { is: 'nothing', said: `${name} is attached to nothing any more` };
  // An application of Amplify, or a tenant of a distribution that has many.
  if (scope === 'CLOUDFRONT')
    return { is: 'unlisted', said: `no distribution has ${name}; what else may have it, CloudFront does not list` };
  if (newest === '') return { is: 'nothing', said: `${name} is attached to nothing` };
  return { is: 'unlisted', said: `nothing that is listed has ${name}, but a request came at ${newest}` };
}

/** Addresses at which a rule looks; `undefined`: the rule is not applied to the request. */
export function clientsAt({ client, forwarded }: Sample, where: ForwardedIn | null): readonly string[] | undefined {
  if (where === null) return client === null ? undefined : [client];
  const all = forwarded[where.header];
  if (all === undefined) return undefined;
  if (where.position === 'ANY') return all.slice(-LOOKED_AT).flatMap((address) => address ?? []);
  const address = where.position === 'FIRST' ? all[0] : all.at(-1);
  return address === undefined || address === null ? [] : [address];
}

/** Whether a rule by a header knows what to do with the request. */
function isSeenIn(sample: Sample, where: ForwardedIn): boolean {
  const clients = clientsAt(sample, where);
  return clients !== undefined && (clients.length > 0 || where.fallback === 'MATCH');
}

/** Why a rule by the sender cannot tell who sends these; `undefined`: it can. */
function whyStrange(samples: readonly Sample[], isFromCloudFront: (sample: Sample) => boolean): Judged | undefined {
  const status = 'cannot-see-the-client';
  const through = samples.filter(isFromCloudFront).length;
  if (through > 0)
    return {
      status,
      isBehindCloudFront: true,
      said: `${through} of ${counted(samples.length, 'request')} that were sampled came from CloudFront: block in a set of scope CLOUDFRONT, or look into the header X-Forwarded-For`,
    };
  if (samples.every(({ client }) => specialUse(client ?? '') !== undefined))
    return {
      status,
      said: `all requests that were sampled (${samples.length}) came from private addresses (a VPC origin, a proxy): block in front of that`,
    };
  return undefined;
}

/** CloudFront appends who has sent the request; what stands before that, the sender has written. Source: CloudFront developer guide, "X-Forwarded-For". */
function isForgeable({ header, position }: ForwardedIn): boolean {
  return header === 'x-forwarded-for' && position === 'FIRST';
}

/** Why the rules that block cannot tell who sends the requests; `undefined`: they can, or nobody was seen. */
export function judgeSight(
  { samples, scope }: WebAcl,
  blocking: readonly Blocking[],
  facts: Facts,
): Judged | undefined {
  const seen = (samples ?? []).filter(({ client, isHealthCheck }) => client !== null && !isHealthCheck);
  if (seen.length === 0) return undefined;
  const cloudFront = indexOf(facts.cloudFrontRanges ?? []);
  const isFromCloudFront = ({ client }: Sample): boolean =>
    scope !== 'CLOUDFRONT' && client !== null && cloudFront.overlapping(client).length > 0;
  const headers = blocking.flatMap(({ reference }) => reference.forwarded ?? []);
  const reliable = headers.filter((each) => !isForgeable(each) || !seen.some(isFromCloudFront));
  const left = seen.filter((sample) => !reliable.some((where) => isSeenIn(sample, where)));
  if (left.length === 0) return undefined;
  if (headers.length > reliable.length && left.some(isFromCloudFront))
    return {
      status: 'under-conditions',
      said: 'the rule looks at the first address of X-Forwarded-For, which the sender may write before CloudFront appends the real one: look at the last',
    };
  const looksAtSenders = blocking.some(({ reference }) => reference.forwarded === null);
  if (looksAtSenders) return scope === 'CLOUDFRONT' ? undefined : whyStrange(left, isFromCloudFront);
  return {
    status: 'cannot-see-the-client',
    said: `${left.length} of ${counted(seen.length, 'request')} that were sampled came without an address in ${headers[0]?.header ?? 'the header'}, where the rule looks: block by the sender as well`,
  };
}
