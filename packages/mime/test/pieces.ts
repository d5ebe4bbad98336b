import { latin1Bytes } from "@scop/wire";
import fc from "fast-check";

/** Octets that look like messages more often than chance would have it. */
export const messageLike: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.array(
      fc.constantFrom(
        "From me Mon Jan 1\n",
        "From: a@b.example\n",
        "Content-Type: multipart/mixed; boundary=a\n",
        "Content-Type: multipart/digest; boundary=b\n",
        "Content-Type: multipart/alternative; boundary=aa\n\n",
        "Content-Type: message/rfc822\n\n",
        "Content-Type: text/plain\n",
        "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n",
        "--b--\n--a\n",
        "--b--\n--a--\n",
        "Content-Transfer-Encoding: base64\n\n",
        "Content-Transfer-Encoding: quoted-printable\n\n",
        "--a\n",
        "--a--\n",
        "--b\n",
        "--b--\n",
        "--aa \t\n",
        "--aa--\n",
        "--ab\n",
        "--a",
        "--",
        "-",
        "\n",
        "\n\n",
        "\r",
        " ",
        "text\n",
        "no field\n",
        "X: y\n z\n",
        "YWJj\n",
        "YW==YQ",
        "a=\n",
        "=3D = \n",
        "=4",
        "\0",
        "\xe9",
      ),
      { maxLength: 40 },
    ),
    fc.boolean(),
  )
  .map(([pieces, crlf]) => latin1Bytes(crlf ? pieces.join("").replaceAll("\n", "\r\n") : pieces.join("")));

/** Bytes cut at these places, of which each is taken modulo the length. */
export function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const sorted = [...new Set(places.map(place => (bytes.length === 0 ? 0 : place % bytes.length)))].sort(
    (a, b) => a - b,
  );
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const place of sorted) {
    pieces.push(bytes.slice(from, place));
    from = place;
  }
  pieces.push(bytes.slice(from));
  return pieces;
}
