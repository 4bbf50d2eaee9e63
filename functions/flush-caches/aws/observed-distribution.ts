/** A distribution as `decide` sees it: what it is, what is asked of it, and how far that has come. */

import type { Io, Observed } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { countsOf, referenceOf, type Ask, type DistributionFacts, type Progress } from '../decide.ts';
import type { WindowRow } from '../../../shared/judgement/flush-window.ts';
import { idIn, readDistribution, type DistributionRead } from './distributions.ts';
import { readProgress } from './progress.ts';
import type { Asked, Request } from './requests.ts';
import { BUCKET_TAG, readSettings } from './settings.ts';
import { askedByWindow, demandWindow, type WindowAsked } from './windows.ts';

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
function askOf(asked: Asked, delivery: string, { begunAt }: Io): Ask {
  const { of: _of, items, whole: _whole, ...told } = asked;
  return { ...told, reference: referenceOf(delivery, begunAt), begunAt, counts: countsOf(items) };
}

/** What a request asks of a distribution; `null`: nothing, or an open window, of which that is not known yet. */
async function askedOf(
  { asked }: Request,
  window: WindowRow | null,
  read: DistributionRead,
): Promise<WindowAsked | null> {
  if (asked !== null) return { asked, changedAt: new Map() };
  const { distribution, config, tags } = read;
  return window === null || window.sealedAt === null
    ? null
    : askedByWindow(window, config, readSettings(distribution.id, tags), tags.get(BUCKET_TAG));
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
  const { asked, window: name, delivery } = request;
  // Before what was collected in it: what is there when it is sealed is all.
  const window = name === undefined ? null : await demandWindow(name);
  const isTick = asked === null && window === null;
  const read = isTick ? null : await readDistribution(id, asked?.of ?? null, io);
  const about = { kind: 'distribution', target, window } as const;
  const named = asked === null ? null : askOf(asked, delivery, io);
  // What may not be flushed is not looked at any further.
  if (read === null) return { ...about, ask: named, distribution: null, progress: NO_PROGRESS };
  const { distribution, inProgressBatches } = read;
  const wanted = distribution.isTagged ? await askedOf(request, window, read) : null;
  if (wanted === null) return { ...about, ask: named, distribution, progress: NO_PROGRESS };
  const { items } = wanted.asked;
  const progress = await readProgress(
    distribution,
    inProgressBatches,
    { items, delivery, changedAt: wanted.changedAt, since: window?.from ?? null },
    io,
  );
  return { ...about, ask: askOf(wanted.asked, delivery, io), distribution, progress };
}
