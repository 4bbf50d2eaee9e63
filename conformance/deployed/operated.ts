/** The deployed stack as whoever is on call operates it: found by its plate, switched off and on, read, and a run started. */

import { livePlace } from '../../cli/operate/live/live-place.ts';
import type { Place, Stack } from '../../cli/operate/place.ts';
import { ownVersion } from '../../build/source-version.ts';
import { discoverFunctions } from '../../rehearsal/functions.ts';
import { eventually, logged, STACK, type Account, type Check } from './checks.ts';

const MOVER = 'reassign-elastic-ip';
const BLOCKER = 'block-address';

/** What is not as it should be, one line each. */
type Faults = readonly string[];

function fault(isRight: boolean, line: string): Faults {
  return isRight ? [] : [line];
}

async function open(said: string[]): Promise<Place> {
  const sink = { isTTY: false, columns: () => 80, write: (text: string) => void said.push(text) };
  return livePlace(
    {
      stdout: sink,
      stderr: sink,
      env: process.env,
      functions: () => discoverFunctions('functions'),
      drills: 'drills',
      onInterrupt: () => () => undefined,
    },
    { account: '111122223333' },
  );
}

async function switched({ book }: Stack): Promise<Faults> {
  const at = new Date().toISOString();
  const row = { scope: MOVER, reason: 'tried', by: 'conformance', at };
  await book.turnOff(row);
  const off = await book.switches();
  await book.turnOn(MOVER);
  const on = await book.switches();
  await book.note({ ...row, what: 'switch-on', more: {} });
  const noted = await book.operations(at.slice(0, 10));
  return [
    ...fault(
      off.some(({ scope, reason }) => scope === MOVER && reason === 'tried'),
      `not off: ${JSON.stringify(off)}`,
    ),
    ...fault(on.length === 0, `not on again: ${JSON.stringify(on)}`),
    ...fault(
      noted.some(({ what }) => what === 'switch-on'),
      'what was done is not on record',
    ),
  ];
}

/** A new stack plans until somebody has it act. */
async function actingFromNowOn({ book }: Stack): Promise<Faults> {
  await book.setMode({ scope: 'all', mode: 'apply', reason: 'tried', by: 'kim', at: new Date().toISOString() });
  const modes = await book.modes();
  return fault(
    modes.some(({ scope, mode }) => scope === 'all' && mode === 'apply'),
    `the mode is ${JSON.stringify(modes)}`,
  );
}

/** The record of the run that failed before; and a dry run that is started here, which says in its log what it would do. */
async function runs(account: Account, { prefix, book, start }: Stack): Promise<Faults> {
  const lines = await book.on(new Date().toISOString().slice(0, 10));
  const line = lines.find(({ runbook, outcome }) => runbook === MOVER && outcome === 'failed');
  if (line === undefined) return ['no run that failed is listed'];
  const [found, body] = await Promise.all([book.beginning(MOVER, line.run.slice(0, 8)), book.read(line)]);
  // It blocks nobody, and plans no block, before its schedule has found out whom it must not.
  const ready = await eventually(`${BLOCKER} knows whom not to block`, async () => {
    const known = await book.about('never-block');
    return known.some(({ outcome }) => outcome === 'done');
  });
  if (ready.length > 0) return ready;
  const params = { action: 'block', address: '198.51.100.9', ttlSeconds: 3_600 };
  const { run, isRepeated } = await start({ runbook: BLOCKER, params, dryRun: true, requestedBy: 'kim' }, 'tried');
  return [
    ...fault(
      found.some(({ run: full }) => full === line.run),
      `${line.run} is not found by its beginning`,
    ),
    ...fault(body?.['outcome'] === 'failed', `the record of ${line.run} has ${JSON.stringify(body?.['outcome'])}`),
    ...fault(run !== '' && !isRepeated, `started: ${run}`),
    ...(await eventually('a plan in the log', () => logged(account, `${prefix}-${BLOCKER}`, '"outcome":"planned"'))),
  ];
}

async function operate(account: Account): Promise<Faults> {
  const said: string[] = [];
  const from = performance.now();
  const place = await open(said);
  const [stack, ...others] = place.stacks;
  if (stack === undefined || others.length > 0) return [`expected one stack, found ${place.stacks.length}`];
  const [switches, resources] = await Promise.all([
    stack.book.switches(),
    stack.book.resources(),
    stack.heartbeats(),
    stack.alarms(),
  ]);
  const seconds = (performance.now() - from) / 1_000;
  const faults = [
    ...fault(stack.prefix === STACK, `found ${stack.prefix}`),
    ...fault(stack.version === ownVersion(), `its version is ${stack.version}, that of the sources ${ownVersion()}`),
    ...fault(stack.runbooks.length > 10, `it has ${stack.runbooks.length} runbooks`),
    ...fault(switches.length === 0, `switched off: ${JSON.stringify(switches)}`),
    ...fault(resources.length > 0, 'no resource is known, though runs were about one'),
    ...fault(seconds < 5, `the first answer took ${seconds.toFixed(1)} s`),
    ...(await switched(stack)),
    ...(await actingFromNowOn(stack)),
    ...(await runs(account, stack)),
  ];
  await place.close();
  // What the emulator does not answer is told, and not waited for.
  return faults.length === 0 ? [] : [...faults, ...said];
}

/** The check in this environment, which clients of this process find in `process.env`. */
export function operated(environment: Readonly<Record<string, string>>): Check {
  return [
    'operated by a person: found by its plate, read, switched off and on, set to act, a dry run started',
    async (account) => {
      const before = Object.keys(environment).map((name) => [name, process.env[name]] as const);
      Object.assign(process.env, environment);
      try {
        return await operate(account);
      } finally {
        for (const [name, value] of before) {
          if (value === undefined) delete process.env[name];
          else process.env[name] = value;
        }
      }
    },
  ];
}
