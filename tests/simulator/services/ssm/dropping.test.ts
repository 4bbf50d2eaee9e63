import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { ssmWorld } from './ssm-world.ts';

const PARAMETERS = [
  { Name: 'asked', AllowedPattern: '^[0-9]{1,15}$' },
  { Name: 'v4', DefaultValue: '', AllowedPattern: '^[0-9./, ]*$' },
  { Name: 'v6', DefaultValue: '', AllowedPattern: '^[0-9a-f:./, ]*$' },
];
const GIVEN = { asked: ['1795334400000'], v4: ['198.51.100.9/32,1795338000'] };

/** A document that drops networks, on `i-1`. */
function dropping(document: Shape = { Drops: {} }) {
  const simulation = ssmWorld({ document: { Freezes: undefined, Parameters: PARAMETERS, ...document } });
  const give = (Parameters: Shape = GIVEN): Shape => simulation.send('', { Parameters });
  const plugins = (more: Shape = { Details: true }): unknown => {
    simulation.pass(10);
    const invocations = simulation.list(more).CommandInvocations ?? [];
    return invocations.map((one): unknown => Reflect.get(one, 'CommandPlugins'));
  };
  return { ...simulation, give, plugins };
}

describe('a document that drops networks', () => {
  it('says how many it was given, and a checksum of both lists', () => {
    const { give, plugins, states } = dropping();
    give();
    expect(plugins()).toEqual([
      [
        {
          Name: 'aws:runShellScript',
          Status: 'Success',
          StatusDetails: 'Success',
          Output: 'runbook_block: 1 of IPv4, 0 of IPv6, 2056719869-27\n',
        },
      ],
    ]);
    expect(states()).toEqual(['Success Success']);
  });

  it('is asked for what it has printed, or says nothing of it', () => {
    const { give, plugins } = dropping();
    give();
    expect(plugins({})).toEqual([[]]);
  });

  it('fails where there is no nft, and says so', () => {
    const { give, plugins } = dropping({ Drops: { WithoutNftables: ['i-1'] } });
    give();
    expect(plugins()).toMatchObject([[{ Status: 'Failed', Output: 'no-nftables: this host has no nft\n' }]]);
  });

  it('that fails has printed nothing', () => {
    const { give, plugins } = dropping({ Drops: {}, Fails: true });
    give();
    expect(plugins()).toMatchObject([[{ Status: 'Failed', Output: '' }]]);
  });

  it('is given no more than its patterns allow', () => {
    const { give } = dropping();
    expect(refusal(() => give({ ...GIVEN, v4: ["198.51.100.9/32' ; reboot #"] }))).toBe(
      'InvalidParameters: Parameter "v4" does not allow the value "198.51.100.9/32\' ; reboot #".',
    );
  });
});
