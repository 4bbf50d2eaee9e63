/** Looks at an address from the public side, as its users do. */

import { connect } from 'node:net';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { surroundings } from '../aws/clients.ts';

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

/**
 * A path is sent as it stands in the tag, so it holds only what a request line can carry: no space, no control character,
 * nothing above U+00FF (Node refuses the rest before anything is sent).
 */
const PROBE_FORM = /^(tcp|https?):(\d{1,5})(\/[\u0021-\u007E\u00A1-\u00FF]*)?$/u;

/** Reads the value of a `runbook:probe` tag; `undefined` when it is not one, or its path cannot be sent. */
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

/** A knock under way: what ends it, whatever became of it. */
interface Knock {
  readonly destroy: () => unknown;
}

/**
 * The first answer, or `timeout` when there is none in the whole of the time: the time-outs of sockets count only silence, and
 * a server that sends a byte now and then is never silent.
 */
function within(timeoutMs: number, knock: (finish: (result: ProbeResult) => void) => Knock): Promise<ProbeResult> {
  return new Promise((resolve) => {
    let open: Knock | undefined;
    const finish = (result: ProbeResult): void => {
      clearTimeout(timer);
      open?.destroy();
      resolve(result);
    };
    const timer = setTimeout(finish, timeoutMs, 'timeout');
    try {
      open = knock(finish);
    } catch (error) {
      finish(failure(error));
    }
  });
}

function knockTcp(host: string, port: number, finish: (result: ProbeResult) => void): Knock {
  const socket = connect({ host, port });
  socket.once('connect', () => finish('ok'));
  // Not once: what still goes wrong while it is being destroyed must not end the process.
  socket.on('error', (error) => finish(failure(error)));
  return socket;
}

function knockHttp(host: string, target: ProbeTarget, finish: (result: ProbeResult) => void): Knock {
  const send = target.scheme === 'https' ? httpsRequest : httpRequest;
  // The certificate names a host, the probe an address: only the answer matters here.
  const request = send({ host, port: target.port, path: target.path, rejectUnauthorized: false }, (response) => {
    const status = response.statusCode ?? 0;
    finish(status >= 200 && status < 400 ? 'ok' : `status ${status}`);
  });
  request.on('error', (error) => finish(failure(error)));
  request.end();
  return request;
}

/** The real probe: one connection, one answer, two seconds in all. Never throws. */
export const publicProbe: Probe = (host, target) =>
  within(PROBE_TIMEOUT_MS, (finish) =>
    target.scheme === 'tcp' ? knockTcp(host, target.port, finish) : knockHttp(host, target, finish),
  );

/** Knocks once, from where the function is: in a rehearsal at the simulated account. Never throws. */
export const probeOnce: Probe = (host, target) => (surroundings().probe ?? publicProbe)(host, target);
