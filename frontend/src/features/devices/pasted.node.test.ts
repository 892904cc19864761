// @vitest-environment node
import { describe, expect, it } from "vitest";

import { holdsPrivateKey, readPasted, toBase64 } from "./pasted";

describe("what is dropped", () => {
  it("stays as it is where it is PEM, and becomes Base64 where it is not", async () => {
    const pem = "Bag Attributes\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    expect(await readPasted(new Blob([pem]))).toBe(pem);
    const der = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);
    const text = await readPasted(new Blob([der]));
    expect(Uint8Array.from(atob(text), (char) => char.charCodeAt(0))).toEqual(der);
    expect(toBase64(new Uint8Array())).toBe("");
  });

  it.each([
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "PuTTY-User-Key-File-3: ssh-rsa",
  ])("is known as a private key: %s", async (text) => {
    expect(holdsPrivateKey(await readPasted(new Blob([text])))).toBe(true);
  });
});
