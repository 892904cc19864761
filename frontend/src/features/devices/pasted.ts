/** What somebody pasted or dropped, as the server takes it: PEM, or Base64 of DER. */

/** As workers/dicom/signatures/pasted.py: a private key must not leave the browser. */
const PRIVATE_KEY = /PRIVATE KEY|PuTTY-User-Key-File/;

export function holdsPrivateKey(content: string): boolean {
  return PRIVATE_KEY.test(content);
}

/** The server reads no larger revocation list (MAX_CRL_BYTES). */
export const MAX_FILE_BYTES = 1_500_000;

export function toBase64(bytes: Uint8Array): string {
  const PIECE = 0x8000;
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  }
  return btoa(text);
}

/** The text of a PEM file as it is, any other file as Base64. */
export async function readPasted(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = new TextDecoder("latin1").decode(bytes);
  const isText = text.includes("-----BEGIN ") || holdsPrivateKey(text);
  return isText ? text : toBase64(bytes);
}
