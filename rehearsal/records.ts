/** What watchers read of the world's records, beside what `simulator/services/ec2/state.ts` reads of EC2's. */

import { isRecord } from '../simulator/engine/json.ts';
import type { Shape, World } from '../simulator/engine/model.ts';
import { list, text } from '../simulator/services/ec2/state.ts';

/** A tag in words. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** The tags of a record. */
export function tagsOf(record: Shape | undefined): readonly Tag[] {
  return list(record, 'Tags').map((tag) => ({ key: String(tag['Key']), value: String(tag['Value']) }));
}

/** The value of one tag. */
export function tagOf(record: Shape | undefined, key: string): string | undefined {
  return tagsOf(record).find((tag) => tag.key === key)?.value;
}

/** The members of all Auto Scaling groups. */
export function groupMembers(world: World): readonly Shape[] {
  return world.records('auto-scaling', 'AutoScalingGroups').flatMap((group) => list(group, 'Instances'));
}

/** What the outcome events said that were sent to the bus. */
export function outcomesTold(world: World): readonly Shape[] {
  return world.records('eventbridge', 'Entries').flatMap((entry) => {
    const detail: unknown = JSON.parse(text(entry, 'Detail') ?? 'null');
    return isRecord(detail) ? [detail] : [];
  });
}
