/** Machine images, as they are described. */

import { Image$ } from '@aws-sdk/client-ec2';
import { type Operation, type Shape, type World } from '../../engine/model.ts';
import { refuseMembers } from './ebs-state.ts';
import { filtered, page, read, selected, strings, type FilterPaths } from './filters.ts';
import { outputOf } from './shape.ts';
import { records } from './state.ts';

const output = outputOf(Image$);

const FILTERS: FilterPaths = {
  architecture: 'Architecture',
  'image-id': 'ImageId',
  name: 'Name',
  'owner-id': 'OwnerId',
  platform: 'Platform',
  state: 'State',
};

/** A launch takes any image where a written world has none at all: each that is asked for by its id is there. */
function assumedImages(input: Shape, world: World): Shape[] {
  const ids = strings(input, 'ImageIds');
  if (records(world, 'Images').length > 0) return [];
  // What is asked for by its id of a paste that does not hold it is refused before.
  if (world.isPasted) return [];
  if (ids.length > 0)
    world.assume('ec2: where the world has no ec2.Images each that is asked for is there, and is a Linux image');
  return ids.map((ImageId) => ({ ImageId, PlatformDetails: 'Linux/UNIX', State: 'available' }));
}

function describeImages(input: Shape, world: World): object {
  const operation = 'DescribeImages';
  refuseMembers(operation, input, ['ExecutableUsers', 'Owners']);
  const assumed = assumedImages(input, world);
  const found =
    assumed.length > 0
      ? filtered(operation, input, assumed, FILTERS)
      : selected(world, operation, input, 'Images', 'ImageIds', FILTERS);
  const { items, rest } = page(operation, input, found, 'ImageIds', { least: 1, most: 1000 });
  return { Images: items.map(output), ...rest };
}

export const imageOperations: { readonly [operation: string]: Operation } = {
  DescribeImages: read('DescribeImages', describeImages),
};
