const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** 1500000 as "1.5 MB", in the person's language. */
export function asSize(bytes: number, language: string): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const options = { style: "unit", unit: UNITS[unit], unitDisplay: "short", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(language, options).format(value);
}
