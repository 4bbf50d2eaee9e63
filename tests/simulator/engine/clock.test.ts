import { afterEach, describe, expect, it } from 'vitest';
import { createClock, settle, type SimulatedClock, type TimerOwner } from '../../../simulator/engine/clock.ts';

const START_MS = Date.parse('2026-11-22T08:00:00Z');

let clock: SimulatedClock;

afterEach(() => {
  clock.uninstall();
});

function stepAll(): void {
  while (clock.step());
}

describe('the simulated clock', () => {
  it('fires effects in the order of their time, and in the order of planning at the same time', () => {
    clock = createClock(START_MS);
    const fired: string[] = [];
    clock.after(50, () => fired.push('late'));
    clock.after(10, () => fired.push('first'));
    clock.after(10, () => fired.push('second'));
    stepAll();
    expect(fired).toEqual(['first', 'second', 'late']);
    expect(clock.iso()).toBe('2026-11-22T08:00:00.050Z');
  });

  it('keeps the timers of the code under test in the same queue as the effects of the world', () => {
    clock = createClock(START_MS);
    const fired: string[] = [];
    clock.after(20, () => fired.push('world'));
    clock.install();
    setTimeout(() => fired.push('code before'), 10);
    setTimeout(() => fired.push('code after'), 30);
    stepAll();
    expect(fired).toEqual(['code before', 'world', 'code after']);
  });

  it('gives the code under test its own time and gives the real one back', () => {
    clock = createClock(START_MS);
    const real = { Date, setTimeout, clearTimeout };
    clock.install();
    clock.after(3_600_000, () => undefined);
    clock.step();
    expect(new Date().toISOString()).toBe('2026-11-22T09:00:00.000Z');
    clock.uninstall();
    expect({ Date, setTimeout, clearTimeout }).toEqual(real);
    expect(globalThis.Date).toBe(real.Date);
  });

  it('leaves setImmediate and microtasks real, so that woken code can settle', async () => {
    clock = createClock(START_MS);
    clock.install();
    let settled = false;
    setImmediate(() => setImmediate(() => void Promise.resolve().then(() => (settled = true))));
    await settle();
    expect(settled).toBe(true);
  });

  it('counts foreground work only: background effects and cancelled ones do not keep the world busy', () => {
    clock = createClock(START_MS);
    clock.after(10, () => undefined, { background: true });
    const cancel = clock.after(20, () => undefined);
    expect(clock.foreground()).toBe(1);
    cancel();
    cancel();
    expect(clock.foreground()).toBe(0);
    clock.step();
    expect(clock.foreground()).toBe(0);
    expect(clock.step()).toBe(false);
  });

  it('counts timers of the code under test as foreground until they fire or are cleared', () => {
    clock = createClock(START_MS);
    clock.install();
    const timer = setTimeout(() => undefined, 10);
    expect(clock.foreground()).toBe(1);
    clearTimeout(timer);
    expect(clock.foreground()).toBe(0);
  });

  it('waits longer than a timer can hold', () => {
    clock = createClock(START_MS);
    let fired = false;
    clock.after(40 * 86_400_000, () => (fired = true));
    stepAll();
    expect(fired).toBe(true);
    expect(clock.iso()).toBe('2027-01-01T08:00:00.000Z');
  });

  it('runs a timer in the context of its owner, and not at all once the owner is dead', () => {
    clock = createClock(START_MS);
    const entered: string[] = [];
    let alive = true;
    const owner: TimerOwner = {
      alive: () => alive,
      enter: (effect) => (entered.push('in'), effect(), entered.push('out')),
      timers: new Set(),
    };
    clock.install(() => owner);
    setTimeout(() => entered.push('timer'), 10);
    setTimeout(() => entered.push('never'), 20);
    clock.step();
    alive = false;
    clock.step();
    expect(entered).toEqual(['in', 'timer', 'out']);
  });

  it('lets a dead owner set no timer', () => {
    clock = createClock(START_MS);
    const owner: TimerOwner = { alive: () => false, enter: (effect) => effect(), timers: new Set() };
    clock.install(() => owner);
    setTimeout(() => undefined, 10);
    expect(clock.foreground()).toBe(0);
  });

  it('drops the timers of an owner whose process is gone', () => {
    clock = createClock(START_MS);
    const owner: TimerOwner = { alive: () => true, enter: (effect) => effect(), timers: new Set() };
    clock.install(() => owner);
    setTimeout(() => undefined, 10);
    setTimeout(() => undefined, 20);
    clock.drop(owner);
    expect(clock.foreground()).toBe(0);
  });

  it('still clears a real timer that was set before', async () => {
    let fired = false;
    const timer = setTimeout(() => (fired = true), 5);
    clock = createClock(START_MS);
    clock.install();
    clearTimeout(timer);
    clock.uninstall();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(fired).toBe(false);
  });
});
