import type { WhatIfPlayed } from '../../rehearsal/whatif/whatif.ts';
import type { CommandIo } from '../terminal.ts';
import type { ReadWorld } from '../world-run.ts';
export function saved(_io: CommandIo, _file: ReadWorld, _how: { played: WhatIfPlayed; folder: string; seed: number }): Promise<readonly string[]> { return Promise.reject(new Error('todo')); }
