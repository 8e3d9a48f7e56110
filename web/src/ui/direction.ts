/** Which way the page reads. Stylesheets know it by themselves; this is for what is computed, or set by a library. */

export function readingDirection(): "ltr" | "rtl" {
  return document.documentElement.dir === "rtl" ? "rtl" : "ltr";
}
