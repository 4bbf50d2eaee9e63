/** Looks at an address from the public side, as its users do. */

import { connect } from 'node:net';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** What to knock at: `tcp:443`, `http:80/healthz` or `https:443/healthz`. */
export interface ProbeTarget {
  readonly scheme: 'tcp' | 'http' | 'https';
  readonly port: number;
  /** Empty for tcp. */
  readonly path: string;
}

/** `ok`, the reason there was no answer, or an HTTP status that is not 2xx or 3xx. */
export type ProbeResult = 'ok' | 'refused' | 'timeout' | `status ${number}`;

export type Probe = (host: string, target: ProbeTarget) => Promise<ProbeResult>;

/** A live service answers well within this; the peers' probes allow 0.7 to 3 s. */
export const PROBE_TIMEOUT_MS = 2_000;

const PROBE_FORM = /^(tcp|https?):(\d{1,5})(\/[^\s]*)?$/u;

/** Reads the value of a `runbook:probe` tag; `undefined` when it is not one. */
export function parseProbe(text: string): ProbeTarget | undefined {
  const match = PROBE_FORM.exec(text.trim());
  if (match === null) return undefined;
  const [, scheme, portText, path] = match;
  const port = Number(portText);
  if (port < 1 || port > 65_535) return undefined;
  if (scheme === 'tcp') return path === undefined ? { scheme, port, path: '' } : undefined;
  return { scheme: scheme === 'https' ? 'https' : 'http', port, path: path ?? '/' };
}

function failure(error: unknown): ProbeResult {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ECONNREFUSED' ? 'refused' : 'timeout';
}

function probeTcp(host: string, port: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (result: ProbeResult): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => finish('timeout'));
    socket.once('connect', () => finish('ok'));
    socket.once('error', (error) => finish(failure(error)));
  });
}

function probeHttp(host: string, target: ProbeTarget): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const send = target.scheme === 'https' ? httpsRequest : httpRequest;
    // The certificate names a host, the probe an address: only the answer matters here.
    const request = send(
      { host, port: target.port, path: target.path, timeout: PROBE_TIMEOUT_MS, rejectUnauthorized: false },
      (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        resolve(status >= 200 && status < 400 ? 'ok' : `status ${status}`);
      },
    );
    request.once('timeout', () => request.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })));
    request.once('error', (error) => resolve(failure(error)));
    request.end();
  });
}

/** The real probe: one connection, one answer, two seconds. Never throws. */
export const publicProbe: Probe = (host, target) =>
  target.scheme === 'tcp' ? probeTcp(host, target.port) : probeHttp(host, target);
