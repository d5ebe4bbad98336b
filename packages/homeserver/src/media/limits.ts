/** What files may take. */
export interface MediaLimits {
  /** Octets of one file. */
  readonly octetsMax: number;
  /** Octets of all files of an account. */
  readonly octetsOfAccountMax: number;
}

/** 50 MiB a file, 2 GiB an account. Our own bounds. */
export const MEDIA_LIMITS: MediaLimits = { octetsMax: 50 * 1024 * 1024, octetsOfAccountMax: 2 * 1024 * 1024 * 1024 };
