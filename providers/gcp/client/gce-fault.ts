/** What came back from the API, without headers and ids: the `cause` of what `GceApi` throws. */
export class GceFault extends Error {
  override readonly name = 'GceFault';
  /** 0 where nothing came back. */
  readonly http: number;
  /** In one spelling, whether it came as a refusal or in an operation: `alreadyExists`, `resourceInUseByAnotherResource`, `quotaExceeded`; Node's code where nothing came back. */
  readonly reason: string;

  constructor(http: number, reason: string, message: string) {
    super(message);
    this.http = http;
    this.reason = reason;
  }
}
