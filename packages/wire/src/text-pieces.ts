/** Pieces that are joined at once. Engines keep a sum of strings as a tree, which takes many times its text where pieces are small. */
const PIECES_MAX = 4096;

/** Text that is put together from very many pieces, in little more memory than it needs itself. */
export class TextPieces {
  readonly #pieces: string[] = [];
  #text = "";
  #length = 0;

  /** UTF-16 units so far. */
  get length(): number {
    return this.#length;
  }

  add(piece: string): void {
    this.#length += piece.length;
    if (this.#pieces.push(piece) >= PIECES_MAX) this.#join();
  }

  /** All pieces so far, one behind the other. */
  text(): string {
    this.#join();
    return this.#text;
  }

  #join(): void {
    const joined = this.#pieces.join("");
    this.#pieces.length = 0;
    this.#text = this.#text === "" ? joined : this.#text + joined;
  }
}
