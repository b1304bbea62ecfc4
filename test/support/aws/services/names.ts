import { Refusal } from '../wire/refusal.ts';

/** What load balancers and target groups may be called. */
export function checkName(kind: 'load balancer' | 'target group', name: string): void {
  const refuse = (why: string) => new Refusal('ValidationError', `The ${kind} name '${name}' ${why}`);
  if (name.length > 32) throw refuse('cannot be longer than 32 characters');
  if (!/^[A-Za-z0-9-]+$/.test(name)) throw refuse('can only contain characters that are alphanumeric or hyphens(-)');
  if (name.startsWith('-') || name.endsWith('-')) throw refuse('cannot begin or end with a hyphen(-)');
  if (kind === 'load balancer' && name.startsWith('internal-')) throw refuse("cannot begin with 'internal-'");
}
