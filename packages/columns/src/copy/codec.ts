/** Appends the binary value at `at` to a builder, or returns the reason when Arrow cannot carry the value. */
export type Decode = (buffer: Uint8Array, at: number, length: number) => string | undefined;

/** Appends the length and the bytes of one column's value at a row to the output. */
export type Encode = (row: number) => void;
