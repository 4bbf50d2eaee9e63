/** What people have at stake in each move of an address: from whom, to whom, how often, at whose cost. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { records, text } from '../../../simulator/services/ec2/state.ts';
import { tagOf } from '../../records.ts';
import type { Given, Interest, Watch } from '../../worlds/interest.ts';
import { named, watching } from '../../worlds/looks.ts';
import { Since } from '../../worlds/since.ts';
import { answersItsProbe, flawOf, isAlarmed, isAlarmedItself } from '../holders.ts';
import { INVARIANTS } from '../invariants.ts';
import { addresses, nameOf, newMoves, Past, VIP, type Move, type NewMove } from '../moves.ts';

const RUNBOOK = 'reassign-elastic-ip';
/** What a run saw may be so old when its call takes effect: reads, the lease, and the looks after a refusal. */
const SLACK_SECONDS = 30;
/** A person's request is served within this, or it is not served. */
const REQUEST_SECONDS = 180;
/** The cool-down of 300 s counts from the booking; a call may take effect a minute later. */
const COOLDOWN_SECONDS = 240;
const MOVES_AN_HOUR = 4;

/** Whether somebody else than the runbook lays hands on addresses at this moment. */
function isByHand(given: Given, nowMs: number): boolean {
  return given.isScripted('ec2/Addresses/', nowMs);
}

function isAsked(given: Given, nowMs: number): boolean {
  return given.isAskedFor(RUNBOOK, nowMs, REQUEST_SECONDS);
}

/** A watch over the moves that the runbook made. `look`: what else it looks at, at each moment, before the moves. */
function overOwnMoves(
  judge: (move: NewMove, world: World, given: Given) => string | undefined,
  look: (world: World) => void = () => undefined,
): (given: Given) => Watch {
  return (given) => {
    const past = new Past();
    return (world) => {
      const now = world.clock.now();
      const moves = newMoves(world, past);
      const own = isByHand(given, now) ? [] : moves;
      const faults = own.map((move) => judge(move, world, given));
      look(world);
      return faults.find((fault) => fault !== undefined);
    };
  };
}

function wellHolders(world: World): readonly string[] {
  return addresses(world).flatMap((address) => {
    const holder = text(address, 'InstanceId');
    if (holder === undefined) return [];
    const isWell =
      flawOf(world, holder) === undefined && !isAlarmed(world, holder) && answersItsProbe(world, address, holder);
    return isWell ? [`${nameOf(address)} on ${holder}`] : [];
  });
}

const onlyFromABadHolder: Interest = {
  name: 'never-taken-from-a-good-holder',
  quotes: 'Nothing moves unless the old holder is really bad (or leaving, or nobody)',
  watch: (given) => {
    const well = new Since();
    const judge = ({ address, move: { from, to } }: NewMove, world: World): string | undefined => {
      const now = world.clock.now();
      if (from === undefined || isAsked(given, now)) return undefined;
      if (tagOf(address, 'runbook:failback-minutes') !== undefined) return undefined;
      if (!well.hasHeld(`${nameOf(address)} on ${from}`, given.allowing(SLACK_SECONDS), now)) return undefined;
      return `${nameOf(address)} was taken from ${from}, which has been well for ${SLACK_SECONDS} s, and given to ${to}`;
    };
    return overOwnMoves(judge, (world) => well.look(wellHolders(world), world.clock.now()))(given);
  },
};

/** What speaks against an instance as a holder of any address. */
function flawsOf(world: World, id: string): readonly string[] {
  const flaw = flawOf(world, id);
  return [
    ...(flaw === undefined ? [] : [flaw]),
    ...(isAlarmedItself(world, id) ? [`an alarm of the operators' own is raised about ${id}`] : []),
  ];
}

/** Instances that are unfit to hold anything, and those that are of another name, each as one word. */
function unfitNow(world: World): readonly string[] {
  return records(world, 'Instances').flatMap((instance) => {
    const id = text(instance, 'InstanceId') ?? '';
    const naming = `${id} is of ${String(tagOf(instance, VIP))}`;
    return flawsOf(world, id).length === 0 ? [naming] : [naming, id];
  });
}

