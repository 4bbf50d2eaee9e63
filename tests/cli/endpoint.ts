/** An endpoint that speaks just enough of the query protocol to say whose account it is, and that it has one instance marked `stop`. */

import { createServer, type Server } from 'node:http';

export interface Endpoint {
  readonly url: string;
  /** Actions in the order in which they came. */
  readonly actions: readonly string[];
  readonly close: () => void;
}

const ANSWERS: { readonly [action: string]: string } = {
  DescribeInstances:
    '<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-0a1</instanceId><instanceState><code>16</code><name>running</name></instanceState>' +
    '<tagSet><item><key>mark</key><value>stop</value></item></tagSet></item></instancesSet></item></reservationSet></DescribeInstancesResponse>',
  GetCallerIdentity:
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/kim</Arn>' +
    '<UserId>AIDAEXAMPLE</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
  StopInstances:
    '<StopInstancesResponse><instancesSet><item><instanceId>i-0a1</instanceId></item></instancesSet></StopInstancesResponse>',
};

const REFUSALS: { readonly [action: string]: string } = {
  GetCallerIdentity:
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error></ErrorResponse>',
};

/** Starts it. `before` hears of each action before it is answered. Actions in `refused` get an error. */
export async function startEndpoint(
  before: (action: string) => void = () => undefined,
  refused: readonly string[] = [],
): Promise<Endpoint> {
  const actions: string[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const action = new URLSearchParams(Buffer.concat(chunks).toString()).get('Action') ?? '';
      actions.push(action);
      before(action);
      const isRefused = refused.includes(action);
      response.statusCode = isRefused ? 403 : 200;
      response.end(
        isRefused
          ? (REFUSALS[action] ??
              '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized.</Message></Error></Errors></Response>')
          : ANSWERS[action],
      );
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { url: `http://127.0.0.1:${port}`, actions, close: () => void server.close() };
}

/** The environment of a person with credentials, whose endpoint this is. */
export function credentials(url: string): { readonly [name: string]: string } {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_REGION: 'eu-west-1',
  };
}
