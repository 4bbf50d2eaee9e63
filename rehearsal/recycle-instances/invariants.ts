/** What must hold of the instances that recycle-instances stops and starts, at every moment. */

import type { Shape, World } from '../../simulator/engine/model.ts';
import type { Watcher } from '../../simulator/engine/run-types.ts';
import { part, records, text } from '../../simulator/services/ec2/state.ts';
import { tagOf } from '../records.ts';

/** The instances of the account in all Regions. */
function instances({ regions }: World): readonly Shape[] {
  return [...regions.values()].flatMap((world) => records(world, 'Instances'));
}

/** Who did not opt in is left as it is. For drills whose script stops nobody. */
const onlyWhoOptedIn: Watcher = {
  name: 'recycled-only-who-opted-in',
  check: (world) => {
    const wrong = instances(world).find(
      (instance) => tagOf(instance, 'recycle') !== 'yes' && part(instance, 'State')['Name'] !== 'running',
    );
    return wrong === undefined ? undefined : `${text(wrong, 'InstanceId') ?? ''} was stopped and did not opt in`;
  },
};

/** Nothing is called recycled that does not run again. */
const onlyWhenItRuns: Watcher = {
  name: 'recycled-only-when-it-runs',
  check: (world) => {
    const wrong = instances(world).find(
      (instance) =>
        tagOf(instance, 'recycle-stage')?.endsWith(':recycled') === true &&
        part(instance, 'State')['Name'] !== 'running',
    );
    return wrong === undefined ? undefined : `${text(wrong, 'InstanceId') ?? ''} is called recycled and does not run`;
  },
};

/** The invariants of recycled instances. */
export const INVARIANTS: readonly Watcher[] = [onlyWhoOptedIn, onlyWhenItRuns];
