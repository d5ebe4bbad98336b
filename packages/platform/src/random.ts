/** Unpredictable octets. */
export interface Random {
  /** So many octets, 0 to 65,536, fit for keys. */
  bytes(octets: number): Uint8Array;
}
