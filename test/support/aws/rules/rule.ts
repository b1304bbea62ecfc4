import type { Stage } from './stage.ts';

/** One rule of AWS: what happens, tried through the SDK. */
export interface Rule {
  /** A sentence about AWS. */
  readonly rule: string;
  readonly try: (stage: Stage) => Promise<unknown>;
  /** What comes of it on AWS: an error's code, `ok`, or a value. */
  readonly aws: unknown;
  /** What comes of it on moto, where that is something else. */
  readonly moto?: unknown;
}

/** `ok`, or the code that AWS refused with: ELBv2's errors have it in `Code`, those of EC2 in their name. */
export async function outcomeOf(done: Promise<unknown>): Promise<string> {
  try {
    await done;
    return 'ok';
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = 'Code' in error && typeof error.Code === 'string' ? error.Code : error.name;
    return code.replace(/Exception$/, '');
  }
}
