import type { Dialect, Params } from '../wire/params.ts';
import type { Answer } from '../wire/xml.ts';
import type { Account } from '../world/account.ts';

/** One action: it reads its parameters, and answers with what it does. Between the two, a parameter that it has not read is refused. */
export type Operation = (params: Params) => (account: Account) => Answer;

/** One service of AWS Query: form-encoded in, XML out. */
export interface Service {
  readonly name: 'elasticloadbalancing' | 'ec2';
  readonly version: string;
  readonly dialect: Dialect;
  readonly operations: Readonly<Record<string, Operation>>;
}
