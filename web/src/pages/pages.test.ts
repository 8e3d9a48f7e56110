import { describe, expect, it } from "vitest";

import { nextAddress } from "./SignPages";
import { codeIn } from "./meeting-link";

describe("a typed meeting link", () => {
  it.each([
    ["abcd-efgh-jkmn-pqrs", "abcd-efgh-jkmn-pqrs"],
    ["  ABCDEFGHJKMNPQRS ", "abcd-efgh-jkmn-pqrs"],
    ["https://meet.example.org/m/abcd-efgh-jkmn-pqrs?x=1#y", "abcd-efgh-jkmn-pqrs"],
    ["https://meet.example.org/m/abcd-efgh-jkmn-pqrs/", "abcd-efgh-jkmn-pqrs"],
    ["https://meet.example.org/", null],
    ["abcd-efgh", null],
    ["", null],
  ])("%s has the code %s", (text, code) => {
    expect(codeIn(text)).toBe(code);
  });
});

describe("the way back after signing in", () => {
  it.each([
    ["/m/abcd", "/m/abcd"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["https://evil.example", "/"],
    [null, "/"],
  ])("%s leads to %s", (next, address) => {
    expect(nextAddress(next)).toBe(address);
  });
});
