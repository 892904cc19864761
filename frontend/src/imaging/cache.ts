/** Values kept by last use, bounded by their bytes. */
export class ByteLru<Value> {
  readonly maxBytes: number;
  #bytes = 0;
  #entries = new Map<string, { value: Value; bytes: number }>();
  readonly #onEvict: (key: string) => void;

  constructor(maxBytes: number, onEvict: (key: string) => void = () => undefined) {
    this.maxBytes = maxBytes;
    this.#onEvict = onEvict;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Return the value and mark it as used last. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keep the value; the longest unused leave until all fit. The newest always stays. */
  set(key: string, value: Value, bytes: number): void {
    this.delete(key);
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.maxBytes || oldest === key) break;
      this.delete(oldest);
      this.#onEvict(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
