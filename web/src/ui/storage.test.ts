// @vitest-environment jsdom

import { afterEach, expect, test, vi } from "vitest";

import { recall, remember } from "./storage";
import { chooseTheme, currentTheme } from "./theme";

afterEach(() => {
  vi.restoreAllMocks();
  localStorage.clear();
});

test("what is remembered is recalled", () => {
  remember("a", "b");
  expect(recall("a")).toBe("b");
  expect(recall("other")).toBeNull();
});

test("where storage is off a theme can be chosen all the same, for as long as the page", () => {
  const refused = () => {
    throw new DOMException("Access is denied for this document.", "SecurityError");
  };
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(refused);
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(refused);
  expect(currentTheme()).toBe("system");
  chooseTheme("dark");
  expect(document.documentElement.dataset.theme).toBe("dark");
  chooseTheme("system");
});
