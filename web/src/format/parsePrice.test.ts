import { describe, expect, it } from "vitest";
import { parsePrice } from "./parsePrice";
import { toPlainNumeral } from "./price";

describe("parsePrice", () => {
  it.each([
    ["150,5", 150.5],
    ["150.5", 150.5],
    ["0,00001", 0.00001],
    ["0,123", 0.123],
    ["1.234", 1.234],
    [",5", 0.5],
    [".5", 0.5],
    ["5.", 5],
    ["12345,678", 12345.678],
    ["1,2345", 1.2345],
    ["1,234.5", 1234.5],
    ["1.234,5", 1234.5],
    ["1,234,567", 1_234_567],
    ["1.234.567", 1_234_567],
    ["1 234,5", 1234.5],
    ["1\u202f234,5", 1234.5],
    ["1\u00a0234\u00a0567", 1_234_567],
    ["1'234.5", 1234.5],
    ["1’234,5", 1234.5],
    ["12,34,567.8", 1_234_567.8],
    ["１５０．５", 150.5],
    ["１５０，５", 150.5],
    ["150。5", 150.5],
    ["١٥٠٫٥", 150.5],
    ["١٬٢٣٤٫٥", 1234.5],
    ["۱٬۲۳۴", 1234],
    ["१५०.५", 150.5],
    ["\u200e150.5", 150.5],
    [" 42 ", 42],
    ["+42", 42],
    ["1.23e-9", 1.23e-9],
    ["1,23E-9", 1.23e-9],
  ])("reads %j as %d", (text, price) => {
    expect(parsePrice(text)).toEqual({ price });
  });

  it.each(["1,234", "65,432", "１，２３４", "999,999"])("refuses %j, which may be either of two prices", (text) => {
    expect(parsePrice(text)).toMatchObject({ problem: "ambiguous" });
  });

  it("names both prices so that each is accepted", () => {
    const reading = parsePrice("1,234");
    expect(reading).toEqual({ problem: "ambiguous", whole: "1234", decimal: "1.234" });
    expect([parsePrice("1234"), parsePrice("1.234")]).toEqual([{ price: 1234 }, { price: 1.234 }]);
  });

  it.each(["", " ", "abc", "1,23,4", "1.2.3", "1,2,3.4", "1.234.56", "1,234.567,8", "1 23", "1 2345", "1.5 000", "$5",
    "5 %", "1:5", "0x10", "Infinity", "1e999", "--1", "1,234,5678", "..", ",", "'", "1,,5", "٫", "1٫2٫3", "一百"])(
    "refuses %j",
    (text) => {
      expect(parsePrice(text)).toEqual({ problem: "number" });
    },
  );

  it.each(["0", "0,00", "-1", "−1,5", "-0.5"])("refuses %j, which is not above zero", (text) => {
    expect(parsePrice(text)).toEqual({ problem: "zero" });
  });

  it.each(["en-US", "de-DE", "de-CH", "fr-FR", "sv-SE", "en-IN", "ar-EG", "fa-IR", "zh-CN", "ja-JP", "pt-BR", "es-ES", "pl-PL", "hi-IN-u-nu-deva", "th-TH-u-nu-thai"])(
    "reads what %s writes, or refuses it; never as another price",
    (locale) => {
      for (const price of [150.5, 1234.5, 1_234_567.25, 0.00001, 65_432.1, 12, 1.23e-9, 123_456.789, 1234, 1.234]) {
        const written = new Intl.NumberFormat(locale, { maximumSignificantDigits: 15 }).format(price);
        const reading = parsePrice(written);
        if (written === "1.234") continue; // a lone point is decimal
        if ("price" in reading) expect([written, reading.price]).toEqual([written, price]);
        else expect([written, reading]).toEqual([written, expect.objectContaining({ problem: "ambiguous" })]);
      }
    },
  );

  it("reads every plain numeral back", () => {
    for (const price of [1e-15, 1.23e-9, 0.1, 1, 69_104.4, 123_456_789.12]) {
      expect(parsePrice(toPlainNumeral(price))).toEqual({ price });
    }
  });
});
