/** Worlds of pasted outputs, given to `handle`: what was not pasted is no answer of AWS's. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { file, run } from './terminal.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const functions = await discoverFunctions(join(ROOT, 'functions'));
const REQUEST = { runbook: 'scale-hpc-fleet' };

const sections = z.looseObject({
  whole: z.literal(true).optional(),
  ec2: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))).optional(),
});

/** A drill's world as if somebody had pasted it together, without some kinds of EC2's. */
function pastedDrill(name: string, without: readonly string[] = []): z.infer<typeof sections> {
  const world = sections.parse(JSON.parse(readFileSync(join(ROOT, 'drills', name, 'world.json'), 'utf8')));
  const { whole: _whole, ec2 = {}, ...rest } = world;
  return { ...rest, ec2: Object.fromEntries(Object.entries(ec2).filter(([kind]) => !without.includes(kind))) };
}

async function look(world: object): Promise<{ readonly code: number; readonly err: readonly string[] }> {
  const path = file('pasted.json', world);
  const { code, err } = await run(['handle', file('request.json', REQUEST), '--world', path, '--dry-run'], {
    functions,
  });
  return { code, err: err.replaceAll(path, 'FILE').trimEnd().split('\n') };
}

const FLEET = 'hpc-type-not-offered';

const IMAGES = [{ ImageId: 'ami-0a1', State: 'available' }];

describe('what a paste lacks', () => {
  it.each([
    ['Subnets', 'ec2:DescribeSubnets: not pasted: ec2.Subnets of', '`aws ec2 describe-subnets` prints it'],
    [
      'SecurityGroups',
      'ec2:DescribeSecurityGroups: not pasted: ec2.SecurityGroups of',
      '`aws ec2 describe-security-groups` prints it',
    ],
    [
      'InstanceTypes',
      'ec2:DescribeInstanceTypes: not pasted: ec2.InstanceTypes of',
      '`aws ec2 describe-instance-types --instance-types ',
    ],
    [
      'InstanceTypeOfferings',
      'ec2:DescribeInstanceTypeOfferings: not pasted: ec2.InstanceTypeOfferings of',
      '`aws ec2 describe-instance-type-offerings --location-type availability-zone` prints it',
    ],
    [
      'PlacementGroups',
      'ec2:DescribePlacementGroups: not pasted: ec2.PlacementGroups of',
      '`aws ec2 describe-placement-groups` prints it',
    ],
  ])('and is asked for ends the run, with the command that prints it: %s', async (kind, what, command) => {
    const pasted = pastedDrill(FLEET, [kind]);
    const { code, err } = await look({ ...pasted, ec2: { ...pasted.ec2, Images: IMAGES } });
    expect(code).toBe(1);
    expect(err.at(-1)).toContain(`runbook: not simulated: FILE: ${what}`);
    expect(err.at(-1)).toContain(command);
  });

  it('and is looked for is taken for none, and named', async () => {
    const pasted = pastedDrill(FLEET, ['Instances']);
    const { code, err } = await look({ ...pasted, ec2: { ...pasted.ec2, Images: IMAGES } });
    expect({ code, err }).toEqual({ code: 0, err: [expect.stringContaining('ec2 Instances (ec2:DescribeInstances)')] });
  });

  it('of what AWS always gives ends the run, with its path', async () => {
    const { code, err } = await look(pastedDrill('hpc-batch-warmed-and-returned'));
    expect({ code, last: err.at(-1) }).toEqual({
      code: 1,
      last: 'runbook: not simulated: FILE: computeEnvironments[cfd-hpc7a].type is not pasted, and AWS always gives it: paste the whole output',
    });
  });
});

describe('a paste without the ledger', () => {
  it('is told of where it has what a run has made', async () => {
    const { ledger: _ledger, ...pasted } = pastedDrill('hpc-end-of-a-busy-gang');
    const { err } = await look(pasted);
    expect(err).toContain(
      'runbook: warning: FILE: the ledger was not pasted (ledger.data), and there is what a run has made (runbook:run): what the runbook keeps of it, as of a gang that runs, is not known',
    );
    const given = await look(pastedDrill('hpc-end-of-a-busy-gang'));
    expect(given.err.filter((line) => line.includes('ledger'))).toEqual([]);
  });
});
