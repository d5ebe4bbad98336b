const LINE = `${"X".repeat(78)}\r\n`;

/** A message with its number in the header and a body of so many octets, in lines of 80. */
export function madeUpMessage(number: number, octets: number): Uint8Array {
  const fields = [
    "From: <load@outside.example>",
    "To: <bob@sink.example>",
    `Message-Id: <${number}@load.outside.example>`,
  ];
  return Buffer.from(`${fields.join("\r\n")}\r\n\r\n${LINE.repeat(Math.ceil(octets / LINE.length))}`, "latin1");
}
