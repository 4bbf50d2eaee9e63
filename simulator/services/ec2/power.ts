/** StartInstances, StopInstances, TerminateInstances. All named instances are checked before one is changed. */

import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { strings, write } from './filters.ts';
import { isSet } from './instance-attributes.ts';
import { shutDown, startInstance, stopInstance, type StopManner } from './instances.ts';
import { demand, find, runtimeOf, STATE_CODES, stateOf, text, zoneOf, type StateName } from './state.ts';
import { drawTokens } from './launch/throttling.ts';

function idOf(instance: Shape): string {
  return text(instance, 'InstanceId') ?? '';
}

function named(input: Shape, world: World): Shape[] {
  const ids = strings(input, 'InstanceIds');
  if (ids.length === 0) throw awsError('MissingParameter', 'The request must contain the parameter InstanceIds');
  return demand(world, 'Instances', ids);
}

function stateShape(name: StateName): Shape {
  return { Code: STATE_CODES[name], Name: name };
}

/** Applies a change to each instance and reports the state before and after, as all three operations do. */
function changes(instances: readonly Shape[], change: (instance: Shape) => void): Shape[] {
  return instances.map((instance) => {
    const previous = stateOf(instance);
    change(instance);
    return {
      InstanceId: idOf(instance),
      PreviousState: stateShape(previous),
      CurrentState: stateShape(stateOf(instance)),
    };
  });
}

function startInstances(input: Shape, world: World): object {
  const instances = named(input, world);
  for (const instance of instances) {
    const state = stateOf(instance);
    if (state === 'stopping' || state === 'shutting-down' || state === 'terminated') {
      throw awsError(
        'IncorrectInstanceState',
        `The instance '${idOf(instance)}' is not in a state from which it can be started.`,
      );
    }
  }
  return {
    StartingInstances: changes(instances, (instance) =>
      stateOf(instance) === 'stopped' ? startInstance(world, instance) : undefined,
    ),
  };
}

function demandStoppable(world: World, instance: Shape): void {
  const id = idOf(instance);
  const state = stateOf(instance);
  if (state === 'shutting-down' || state === 'terminated') {
    throw awsError('IncorrectInstanceState', `This instance '${id}' is not in a state from which it can be stopped.`);
  }
  // Seen by users of the API: github.com/cloud-custodian/cloud-custodian/pull/6014.
  if (state === 'pending' && runtimeOf(world).neverRan.has(id)) {
    throw awsError(
      'IncorrectInstanceState',
      `Instance '${id}' cannot be stopped as it has never reached the 'running' state.`,
    );
  }
  if (isSet(instance, 'DisableApiStop')) {
    throw awsError(
      'OperationNotPermitted',
      `The instance '${id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
    );
  }
  const request = find(world, 'SpotInstanceRequests', text(instance, 'SpotInstanceRequestId'));
  if (request?.['Type'] === 'one-time') {
    throw awsError(
      'UnsupportedOperation',
      `You can't stop the Spot Instance '${id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.`,
    );
  }
}

function stopInstances(input: Shape, world: World): object {
  if (input['Hibernate'] === true) throw new NotSimulatedError('ec2:StopInstances Hibernate');
  const instances = named(input, world);
  for (const instance of instances) demandStoppable(world, instance);
  const manner: StopManner = { force: input['Force'] === true, skipOsShutdown: input['SkipOsShutdown'] === true };
  return { StoppingInstances: changes(instances, (instance) => stopInstance(world, instance, manner)) };
}

/**
 * A protected instance saves those of its zone; the others are terminated although the request fails.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html
 */
function terminateInstances(input: Shape, world: World): object {
  drawTokens(world, 'TerminateInstances requests', 1);
  const instances = named(input, world);
  drawTokens(world, 'TerminateInstances resources', instances.length);
  const guarded = instances.filter(
    (instance) => stateOf(instance) !== 'terminated' && isSet(instance, 'DisableApiTermination'),
  );
  const savedZones = new Set(guarded.map(zoneOf));
  const doomed = instances.filter((instance) => !savedZones.has(zoneOf(instance)));
  const terminated = changes(doomed, (instance) => shutDown(world, instance));
  const [first] = guarded;
  if (first !== undefined) {
    throw awsError(
      'OperationNotPermitted',
      `The instance '${idOf(first)}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    );
  }
  return { TerminatingInstances: terminated };
}

export const powerOperations: { readonly [operation: string]: Operation } = {
  StartInstances: write('StartInstances', startInstances),
  StopInstances: write('StopInstances', stopInstances),
  TerminateInstances: write('TerminateInstances', terminateInstances),
};
