/**
 * CallerReferences. CloudFront takes each once, so they are made of what the request is: two runs of one request ask with the same, and
 * one of them is told that it was used. Pure.
 */

import type { CacheName } from './facts.ts';

/** So long the same words give the same reference. Which runs are of one request is seen in CloudFront; this is for those that look at the same time. */
const SAME_MS = 900_000;

/** When the references of a run that began then begin to be looked for. */
export function referencesSince(begunAt: string): string {
  return new Date(Math.floor(Date.parse(begunAt) / SAME_MS) * SAME_MS).toISOString();
}

/**
 * What the references of all requests in the same words begin with. Whether a reference is used up for a tenant or for all of its
 * distribution is not documented: that of a tenant names it.
 */
export function wordsOf(delivery: string, of?: CacheName): string {
  const words = `flush-caches-${delivery.replace(/^[a-z]+:/u, '').slice(0, 16)}-`;
  return of === undefined || of.tenantOf === null ? words : `${words}${of.id}-`;
}

/** What those of one request begin with: `flush-caches-0f3a…-202611280800-`. */
export function referenceOf(delivery: string, begunAt: string, of?: CacheName): string {
  return `${wordsOf(delivery, of)}${referencesSince(begunAt)
    .replaceAll(/[^0-9]/gu, '')
    .slice(0, 12)}-`;
}

/** Which attempt of the request it is: one more than the last that is known of. */
export function nextReference(reference: string, used: readonly string[]): string {
  const attempts = used
    .filter((each) => each.startsWith(reference))
    .map((each) => Number.parseInt(each.slice(reference.length), 10))
    .filter((attempt) => !Number.isNaN(attempt));
  return `${reference}${attempts.reduce((most, attempt) => Math.max(most, attempt), 0) + 1}`;
}
