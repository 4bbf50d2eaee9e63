/** Generated hosts that enforce a blocklist: some without an agent or nftables, some whose agent does not answer, or late. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { BEGIN } from '../../worlds/case.ts';
import { mostly, subnetOf, tag, timeAt, ZONES } from '../../worlds/pieces.ts';

/** A host as it is drawn. */
export interface HostDrawn {
  readonly blocklist: string | undefined;
  readonly state: 'running' | 'stopped';
  /** `undefined`: Systems Manager does not manage it. */
  readonly agent: 'Online' | 'ConnectionLost' | undefined;
  readonly platform: 'Linux' | 'Windows';
  readonly hasNftables: boolean;
  /** Seconds before the beginning. */
  readonly startedSeconds: number;
}

export const aHost: fc.Arbitrary<HostDrawn> = fc.record({
  blocklist: mostly<string | undefined>('edge', [15, 'office'], [15, undefined]),
  state: mostly<HostDrawn['state']>('running', [8, 'stopped']),
  agent: mostly<HostDrawn['agent']>('Online', [12, 'ConnectionLost'], [12, undefined]),
  platform: mostly<HostDrawn['platform']>('Linux', [5, 'Windows']),
  hasNftables: mostly(true, [8, false]),
  startedSeconds: mostly(86_400, [15, 30]),
});

/** What comes of the commands that hosts are sent, in a whole world. */
export interface Commands {
  /** Seconds that a host takes for its own. */
  readonly takesSeconds: number;
  readonly fails: 'never' | 'ends' | 'hangs';
}

export const commands: fc.Arbitrary<Commands> = fc.record({
  takesSeconds: mostly(1, [15, 7], [10, 40]),
  fails: mostly<Commands['fails']>('never', [5, 'ends'], [5, 'hangs']),
});

export function hostIdOf(index: number): string {
  return `i-0b${index + 1}`;
}

export function hostRecord({ blocklist, state, platform, startedSeconds }: HostDrawn, index: number): Shape {
  const [zone] = ZONES;
  return {
    InstanceId: hostIdOf(index),
    InstanceType: 't4g.small',
    LaunchTime: timeAt(Date.parse(BEGIN), -startedSeconds),
    State: { Name: state },
    SubnetId: subnetOf(zone),
    Placement: { AvailabilityZone: zone },
    ...(platform === 'Windows' ? { Platform: 'windows' } : {}),
    Tags: [...tag('Name', `host-${index + 1}`), ...tag('runbook:block', blocklist)],
  };
}

/** The document of the stack: its parameters are those of `deploy/hosts.yml`. */
function documentRecord(hosts: readonly HostDrawn[], { takesSeconds, fails }: Commands): Shape {
  const lists = [
    ['v4', '^[0-9./, ]*$'],
    ['v6', '^[0-9a-f:./, ]*$'],
  ].map(([Name, AllowedPattern]) => ({ Name, Type: 'String', DefaultValue: '', AllowedPattern }));
  const without = hosts.flatMap(({ hasNftables }, index) => (hasNftables ? [] : [hostIdOf(index)]));
  return {
    Name: 'runbook-deny-networks',
    DocumentType: 'Command',
    Parameters: [{ Name: 'asked', Type: 'String', AllowedPattern: '^[0-9]{1,15}$' }, ...lists],
    Drops: { TakesSeconds: takesSeconds, ...(without.length === 0 ? {} : { WithoutNftables: without }) },
    ExecutionTimeoutSeconds: 60,
    ...(fails === 'ends' ? { Fails: true } : {}),
    ...(fails === 'hangs' ? { Hangs: true } : {}),
  };
}

/** What Systems Manager has of these hosts, and the document. */
export function systemsManagerOf(
  hosts: readonly HostDrawn[],
  how: Commands,
): { readonly [collection: string]: Shape[] } {
  const InstanceInformation = hosts.flatMap(({ agent, platform }, index) =>
    agent === undefined ? [] : [{ InstanceId: hostIdOf(index), PingStatus: agent, PlatformType: platform }],
  );
  return { InstanceInformation, Documents: [documentRecord(hosts, how)] };
}
