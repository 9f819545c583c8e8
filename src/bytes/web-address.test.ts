import { describe, expect, it } from "vitest";
import { fileNameOf, isExposed, parseWebAddress, shownAddress } from "./web-address.ts";

describe("a web address", () => {
  it.each<[string, boolean]>([
    ["https://example.com/x", false],
    ["http://localhost:8000/x", false],
    ["http://a.localhost/x", false],
    ["http://127.0.0.1/x", false],
    ["http://127.8.9.10/x", false],
    // The parser turns every spelling of an address into this one.
    ["http://2130706433/x", false],
    ["http://[::1]:80/x", false],
    ["http://example.com/x", true],
    ["http://localhost.example.com/x", true],
    ["http://127.0.0.1.example.com/x", true],
    ["http://10.0.0.1/x", true],
    ["http://[::2]/x", true],
  ])("knows whether a connection to %s leaves this machine unencrypted", (address, expected) => {
    expect(isExposed(new URL(address))).toBe(expected);
  });

  it("takes name and password out of the address, whatever letters they have", () => {
    const { url, headers } = parseWebAddress("https://j%C3%BCrgen:a%3Ab%@example.com/x?y=1#z", false);
    expect(url.href).toBe("https://example.com/x?y=1");
    const [kind, pair] = headers["authorization"]!.split(" ");
    expect(kind).toBe("Basic");
    expect(Buffer.from(pair!, "base64").toString()).toBe("jürgen:a%3Ab%");
  });

  it("leaves the caller's own URL as it is", () => {
    const url = new URL("https://me:secret@example.com/x");
    parseWebAddress(url, false);
    expect(url.password).toBe("secret");
  });

  it.each<[string, string]>([
    ["https://example.com/a/model%20one.pt?x=/y", "model one.pt"],
    ["https://example.com/a/50%.pt", "50%.pt"],
    ["https://example.com/", "example.com"],
  ])("names the file behind %s", (address, name) => {
    expect(fileNameOf(new URL(address))).toBe(name);
  });

  it("shows no query and no password", () => {
    expect(shownAddress(new URL("https://me:secret@example.com:81/x?token=1"))).toBe(
      "https://example.com:81/x?…",
    );
  });
});
