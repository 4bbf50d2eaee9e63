/** A distribution or a tenant as `decide` sees it: what it is, what is asked of it, and how far that has come. */

import type { Io, Observed } from '../../../shared/kernel/definition.ts';
import { TerminalError } from '../../../shared/kernel/errors.ts';
import { countsOf, referenceOf, type Ask, type CacheName, type DistributionFacts, type Progress } from '../decide.ts';
import type { WindowRow } from '../../../shared/judgement/flush-window.ts';
import { idIn, readDistribution, readTenant, type DistributionRead } from './distributions.ts';
import { readProgress } from './progress.ts';
import type { Asked, Request } from './requests.ts';
import { BUCKET_TAG, readSettings } from './settings.ts';
import { tenantIn } from './tenants.ts';
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
function askOf(asked: Asked, delivery: string, of: CacheName, { begunAt }: Io): Ask {
  const { of: _named, items, whole: _whole, ...told } = asked;
  return { ...told, reference: referenceOf(delivery, begunAt, of), begunAt, counts: countsOf(items) };
}

function mayBeFlushed({ isTagged, isLeft, tenants }: DistributionRead['distribution']): boolean {
  return isTagged && !isLeft && tenants === null;
}

/** What a request asks of one; `null`: nothing, or an open window, of which that is not known yet. */
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
 * Reads a distribution or a tenant, and how far the request has come there.
 * @throws TerminalError for a target that is neither
 */
export async function observeDistribution(
  target: string,
  request: Request,
  io: Io,
): Promise<Observed<DistributionFacts>> {
  const tenant = tenantIn(target);
  const id = tenant ?? idIn(target);
  if (id === undefined) throw new TerminalError(`${target} is neither a distribution nor a tenant`);
  const { asked, window: name, delivery } = request;
  // Before what was collected in it: what is there when it is sealed is all.
  const window = name === undefined ? null : await demandWindow(name);
  const isTick = asked === null && window === null;
  const readOne = (): Promise<DistributionRead | null> =>
    tenant === undefined ? readDistribution(id, asked?.of ?? null, io) : readTenant(tenant, io);
  const read = isTick ? null : await readOne();
  const about = { kind: 'distribution', target, window } as const;
  const named = asked === null ? null : askOf(asked, delivery, read?.distribution ?? { id, tenantOf: null }, io);
  // What may not be flushed is not looked at any further.
  if (read === null) return { ...about, ask: named, distribution: null, progress: NO_PROGRESS };
  const { distribution, inProgressBatches } = read;
  const wanted = mayBeFlushed(distribution) ? await askedOf(request, window, read) : null;
  if (wanted === null) return { ...about, ask: named, distribution, progress: NO_PROGRESS };
  const { items } = wanted.asked;
  const progress = await readProgress(
    distribution,
    inProgressBatches,
    { items, delivery, changedAt: wanted.changedAt, since: window?.from ?? null },
    io,
  );
  return { ...about, ask: askOf(wanted.asked, delivery, distribution, io), distribution, progress };
}
