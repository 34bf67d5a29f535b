/** A signal stopped the command. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted. Committed batches stay. To continue, run the command again.');
  }
}
