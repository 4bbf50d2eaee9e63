/** Knocking at the holder and at who stands by, as the address's tag asks, and only where the answer could matter. */

import type { Address } from '@aws-sdk/client-ec2';
import { publicIpOf, tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { readChecks } from '../../../shared/judgement/instance-health.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { parseProbe, probeOnce, type ProbeTarget } from '../../../shared/kernel/probe.ts';
import type { Machine, ProbeReading } from '../decide.ts';
import type { KnownMachine } from './machines.ts';

/** One lost packet is no outage: a holder is silent after this many attempts, as far apart. */
const ATTEMPTS = 3;
const PAUSE_MS = 2_000;

/** The holder, through the address. One that is down needs no knock. */
export async function probeHolder(address: Address, holder: Machine | undefined, io: Io): Promise<ProbeReading> {
  const target = targetOf(address);
  if (target === undefined || holder === undefined || address.PublicIp === undefined) return 'none';
  const isDown = holder.state !== 'running' || readChecks(holder.checks).verdict === 'impaired';
  return isDown ? 'none' : knock(address.PublicIp, target, ATTEMPTS, io);
}

/** Knocks at standbys of one look. */
export type StandbyProbe = (address: Address, standby: KnownMachine) => Promise<ProbeReading>;

/**
 * Somebody else, at a public address of its own, once: what it says is only believed if it said otherwise before. In one look
 * nobody is knocked at twice for the same, however many addresses of the name there are.
 */
export function standbyProbe(io: Io): StandbyProbe {
  const asked = new Map<string, Promise<ProbeReading>>();
  return (address, { record, machine }) => {
    const target = targetOf(address);
    const publicIp = publicIpOf(record);
    const standsBy = machine.state === 'running' && machine.id !== address.InstanceId;
    if (target === undefined || publicIp === undefined || !standsBy) return Promise.resolve('none');
    const key = `${publicIp} ${target.scheme}:${target.port}${target.path}`;
    const answer = asked.get(key) ?? knock(publicIp, target, 1, io);
    asked.set(key, answer);
    return answer;
  };
}

function targetOf(address: Address): ProbeTarget | undefined {
  return parseProbe(tagsOf(address.Tags).get('runbook:probe') ?? '');
}

async function knock(host: string, target: ProbeTarget, attempts: number, io: Io): Promise<ProbeReading> {
  for (let attempt = 1; ; attempt += 1) {
    if ((await probeOnce(host, target)) === 'ok') return 'ok';
    if (attempt >= attempts) return 'failed';
    await io.sleep(PAUSE_MS);
  }
}
