/** What must hold of distributions at every moment of a run of restrict-access. */

import { canonical } from '../../shared/kernel/json.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import type { Shape, World } from '../../simulator/engine/model.ts';
import type { LoggedRequest, Watcher } from '../../simulator/engine/run-types.ts';
import { GRACE_MS, noted } from './noted.ts';

/** They are in us-east-1, wherever the function is; asking makes none. */
function distributions({ regions }: World): readonly Shape[] {
  return [...regions.values()].flatMap((world) => world.data['cloudfront']?.['Distributions'] ?? []);
}

function configOf({ DistributionConfig: config }: Shape): Shape {
  return isRecord(config) ? config : {};
}

/** In the words of a note: `blacklist AQ,BV`. */
function restrictionOf(distribution: Shape): string {
  const { Restrictions } = configOf(distribution);
  const geo = isRecord(Restrictions) ? Restrictions['GeoRestriction'] : undefined;
  if (!isRecord(geo)) return textOf({ type: 'none' });
  return textOf({ type: geo['RestrictionType'], countries: geo['Items'] });
}

function textOf(value: unknown): string {
  if (!isRecord(value)) return '';
  const countries: readonly unknown[] = Array.isArray(value['countries']) ? value['countries'] : [];
  return `${String(value['type'])} ${countries.map(String).toSorted().join(',')}`;
}

function updatesIn(sent: readonly LoggedRequest[]): number {
  return sent.filter(({ call, answeredAt }) => call === 'cloudfront:UpdateDistribution' && answeredAt !== undefined)
    .length;
}

/** Between two of our calls whatever changes is somebody else's doing; ours change the restriction and nothing beside it. */
const onlyTheRestrictionChanges: Watcher = {
  name: 'only-the-restriction-changes',
  check: (world, memory, _told, sent = []) => {
    const isOurs = updatesIn(sent) !== (memory['updates'] ?? 0);
    memory['updates'] = updatesIn(sent);
    const changed = distributions(world).flatMap((distribution) => {
      const { Restrictions: _own, ...rest } = configOf(distribution);
      const key = `distribution ${String(distribution['Id'])}`;
      const [before, now] = [memory[key], canonical(rest)];
      memory[key] = now;
      return isOurs && before !== undefined && before !== now ? [key] : [];
    });
    return changed.length === 0 ? undefined : `${changed.join(', ')}: more was changed than its restriction`;
  },
};

/** How a note ends that leaves what stands to somebody who has changed it. */
const THEIRS: ReadonlySet<string> = new Set(['edited', 'taken-back']);

/** Soon after its end what stood before is back, unless somebody has made something else of it. */
const restrictionComesBack: Watcher = {
  name: 'restriction-comes-back',
  check: (world, _memory, _told, sent = []) => {
    const late = noted(sent).flatMap(({ target, value, endMs }) => {
      const distribution = distributions(world).find(({ Id }) => target.endsWith(`:distribution/${String(Id)}`));
      const isOver = endMs + GRACE_MS <= world.clock.now() && !THEIRS.has(String(value['over']));
      if (distribution === undefined || !isOver) return [];
      const stands = restrictionOf(distribution);
      return stands === textOf(value['before']) ? [] : [`${target} has ${stands}`];
    });
    return late.length === 0 ? undefined : `${late.join(', ')} five minutes after the end`;
  },
};

export const GEO_INVARIANTS: readonly Watcher[] = [onlyTheRestrictionChanges, restrictionComesBack];
