/** Something that a page needs and that the server did not give. It may, if it is asked again. */
export class NotGiven extends Error {
  /** Has it asked for again by whoever needs it next. */
  readonly forget: () => void;

  constructor(cause: unknown, forget: () => void) {
    super("The server did not give what the page needs.", { cause });
    this.forget = forget;
  }
}

/**
 * Asks once for what is needed again and again. A failure is kept, too, so that whoever renders sees the same promise each
 * time; it is a `NotGiven`, and asked for again once that is forgotten.
 */
export function askedOnce<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask().catch((cause: unknown) => {
      throw new NotGiven(cause, () => {
        asked = undefined;
      });
    });
    return asked;
  };
}
