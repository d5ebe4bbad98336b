/** Shows what goes on: one line that changes on a terminal, a line each time elsewhere. */
export interface Progress {
  show(text: string): void;
  /** Ends the changing line. */
  end(): void;
}

/** Writes to standard output. */
export function progressLine(): Progress {
  if (!process.stdout.isTTY) return { show: text => console.log(text), end: () => undefined };
  return {
    show: text => void process.stdout.write(`\r\u001b[K${text}`),
    end: () => void process.stdout.write("\r\u001b[K"),
  };
}
