/** Parameter Store, as it is read. */

import { Parameter$ } from '@aws-sdk/client-ssm';
import { strings } from '../ec2/filters.ts';
import { outputOf } from '../ec2/shape.ts';
import { show, text } from '../ec2/state.ts';
import { awsError, NotSimulatedError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { recordsGiven } from '../listing.ts';

const SERVICE = 'ssm';
const REFERENCE = 'https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_';

const output = outputOf(Parameter$);

/** Names in one request. Source: API_GetParameters (Names). */
const MOST_NAMES = 10;

/** Completes what a file leaves out. */
export function completeParameters(world: World): void {
  for (const parameter of world.records(SERVICE, 'Parameters')) {
    const name = show(parameter['Name']);
    const defaults: Shape = {
      Type: 'String',
      Version: 1,
      LastModifiedDate: world.clock.iso(),
      DataType: 'text',
      ARN: `arn:aws:ssm:${world.region}:${world.account}:parameter/${name.replace(/^\//u, '')}`,
    };
    for (const [member, value] of Object.entries(defaults)) parameter[member] ??= value;
  }
}

function found(world: World, call: string, name: string, isDecrypted: boolean): Shape | undefined {
  if (/[:]/u.test(name.replace(/^arn:.*:parameter/u, '')))
    throw new NotSimulatedError(`${call} of a version or label: ${name}`);
  const parameter = recordsGiven(world, { call, service: SERVICE, collection: 'Parameters' }).find(
    (each) => each['Name'] === name || each['ARN'] === name,
  );
  if (parameter === undefined) return undefined;
  if (parameter['Type'] === 'SecureString' && !isDecrypted)
    throw new NotSimulatedError(`${call} of the SecureString ${name} without decryption`);
  if (text(parameter, 'Value') === undefined)
    throw new NotSimulatedError(`${call} of ${name}, whose Value is not known`);
  return output(parameter);
}

function getParameter(input: Shape, world: World): object {
  const parameter = found(world, 'ssm:GetParameter', show(input['Name']), input['WithDecryption'] === true);
  // AWS gives this error no words.
  if (parameter === undefined) throw awsError('ParameterNotFound', '');
  return { Parameter: parameter };
}

function getParameters(input: Shape, world: World): object {
  const names = strings(input, 'Names');
  if (names.length < 1 || names.length > MOST_NAMES)
    throw awsError(
      'ValidationException',
      `1 validation error detected: Value '[${names.join(', ')}]' at 'names' failed to satisfy constraint: Member must have length between 1 and ${MOST_NAMES}, inclusive`,
    );
  const answers = names.map(
    (name) => [name, found(world, 'ssm:GetParameters', name, input['WithDecryption'] === true)] as const,
  );
  return {
    Parameters: answers.flatMap(([, parameter]) => parameter ?? []),
    InvalidParameters: answers.filter(([, parameter]) => parameter === undefined).map(([name]) => name),
  };
}

export const parameterOperations: { readonly [operation: string]: Operation } = {
  GetParameter: { kind: 'read', grade: 'documented', source: `${REFERENCE}GetParameter.html`, run: getParameter },
  GetParameters: { kind: 'read', grade: 'documented', source: `${REFERENCE}GetParameters.html`, run: getParameters },
};
