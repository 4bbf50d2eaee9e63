/** What starts a run, reduced to what is asked: which distributions, and which paths and cache tags, each as CloudFront takes it. */

import { arnParts } from '../../../shared/aws/arn.ts';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { tokenOf } from '../../../shared/kernel/plan.ts';
import type { CollectedDelivery } from '../../../shared/kernel/triggers/collected.ts';
import type { RequestDelivery } from '../../../shared/kernel/triggers/request.ts';
import { isCluster } from './cluster-arns.ts';
import { demandOfStage, isStage } from './stage-arn.ts';
import { isTenant, isTenantId } from './tenants.ts';
import { collapsed, readPath, readTag, selected, type Ask, type Reading } from '../decide.ts';

/** Which caches: all that are tagged with a name, a distribution or a tenant by its id, or one of another kind by its ARN. */
export type Named = {
  readonly by: 'tag' | 'id' | 'arn';
  readonly text: string;
  /** The ARN, where it was named by one: another account's is nobody's here. */
  readonly arn?: string;
};

/** Caches that are flushed as a whole, since AWS offers nothing finer: each has to be asked for by its word. */
export const WHOLES = ['stage', 'authorizers', 'cluster'] as const;

/** One of them: the cache of a stage of API Gateway, that of its authorizers, the memory of a cluster. */
export type Whole = (typeof WHOLES)[number];

/** What is asked for. */
export type Asked = {
  readonly of: Named;
  /** What is to be sent to CloudFront, in order, each once. */
  readonly items: readonly string[];
  /** What is to be flushed as a whole. */
  readonly whole: readonly Whole[];
} & Pick<Ask, 'by' | 'why' | 'asked' | 'isCollapsed' | 'collapsedPaths' | 'widened' | 'widenedFirst'>;

/** What started the run, as JSON. */
export type Request = {
  /** `null`: the schedule, which asks for nothing; or a window, of which each distribution asks for itself. */
  readonly asked: Asked | null;
  /** The name of a window in which changes were collected. */
  readonly window?: string;
  /** The same for the same words. */
  readonly delivery: string;
};

/** The params of a person's request. */
interface PersonParams {
  readonly paths?: readonly string[] | undefined;
  readonly cacheTags?: readonly string[] | undefined;
  readonly collapse?: boolean | undefined;
  readonly whole?: readonly Whole[] | undefined;
}

/** What the schedule asks for: what a run has left that died. */
export const TICK: Request = { asked: null, delivery: '' };

/** What was collected in a window is asked for. */
export function ofWindow({ name }: CollectedDelivery): Request {
  return { asked: null, window: name, delivery: `window:${tokenOf(name)}` };
}

/** What nobody signs is somebody's all the same. */
const SOMEBODY = 'somebody';

/** How many of the paths are shown of which a wildcard goes. */
export const SHOWN = 5;

/** Wildcards in progress at one time. Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/InvalidationLimits.html. */
const MOST_WILDCARDS = 15;

/** @throws BadInputError where nothing is named or asked for, or CloudFront would refuse it; its path is that of the first */
export function ofPerson(params: PersonParams, { id, target, reason, requestedBy }: RequestDelivery): Request {
  if (target === undefined)
    throw new BadInputError('target', 'say which caches: the value of their tag runbook:flush, an id or an ARN');
  const { paths = [], cacheTags = [], collapse = false, whole = [] } = params;
  // Nothing never means all.
  if (paths.length + cacheTags.length + whole.length === 0)
    throw new BadInputError(
      'params.paths',
      'say which paths, or which cacheTags; all paths are ["/*"], and what has no paths is flushed by "whole"',
    );
  const of = namedBy(target);
  demandFitting(of, paths.length + cacheTags.length, whole);
  if (isCluster(target)) wholeCluster(target, paths.length + cacheTags.length, whole);
  const read = paths.map((path, index) => understood(path, readPath(path), `params.paths[${index}]`));
  const tags = cacheTags.map((tag, index) => understood(tag, readTag(tag), `params.cacheTags[${index}]`));
  const widened = read.filter(({ isWidened }) => isWidened);
  const asIs = selected([...read, ...tags].map(({ sent }) => sent));
  const joined = collapsed(asIs, MOST_WILDCARDS);
  return {
    delivery: id,
    asked: {
      of,
      items: collapse ? joined : asIs,
      whole: [...new Set(whole)],
      by: requestedBy ?? SOMEBODY,
      why: reason ?? '',
      asked: paths.length + cacheTags.length,
      isCollapsed: collapse,
      collapsedPaths: joined.length,
      widened: widened.length,
      widenedFirst: widened.slice(0, SHOWN).map(({ asked, sent }) => ({ asked, sent })),
    },
  };
}

/** @throws BadInputError for what has no paths, and is asked for some, or not for all */
function wholeCluster(target: string, paths: number, whole: readonly Whole[]): void {
  if (whole.includes('cluster') && paths === 0) return;
  throw new BadInputError('params', `${target} has no paths: it is emptied as a whole, by "whole": ["cluster"] alone`);
}

/** A path or a tag as it was written, and as it is sent. */
interface Understood {
  readonly asked: string;
  readonly sent: string;
  readonly isWidened: boolean;
}

function understood(asked: string, reading: Reading, path: string): Understood {
  if ('fault' in reading) throw new BadInputError(path, reading.fault);
  const { item, isWidened } = reading;
  if (isWidened && item === '/*')
    throw new BadInputError(path, `${asked} cannot be named, and only /* is there before it: say /* if all is meant`);
  return { asked, sent: item, isWidened };
}

/** CloudFront's own form of an id. */
const DISTRIBUTION = /^E[A-Z0-9]{6,20}$/u;

function namedBy(target: string): Named {
  const parts = arnParts(target);
  if (parts === undefined) return { by: DISTRIBUTION.test(target) || isTenantId(target) ? 'id' : 'tag', text: target };
  const { service, kind, name } = parts;
  if ((service === 'cloudfront' && kind === 'distribution') || isTenant(target))
    return { by: 'id', text: name, arn: target };
  if (isStage(target)) return { by: 'arn', text: target };
  if (isCluster(target)) return { by: 'arn', text: target, arn: target };
  throw new BadInputError('target', `${target} is not the ARN of a distribution, a tenant, a stage or a cluster`);
}

/** What is named by itself has to have what is asked for; by a name it is of what has it. */
function demandFitting({ by, text }: Named, paths: number, whole: readonly Whole[]): void {
  if (isStage(text)) demandOfStage(text, paths, whole);
  if (by !== 'id') return;
  const noun = isTenantId(text) ? 'tenant' : 'distribution';
  if (paths === 0) throw new BadInputError('params.paths', `${text} is a ${noun}: say its paths or cacheTags`);
  if (whole.length > 0)
    throw new BadInputError('params.whole', `${text} is a ${noun}, which has no "${whole.join('", "')}"`);
}
