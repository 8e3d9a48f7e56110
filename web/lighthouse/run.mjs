// Lighthouse on one address: node run.mjs CHROMIUM URL FLAG... Prints {scores, findings} as JSON.
//
// findings: the audits that took something off a score, with what they say. Nothing is asked of the network but the address.

import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const CATEGORIES = ["performance", "accessibility", "best-practices"];
const [chromePath, url, ...chromeFlags] = process.argv.slice(2);

const chrome = await launch({ chromePath, chromeFlags: ["--headless=new", ...chromeFlags], logLevel: "silent" });
try {
  const { lhr } = await lighthouse(url, { port: chrome.port, onlyCategories: CATEGORIES, logLevel: "error" });
  if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
  const scores = {};
  const findings = [];
  for (const [id, category] of Object.entries(lhr.categories)) {
    scores[id] = Math.round(category.score * 100);
    for (const { id: audit, weight } of category.auditRefs) {
      const { score, title, displayValue } = lhr.audits[audit];
      if (weight > 0 && score !== null && score < 0.9) {
        const items = (lhr.audits[audit].details?.items ?? []).slice(0, 5);
        findings.push({ category: id, audit, score, title, displayValue, items });
      }
    }
  }
  process.stdout.write(JSON.stringify({ scores, findings }));
} finally {
  chrome.kill();
}
