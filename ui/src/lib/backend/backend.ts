/** The seam between the control room and whatever runs the sessions. */
import type { CommandError, ControlEvent, ErrorCode, Reason } from '$lib/wire';
import type { Args, CommandName, Result } from './commands';

/** `connecting` until the first snapshot; `offline` when the backend stopped answering. */
export type Connection = 'connecting' | 'online' | 'offline';

export interface Backend {
  /**
   * Delivers events until the returned function is called. A snapshot comes first, and again after every gap, so a
   * reader that applies events in order is never out of step.
   */
  subscribe(
    onEvent: (event: ControlEvent) => void,
    onConnection: (connection: Connection) => void,
  ): () => void;

  /** Runs a command; rejects with a {@link Failure}. */
  call<K extends CommandName>(command: K, args: Args<K>): Promise<Result<K>>;
}

/** The backend's own codes, and one for a backend that cannot be reached. */
export type FailureCode = ErrorCode | 'UNREACHABLE';

/** A command that failed. `message` is for a log; people read the translated code. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly code: FailureCode,
    message: string,
    readonly reason: Reason | null = null,
  ) {
    super(message);
  }

  /** Whatever was thrown, as a failure: a {@link CommandError} keeps its code. */
  static from(thrown: unknown): Failure {
    if (thrown instanceof Failure) return thrown;
    if (isCommandError(thrown)) return new Failure(thrown.code, thrown.message, thrown.reason ?? null);
    return new Failure('INTERNAL_ERROR', thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function isCommandError(value: unknown): value is CommandError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'message' in value
  );
}
