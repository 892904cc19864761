/** A film that cannot be shown; `message` is for people and holds no patient data. */
export class FilmError extends Error {
  readonly code: "wrong_length" | "unknown_type" | "bad_shape";

  constructor(code: FilmError["code"], message: string) {
    super(message);
    this.name = "FilmError";
    this.code = code;
  }
}
