/** EC2 takes a Spot instance back: a notice, and two minutes later the end, whatever anybody does. */

import { BadInputError } from '../../../shared/kernel/errors.ts';
import { shutDown, type ShutdownReason } from './instances.ts';
import { find, part, show, stateOf, text, zoneOf } from './state.ts';
import { NotSimulatedError, type Shape, type World } from '../../engine/model.ts';

/**
 * From the notice to the end. EC2 waits for nobody, and termination protection does not count.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
const NOTICE_MS = 120_000;

/** Source of the code: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html; the message is as users show it. */
const RECLAIMED: ShutdownReason = {
  code: 'Server.SpotInstanceTermination',
  message: 'Spot instance termination',
  words: 'Server.SpotInstanceTermination',
};

const UNMODELLED: ReadonlySet<unknown> = new Set(['stop', 'hibernate']);

function requestOf(world: World, instance: Shape): Shape | undefined {
  return find(world, 'SpotInstanceRequests', text(instance, 'SpotInstanceRequestId'));
}

function take(world: World, instance: Shape): void {
  const state = stateOf(instance);
  if (state === 'shutting-down' || state === 'terminated') return;
  const request = requestOf(world, instance);
  // Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instances-request-status-lifecycle.html, of a one-time request.
  if (request !== undefined)
    Object.assign(request, { State: 'closed', Status: { Code: 'instance-terminated-no-capacity' } });
  shutDown(world, instance, RECLAIMED);
}

/** A reclaim that was under way when the world file was written goes on. */
export function resumeReclaim(world: World, instance: Shape): void {
  const due = text(part(instance, 'SpotInterruption'), 'time');
  if (due !== undefined)
    world.clock.after(Math.max(Date.parse(due) - world.clock.now(), 0), () => take(world, instance));
}

/**
 * Gives notice that a Spot instance will be taken back.
 * @param action `terminate`; EC2 can also stop and hibernate, which only persistent requests allow
 * @throws BadInputError for what is no Spot instance, or not there any more
 */
export function reclaim(world: World, instance: Shape, action: unknown): void {
  const id = text(instance, 'InstanceId') ?? '';
  const where = `ec2/Instances/${id}/SpotInterruption`;
  if (UNMODELLED.has(action)) throw new NotSimulatedError(`a Spot interruption that would ${show(action)} ${id}`);
  if (action !== 'terminate')
    throw new BadInputError(
      where,
      `${show(action)} is no action of an interruption: set SpotInterruption itself to "terminate"`,
    );
  if (instance['InstanceLifecycle'] !== 'spot')
    throw new BadInputError(where, `${id} is no Spot instance: give it "InstanceLifecycle": "spot"`);
  if (stateOf(instance) !== 'running')
    throw new BadInputError(where, `${id} is ${stateOf(instance)}: EC2 takes back what runs`);
  if (requestOf(world, instance)?.['Type'] === 'persistent')
    throw new NotSimulatedError(
      `the interruption of ${id}, whose persistent Spot request would launch another instance`,
    );
  instance['SpotInterruption'] = { action, time: new Date(world.clock.now() + NOTICE_MS).toISOString() };
  world.emit({
    source: 'aws.ec2',
    detailType: 'EC2 Spot Instance Interruption Warning',
    // The zone stands where other ARNs have the region, and no account. Source: the same page, "EC2 Spot Instance Interruption Warning event".
    resources: [`arn:aws:ec2:${zoneOf(instance)}:instance/${id}`],
    detail: { 'instance-id': id, 'instance-action': action },
  });
  world.signal('spot-notice', { instanceId: id });
  resumeReclaim(world, instance);
}
