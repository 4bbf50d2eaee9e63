/**
 * Reads and writes for `flush-caches`. Behind it, in `aws/`: what a run is started with (`requests`), `distributions`, their
 * `invalidations`, and how far a request has come at one (`progress`).
 */

import { distributionArn } from '../../shared/aws/arn.ts';
import type { Change, Io, Located, Observed, Verification } from '../../shared/kernel/definition.ts';
import { TerminalError } from '../../shared/kernel/errors.ts';
import { dataWrite } from '../../shared/kernel/ledger/data-write.ts';
import { DATA_WRITE } from '../../shared/kernel/ledger/planned-write.ts';
import { idIn, readDistribution, taggedDistributions } from './aws/distributions.ts';
import { createInvalidation } from './aws/invalidations.ts';
import { readProgress } from './aws/progress.ts';
import type { Request } from './aws/requests.ts';
import { countsOf, referenceOf, type Ask, type DistributionFacts, type Progress } from './decide.ts';

export { ofPerson, TICK, type Request } from './aws/requests.ts';

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Observed<DistributionFacts>;

/** What is tagged with the name that was given, or what has the id. The schedule looks at what a run has left, which the kernel names. */
export async function locate({ asked }: Request, io: Io): Promise<readonly Located<Seen>[]> {
  if (asked === null) return [];
  const { by, text, arn } = asked.of;
  if (by === 'tag') return (await taggedDistributions(text, io)).map((target) => ({ target }));
  const target = distributionArn(text, io);
  return arn === undefined || arn === target ? [{ target }] : [];
}

/** Nothing is known of a request where nothing is asked. */
const NO_PROGRESS: Progress = {
  accepted: [],
  used: [],
  open: [],
  openPaths: 0,
  inProgress: { files: 0, wildcards: 0, others: 0, unread: 0 },
  booked: [],
  hidden: [],
  monthPaths: 0,
};

/** What is asked for, without the paths themselves: a step could not keep them beside all else. */
function askIn({ asked, delivery }: Request, { begunAt }: Io): Ask | null {
  if (asked === null) return null;
  const { of: _of, items, ...told } = asked;
  return { ...told, reference: referenceOf(delivery, begunAt), begunAt, counts: countsOf(items) };
}

/**
 * Reads a distribution, and how far the request has come there.
 * @throws TerminalError for a target that is none of ours
 */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const id = idIn(target);
  if (id === undefined) throw new TerminalError(`${target} is no distribution`);
  const { asked } = request;
  const ask = askIn(request, io);
  const read = asked === null ? null : await readDistribution(id, asked.of, io);
  const about = { kind: 'distribution', target, ask } as const;
  // What may not be flushed is not looked at any further.
  if (read === null) return { ...about, distribution: null, progress: NO_PROGRESS };
  const { distribution, inProgressBatches } = read;
  const progress = distribution.isTagged
    ? await readProgress(distribution, inProgressBatches, request, io)
    : NO_PROGRESS;
  return { ...about, distribution, progress };
}

/** The changing calls a plan may hold. */
export const apply: { readonly [call: string]: Change } = {
  [DATA_WRITE]: dataWrite,
  'cloudfront:CreateInvalidation': createInvalidation,
};

/** What CloudFront has taken the next look reads, and it is done only when CloudFront says that it is completed. */
export function verify(): Promise<Verification> {
  return Promise.resolve({ ok: true });
}
