/** Which browser this is, as far as it decides where a permission is given back. Nothing else may depend on it. */

export type BrowserFamily = "chromium" | "firefox" | "safari" | "ios" | "other";

/** By the user agent's text, in the order in which browsers pretend to be each other. */
export function browserFamily(userAgent: string): BrowserFamily {
  if (/iPhone|iPad|iPod/.test(userAgent)) return "ios"; // all browsers there are Safari underneath
  if (/Firefox\//.test(userAgent)) return "firefox";
  if (/Chrome\/|Chromium\//.test(userAgent)) return "chromium";
  if (/Safari\//.test(userAgent)) return "safari";
  return "other";
}
