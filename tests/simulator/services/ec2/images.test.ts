import { describe, expect, it } from 'vitest';
import { ask, load } from '../../world/pasting.ts';
import { ec2World, refusal } from './ec2-world.ts';

const LINUX = { ImageId: 'ami-0a1', Name: 'solver', State: 'available', PlatformDetails: 'Linux/UNIX' };

describe('images', () => {
  it('are those of the world, by id and by filter', () => {
    const { call } = ec2World({ Images: [LINUX, { ImageId: 'ami-0b2', Platform: 'windows' }] });
    expect(call('DescribeImages', { ImageIds: ['ami-0a1'] })).toEqual({ Images: [LINUX] });
    const Filters = [{ Name: 'platform', Values: ['windows'] }];
    expect(call('DescribeImages', { Filters })).toMatchObject({ Images: [{ ImageId: 'ami-0b2' }] });
    expect(refusal(() => call('DescribeImages', { ImageIds: ['ami-0c3'] }))).toBe(
      "InvalidAMIID.NotFound: The image id 'ami-0c3' does not exist",
    );
    expect(refusal(() => call('DescribeImages', { ImageIds: ['solver'] }))).toMatch(/^InvalidAMIID.Malformed/u);
  });

  it('are Linux ones where a written world has none, and a launch takes any', () => {
    const { call, world } = ec2World({});
    expect(call('DescribeImages', { ImageIds: ['ami-0a1'] })).toEqual({
      Images: [{ ImageId: 'ami-0a1', State: 'available', PlatformDetails: 'Linux/UNIX' }],
    });
    expect([...world.assumed]).toEqual([
      'ec2: where the world has no ec2.Images each that is asked for is there, and is a Linux image',
    ]);
    expect(call('DescribeImages', { Filters: [{ Name: 'name', Values: ['solver'] }] })).toEqual({ Images: [] });
  });

  it('are not known where none were pasted', () => {
    const { world } = load({ ec2: { Images: [] } });
    expect(() => ask(world, 'ec2', 'DescribeImages', { ImageIds: ['ami-0a1'] })).toThrow('not simulated');
  });
});
