/** A distribution as `decide` sees it: what it is, what is asked of it, and how far that has come. */

import type { Io, Observed } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { countsOf, referenceOf, type Ask, type DistributionFacts, type Progress } from '../decide.ts';
import { idIn, readDistribution } from './distributions.ts';
import { readProgress } from './progress.ts';
import type { Request } from './requests.ts';

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
  const { of: _of, items, whole: _whole, ...told } = asked;
  return { ...told, reference: referenceOf(delivery, begunAt), begunAt, counts: countsOf(items) };
}

/**
 * Reads a distribution, and how far the request has come there.
 * @throws TerminalError for a target that is no distribution
 */
export async function observeDistribution(
  target: string,
  request: Request,
  io: Io,
): Promise<Observed<DistributionFacts>> {
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
