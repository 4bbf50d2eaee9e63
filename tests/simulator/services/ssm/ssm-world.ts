/** A world of two managed instances and one document, for the tests of Systems Manager. */

import { hasFrozen } from '../../../../simulator/services/ec2/freezing.ts';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { serviceWorld } from '../service-world.ts';

const DOCUMENT = { Name: 'FreezeData', Freezes: { TakesSeconds: 2, ThawAfterSeconds: 60 } };
/** An execution id, as Data Lifecycle Manager gives one. */
export const EXECUTION = '0b7c2f1e-5a4d-4c3b-8e2f-1a0b9c8d7e6f';

interface Invocation {
  readonly CommandId?: string;
  readonly InstanceId?: string;
  readonly Comment?: string;
  readonly Status?: string;
  readonly StatusDetails?: string;
}

interface Parts {
  readonly document?: Shape;
  readonly status?: string | null;
  readonly state?: string;
  readonly ssm?: Shape;
}

/** `i-1` and `i-2`, each with a data volume; `i-1` is managed unless `status` is null. */
export function ssmWorld({ document = {}, status = 'Online', state = 'running', ssm = {} }: Parts = {}) {
  const ids = ['i-1', 'i-2'];
  const simulation = serviceWorld({
    ec2: {
      Instances: ids.map((InstanceId) => ({
        InstanceId,
        State: { Name: InstanceId === 'i-1' ? state : 'running' },
        Placement: { AvailabilityZone: 'eu-west-1a' },
      })),
      Volumes: ids.map((InstanceId) => ({
        VolumeId: `vol-${InstanceId}`,
        Attachments: [{ InstanceId, Device: '/dev/sdf' }],
      })),
    },
    ssm: {
      InstanceInformation: [
        ...(status === null ? [] : [{ InstanceId: 'i-1', PingStatus: status }]),
        { InstanceId: 'i-2' },
      ],
      Documents: [{ ...DOCUMENT, ...document }],
      ...ssm,
    },
  });
  const send = (command: string, more: Shape = {}): Shape =>
    simulation.call('ssm:SendCommand', {
      InstanceIds: ['i-1'],
      DocumentName: 'FreezeData',
      Parameters: { command: [command], executionId: [EXECUTION] },
      ...more,
    });
  const list = (
    more: Shape = {},
  ): { readonly CommandInvocations?: readonly Invocation[]; readonly NextToken?: string } =>
    simulation.call('ssm:ListCommandInvocations', more);
  const states = (more: Shape = {}): string[] =>
    (list(more).CommandInvocations ?? []).map((one) => `${one.Status} ${one.StatusDetails}`);
  const frozen = (): boolean => hasFrozen(simulation.world, 'i-1');
  return { ...simulation, send, list, states, frozen };
}
