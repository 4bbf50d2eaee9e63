/** Volumes made of snapshots in the zone of the instance that arrives, to take the place of those that cannot come. Pure. */

import type { Decision, JsonObject } from '../../../shared/kernel/decision.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import { attachAll } from './attaching.ts';
import { copyFrom } from './calls.ts';
import { doubt, hold } from './hold.ts';
import { isTriedOut } from './progress.ts';
import { inWords, standingRefusal } from './refusals.ts';
import { act } from './step.ts';
import type { Side } from './view.ts';
import {
  copyLabelOf,
  describeSite,
  isLive,
  isSameSite,
  placeOf,
  type SnapshotFacts,
  type VolumeFacts,
} from './volume-set.ts';

/** By device: of which snapshot its volume is to be made. */
type Sources = ReadonlyMap<string, SnapshotFacts>;

/** A client token whose volume vanished is burned, and nothing is left to count: another is taken every so often. */
const TOKEN_SECONDS = 300;

/** The next step towards copies of these snapshots, which replace the volumes of their devices once all are there. */
export function copy(side: Side, sources: Sources, evidence: JsonObject): Decision {
  const { machine, members, now } = side;
  const missing = [...sources].filter(([device, source]) => usable(side, device, source) === undefined);
  if (missing.length > 0) return create(side, new Map(missing), evidence);

  const copies = new Map([...sources].map(([device, source]) => [device, usable(side, device, source)] as const));
  const creating = [...copies.values()].find((volume) => volume?.state === 'creating');
  if (creating !== undefined) {
    const because = `volumes are being created in ${describeSite(machine)}`;
    return hold(side, 'creating', because, 5, secondsSince(creating.createdAt, now));
  }

  const volumes = members.flatMap(({ device, volume }) => copies.get(device) ?? volume ?? []);
  const replaced = members.flatMap(({ device, volume }) => {
    const successor = copies.get(device);
    const isReplaced = successor !== undefined && volume !== null && volume.id !== successor.id;
    return isReplaced ? [volume] : [];
  });
  return attachAll(side, volumes, replaced, evidence);
}

/** Volumes that were made for this instance, here, of the snapshot. */
function made({ facts, machine }: Side, device: string, source: SnapshotFacts): readonly VolumeFacts[] {
  return facts.volumes.filter(
    (volume) =>
      volume.run === copyLabelOf(machine.id) &&
      placeOf(volume) === device &&
      volume.snapshotId === source.id &&
      isSameSite(volume, machine),
  );
}

function usable(side: Side, device: string, source: SnapshotFacts): VolumeFacts | undefined {
  return made(side, device, source).find(isLive);
}

/** Makes the volumes that are missing. One that vanishes as often as it is made is a question for a person. */
function create(side: Side, missing: Sources, evidence: JsonObject): Decision {
  const { facts, machine, members, now, progress, elapsedSeconds } = side;
  const vanished = [...missing.values()].find(({ id }) => isTriedOut(progress, `create ${id}`, now));
  if (vanished !== undefined) {
    const because = `the volume from ${vanished.id} is gone as soon as it is made: EBS cannot use its KMS key (is it disabled, and does its policy let this role and the instance use it?)`;
    return doubt(side, 'volume-vanished', because, { seconds: 60 });
  }

  const refused = [...missing.values()]
    .map(({ id }) => standingRefusal(side, 'ec2:CreateVolume', ({ SnapshotId }) => SnapshotId === id))
    .find((each) => each !== undefined);
  if (refused !== undefined) {
    const because = `EBS makes no volume in ${describeSite(machine)}: ${inWords(refused)}`;
    const code = refused.meaning === 'capacity' ? 'no-capacity' : 'cannot-create';
    return doubt(side, code, because, { seconds: 60 });
  }

  const plan = [...missing].map(([device, source]) => {
    const replaced = members.find((member) => member.device === device)?.volume;
    const origin = facts.volumes.find(({ id }) => id === source.volumeId);
    const failed = made(side, device, source).filter((volume) => !isLive(volume));
    return copyFrom(source, replaced ?? origin ?? null, {
      instanceId: machine.id,
      site: { zone: machine.zone, outpost: machine.outpost },
      set: facts.set,
      device,
      attempt: failed.length + 1 + Math.floor(elapsedSeconds / TOKEN_SECONDS),
    });
  });
  const steps = [...missing.values()].map(({ id }) => `create ${id}`);
  return act(side, {
    code: 'creating',
    because: `${facts.set} comes to ${describeSite(machine)}`,
    plan,
    steps,
    evidence,
  });
}
