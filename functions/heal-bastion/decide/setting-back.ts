/**
 * A host that was taken out and is not ended after all is registered again. That mends nothing: it is told as a refusal, once it shows. Pure.
 */

import type { Decision, JsonObject } from '../../../shared/kernel/decision.ts';
import { refuse, wait } from '../../../shared/judgement/decisions.ts';
import { pendingOf, remembered, secondsSince } from '../../../shared/judgement/since.ts';
import { denialText, rememberedDenial } from './cannot-end.ts';
import type { HostVerdict } from './host-verdict.ts';
import { portsIn, type View } from './view.ts';

const PUT_BACK = 'elasticloadbalancing:RegisterTargets';

/** How often it is looked whether it shows, and for how long before it is registered once more. Assumed: AWS's answers lag by seconds. */
const [LOOK_SECONDS, SHOWN_SECONDS] = [15, 60];

/** Under this key, with its id behind, the memory keeps when a host was put back. */
const BACK_AT = 'put-back:';

/**
 * So long nobody who was put back is taken out again by itself. Assumed: what kept it from being ended, as another host that comes or a
 * process that is suspended for a rollout, is over in as long as a group is given to replace; each time in and out costs its people more.
 */
const REST_SECONDS = 600;

/** What the announced intent keeps of it. */
interface Back {
  readonly back: string;
  readonly at: string;
  readonly run: string;
  readonly why: string;
  /** Those that it was taken out of; empty: not known. */
  readonly ports: readonly number[];
  /** What AWS said when it was to be ended, with when; `null`: that is not why. */
  readonly denial: string | null;
}

function backIn({ facts: { history } }: View): Back | undefined {
  const { back, at, run, why, ports, denial } = pendingOf(history)?.note ?? {};
  if (typeof back !== 'string' || typeof at !== 'string' || typeof why !== 'string') return undefined;
  const by = typeof run === 'string' ? run : '';
  return { back, at, why, run: by, ports: portsIn(ports), denial: typeof denial === 'string' ? denial : null };
}

/** Nobody new gets to it. */
export function isOut({ host: { targets } }: HostVerdict): boolean {
  return targets.every(({ state }) => state === 'draining' || state === 'unused');
}

function register(view: View, { host }: HostVerdict, note: Back & JsonObject, because: string): Decision {
  // A draining target is still listed with its ports; of one that is not the target group has the port.
  const ports = note.ports.length > 0 ? note.ports : host.targets.map(({ port }) => port);
  const targets = ports.length > 0 ? ports.map((port) => ({ Id: host.id, Port: port })) : [{ Id: host.id }];
  const input = { TargetGroupArn: view.facts.target, Targets: targets };
  return {
    kind: 'act',
    code: 'putting-back',
    because,
    evidence: { ...view.evidence, putBack: host.id },
    plan: [{ call: PUT_BACK, input, because, voids: [host.id] }],
    intent: `put back ${host.id}`,
    note,
    budget: 'free',
    attention: true,
    more: true,
  };
}

/**
 * Whoever is out is better than nobody. It is over with that.
 * @param ports those that it was taken out of; empty: not known.
 * @param denial what AWS said when it was to be ended.
 */
export function putBack(
  view: View,
  verdict: HostVerdict,
  ports: readonly number[],
  why: string,
  denial: string | null,
): Decision {
  const { id } = verdict.host;
  const note = { back: id, at: view.now, run: view.facts.run, why, ports, denial };
  return register(view, verdict, note, `${why}: ${id} is registered again`);
}

/** Goes on with what was begun; `undefined`: nobody is put back. */
export function goOnBack(view: View): { readonly run: string; readonly decision: Decision } | undefined {
  const back = backIn(view);
  return back === undefined ? undefined : { run: back.run, decision: settledBack(view, back) };
}

/** When a host was put back, if that was lately. */
export function putBackLately({ facts, now }: View, { host: { id } }: HostVerdict): string | undefined {
  const at = remembered(facts.history, `${BACK_AT}${id}`);
  return at === undefined || secondsSince(at, now) >= REST_SECONDS ? undefined : at;
}

/** Nobody goes out and in at each tick. */
export function restsFor(view: View, verdict: HostVerdict, why: string): Decision | undefined {
  const at = putBackLately(view, verdict);
  const { id } = verdict.host;
  if (at === undefined) return undefined;
  const because = `${id} ${why}, and was taken out and registered again at ${at}: it is tried again ${REST_SECONDS} s after that, or at once for a person who asks`;
  return refuse({ ...view.evidence, putBack: id }, 'put-back', because);
}

/** What is over is kept no longer. */
export function forgottenBacks({ facts: { history }, now }: View): { readonly [key: string]: null } {
  if (typeof history !== 'object') return {};
  const old = Object.entries(history.memory).filter(
    ([key, at]) => key.startsWith(BACK_AT) && secondsSince(at, now) >= REST_SECONDS,
  );
  return Object.fromEntries(old.map(([key]) => [key, null]));
}

function settledBack(view: View, back: Back): Decision {
  const { back: id, why, at, denial } = back;
  const told = { ...view.evidence, putBack: id };
  const verdict = view.verdicts.find(({ host }) => host.id === id);
  const mayServe = verdict?.host.state === 'running' && verdict.host.membership?.lifecycleState === 'InService';
  if (verdict !== undefined && mayServe && isOut(verdict)) {
    const because = `${why}: ${id} is registered again`;
    if (secondsSince(at, view.now) < SHOWN_SECONDS)
      return wait(told, 'putting-back', `${because}, and that does not show yet`, LOOK_SECONDS);
    return register(view, verdict, { ...back, at: view.now }, because);
  }
  if (denial === null)
    return {
      ...refuse(told, 'put-back', `${why}: ${id} is registered again, and what was wrong with it is not mended`),
      over: true,
      // Nobody was replaced.
      inVain: true,
      remember: { [`${BACK_AT}${id}`]: view.now },
    };
  const because = `${denialText(view, id, denial)}. It was taken out for that, and is registered again: it is not mended`;
  return {
    ...refuse({ ...told, cannotEnd: id }, 'cannot-end', because),
    over: true,
    inVain: true,
    remember: rememberedDenial(id, denial),
  };
}
