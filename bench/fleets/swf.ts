/**
 * Reads the Standard Workload Format 2.2 (https://www.cs.huji.ac.il/labs/parallel/workload/swf.html): a line a job, eighteen numbers
 * between blanks, -1 where it is not known; a line that begins with a semicolon is of the head. Pure.
 */

import type { Job } from './trace.ts';

const COLUMNS = 18;

/** Columns, from 0, that are used here. */
const COLUMN = { submit: 1, run: 3, allocated: 4, requested: 7 } as const;

/** What a file holds, and what was left out of it. */
export interface ReadSwf {
  /** By time of submission, the first at 0. */
  readonly jobs: readonly Job[];
  /** Lines that are none of the format, by number from 1. */
  readonly damaged: readonly number[];
  /** Jobs of which run time or processors are not known. */
  readonly unknown: number;
  /** Jobs that need more nodes than the largest size. */
  readonly tooLarge: number;
}

/** How processors become nodes. */
export interface SwfOptions {
  readonly processorsPerNode: number;
  /** Rising; a job has the smallest that suffices. */
  readonly sizes: readonly number[];
  /** Jobs submitted later, counted from the first, are left out. */
  readonly untilSeconds: number;
}

const NUMBER = /^[-+]?\d+(?:\.\d+)?$/u;

function columnsOf(line: string): readonly number[] | undefined {
  const words = line.trim().split(/\s+/u);
  if (words.length !== COLUMNS || !words.every((word) => NUMBER.test(word))) return undefined;
  return words.map(Number);
}

function isOfJobs(line: string): boolean {
  return line.trim() !== '' && !line.trimStart().startsWith(';');
}

interface Line {
  readonly submit: number;
  readonly run: number;
  readonly processors: number;
}

/** Processors that the job had; where that is not known, those that it asked for. */
function lineOf(columns: readonly number[]): Line {
  const at = (column: number): number => columns[column] ?? -1;
  const allocated = at(COLUMN.allocated);
  return {
    submit: at(COLUMN.submit),
    run: at(COLUMN.run),
    processors: allocated > 0 ? allocated : at(COLUMN.requested),
  };
}

/** Reads a file of the format. */
export function readSwf(text: string, { processorsPerNode, sizes, untilSeconds }: SwfOptions): ReadSwf {
  const numbered = text.split('\n').map((line, index) => ({ line, number: index + 1 }));
  const read = numbered
    .filter(({ line }) => isOfJobs(line))
    .map(({ line, number }) => ({ number, columns: columnsOf(line) }));
  const lines = read.flatMap(({ columns }) => (columns === undefined ? [] : [lineOf(columns)]));
  const known = lines.filter(({ submit, run, processors }) => submit >= 0 && run > 0 && processors > 0);
  const first = known.reduce((least, { submit }) => Math.min(least, submit), Infinity);
  const early = known
    .map((line) => ({ ...line, submit: line.submit - first }))
    .filter(({ submit }) => submit < untilSeconds);
  const sized = early.map((line) => ({ ...line, nodes: sizeFor(line.processors / processorsPerNode, sizes) }));
  const jobs = sized.flatMap(({ submit, run, nodes }): readonly Job[] =>
    nodes === undefined ? [] : [{ submitSeconds: Math.floor(submit), nodes, runSeconds: Math.ceil(run) }],
  );
  return {
    jobs: jobs.toSorted((one, other) => one.submitSeconds - other.submitSeconds),
    damaged: read.flatMap(({ number, columns }) => (columns === undefined ? [number] : [])),
    unknown: lines.length - known.length,
    tooLarge: sized.length - jobs.length,
  };
}

function sizeFor(nodes: number, sizes: readonly number[]): number | undefined {
  return sizes.find((size) => size >= nodes);
}