const onlyToAGoodInstance: Interest = {
  name: 'only-to-a-good-instance',
  quotes: '*and* the new one is really good',
  watch: (given) => {
    const unfit = new Since();
    const slack = given.allowing(SLACK_SECONDS);
    const judge = ({ address, move: { to } }: NewMove, world: World): string | undefined => {
      const now = world.clock.now();
      const wanted = tagOf(address, VIP);
      const others = [...unfit.all()].filter(
        ([key, since]) => key.startsWith(`${to} is of `) && now - since >= slack * 1_000,
      );
      const isOfAnother = others.some(([key]) => key !== `${to} is of ${String(wanted)}`);
      if (!isOfAnother && !unfit.hasHeld(to, slack, now)) return undefined;
      const [flaw = isOfAnother ? `it does not carry ${VIP} = ${String(wanted)}` : 'it was bad until now'] = flawsOf(
        world,
        to,
      );
      return `${nameOf(address)} was given to ${to}, unfit for ${slack} s: ${flaw}`;
    };
    return overOwnMoves(judge, (world) => unfit.look(unfitNow(world), world.clock.now()))(given);
  },
};

/** Going back to where it came from is the one second move that an incident may have. */
function isGoingBack({ to }: Move, earlier: readonly Move[]): boolean {
  return earlier.at(-1)?.from === to;
}

const noFight: Interest = {
  name: 'never-two-moves-within-the-cooldown',
  quotes: '5 minutes since the last move; 4 moves an hour',
  watch: (given) => {
    const own = new Map<string, readonly Move[]>();
    return overOwnMoves(({ address, move }) => {
      if (isAsked(given, move.at)) return undefined;
      const earlier = own.get(nameOf(address)) ?? [];
      own.set(nameOf(address), [...earlier, move]);
      const last = earlier.at(-1);
      if (earlier.length >= MOVES_AN_HOUR + 1) return `${nameOf(address)} moved ${earlier.length + 1} times by itself`;
      if (last === undefined || isGoingBack(move, earlier) || move.at - last.at >= COOLDOWN_SECONDS * 1_000)
        return undefined;
      return `${nameOf(address)} moved to ${last.to} and ${Math.round((move.at - last.at) / 1_000)} s later to ${move.to}`;
    })(given);
  },
};

/** The private address that an address is on, as one word. */
function placeOf(address: Shape): string | undefined {
  const eni = text(address, 'NetworkInterfaceId');
  return eni === undefined ? undefined : `${eni}/${text(address, 'PrivateIpAddress') ?? ''}`;
}

const nobodyDisplaced: Interest = {
  name: 'nobody-is-displaced',
  quotes: "nobody's address is displaced",
  watch: (given) => {
    let before = new Map<string, string>();
    return (world) => {
      const now = new Map<string, string>();
      let fault: string | undefined;
      for (const address of records(world, 'Addresses')) {
        const place = placeOf(address);
        const name = nameOf(address);
        if (place !== undefined) now.set(place, name);
        const other = place === undefined ? undefined : before.get(place);
        if (other !== undefined && other !== name) fault ??= `${name} took ${String(place)} from ${other}`;
      }
      before = now;
      return isByHand(given, world.clock.now()) ? undefined : fault;
    };
  },
};

const neverOnNobody: Interest = {
  name: 'never-taken-off',
  quotes: 'one atomic call, never disassociated first',
  watch: watching(named(INVARIANTS, 'address-never-disassociated'), isByHand),
};

const fenceBeforeMove: Interest = {
  name: 'moved-only-after-the-fence',
  quotes: 'a fence is required',
  watch: watching(named(INVARIANTS, 'moved-only-after-the-fence'), isByHand),
};

/** What is at stake in moves. */
export const OF_MOVES: readonly Interest[] = [
  onlyFromABadHolder,
  onlyToAGoodInstance,
  noFight,
  nobodyDisplaced,
  neverOnNobody,
  fenceBeforeMove,
];
