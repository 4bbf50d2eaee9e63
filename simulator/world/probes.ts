/** What a probe from the public side finds in the simulated world. */

import type { Probe, ProbeResult, ProbeTarget } from '../../shared/kernel/probe.ts';
import { PROBE_TIMEOUT_MS } from '../../shared/kernel/probe.ts';
import type { SimulatedClock } from '../engine/clock.ts';
import { isRecord } from '../engine/json.ts';
import { NotSimulatedError, type Shape, type World } from '../engine/model.ts';
import { currentInvocation } from '../engine/requests.ts';
import { PROBES } from './world-file.ts';

/** A connection within a region and its answer. Assumed. */
const ANSWER_MS = 20;

function explicit(world: World, key: string): unknown {
  return world.records(PROBES.service, PROBES.collection).find((probe) => probe['Key'] === key)?.['Answer'];
}

function find(world: World, collection: string, member: string, value: unknown): Shape | undefined {
  return value === undefined ? undefined : world.records('ec2', collection).find((record) => record[member] === value);
}

/** A public address leads to whatever Region it is of. */
function regionOf(home: World, host: string): World {
  const holds = (world: World): boolean =>
    find(world, 'Addresses', 'PublicIp', host) !== undefined ||
    find(world, 'Instances', 'PublicIpAddress', host) !== undefined;
  return [...home.regions.values()].find(holds) ?? home;
}

/** The instance that a public address leads to now: by its Elastic IP, else by the address it was launched with. */
function holderOf(world: World, host: string): Shape | undefined {
  const address = find(world, 'Addresses', 'PublicIp', host);
  if (address === undefined) return find(world, 'Instances', 'PublicIpAddress', host);
  const eni = find(world, 'NetworkInterfaces', 'NetworkInterfaceId', address['NetworkInterfaceId']);
  const attachment: unknown = eni?.['Attachment'];
  const id: unknown = isRecord(attachment) ? attachment['InstanceId'] : address['InstanceId'];
  if (typeof id === 'string' && world.isMentionedOnly(id))
    throw new NotSimulatedError(
      `what answers at ${host}: ${id} is mentioned in the world file only; say it in probes, as public>${host}:PORT`,
    );
  return find(world, 'Instances', 'InstanceId', id);
}

function isRunning(instance: Shape): boolean {
  const state = instance['State'];
  return isRecord(state) && state['Name'] === 'running';
}

function isImpaired(world: World, instanceId: unknown): boolean {
  const status = find(world, 'InstanceStatuses', 'InstanceId', instanceId);
  return ['SystemStatus', 'InstanceStatus'].some((name) => {
    const check = status?.[name];
    return isRecord(check) && check['Status'] === 'impaired';
  });
}

function reading(answer: unknown, target: ProbeTarget): ProbeResult {
  if (answer === 'ok' || answer === 'refused' || answer === 'timeout') return answer;
  // Whoever answers HTTP with an error has accepted the connection.
  if (typeof answer === 'number')
    return target.scheme === 'tcp' || (answer >= 200 && answer < 400) ? 'ok' : `status ${answer}`;
  return 'timeout';
}

/** What a probe of `host` finds at this moment. What the world file says of its answers stands at `home`, for all Regions. */
export function probeNow(home: World, host: string, target: ProbeTarget): ProbeResult {
  const stated = explicit(home, `public>${host}:${target.port}`);
  if (stated !== undefined) return reading(stated, target);
  const world = regionOf(home, host);
  const holder = holderOf(world, host);
  if (holder === undefined || !isRunning(holder)) return 'timeout';
  const own = explicit(home, `instance>${String(holder['InstanceId'])}:${target.port}`);
  if (own !== undefined) return reading(own, target);
  return isImpaired(world, holder['InstanceId']) ? 'timeout' : 'ok';
}

/** The probe of the code under test: takes simulated time, and never answers the dead. */
export function probeOf(world: World, clock: SimulatedClock): Probe {
  return (host, target) => {
    const invocation = currentInvocation();
    return new Promise((resolve) => {
      if (invocation?.alive() === false) return;
      if (invocation !== undefined) invocation.inFlight += 1;
      const answer = (result: ProbeResult): void => {
        if (invocation !== undefined) invocation.inFlight -= 1;
        if (invocation?.alive() === false) return;
        clock.wake();
        resolve(result);
      };
      clock.after(ANSWER_MS, () => {
        const result = probeNow(world, host, target);
        if (result === 'timeout') clock.after(PROBE_TIMEOUT_MS - ANSWER_MS, () => answer(result));
        else answer(result);
      });
    });
  };
}
