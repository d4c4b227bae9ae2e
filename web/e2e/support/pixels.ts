/** Reads pixels of screenshots, for tests of what a canvas draws. */
import type { Locator } from "@playwright/test";

export type Colour = [red: number, green: number, blue: number];

/** Read the row of pixels of an element at `y` (CSS pixels from its top), from left to right. */
export async function readPixels(element: Locator, y: number): Promise<Colour[]> {
  const shot = (await element.screenshot()).toString("base64");
  return element.page().evaluate(
    async ([encoded, at]) => {
      const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(image.width, 1);
      const context = canvas.getContext("2d");
      if (!context) throw new Error("no canvas to read pixels with");
      context.drawImage(image, 0, -Math.round(at));
      const { data } = context.getImageData(0, 0, image.width, 1);
      return Array.from({ length: image.width }, (_, x) => [...data.slice(x * 4, x * 4 + 3)] as Colour);
    },
    [shot, y] as const,
  );
}

/** Read the computed colour of a custom property of the page. */
export async function readTokenColour(element: Locator, token: string): Promise<Colour> {
  return element.evaluate((node, name) => {
    const probe = node.ownerDocument.createElement("i");
    probe.style.color = `var(${name})`;
    node.append(probe);
    const [red = 0, green = 0, blue = 0] = (getComputedStyle(probe).color.match(/\d+/g) ?? []).map(Number);
    probe.remove();
    return [red, green, blue] as Colour;
  }, token);
}

/** Return the share of the pixels that have about that colour; edges are blended. */
export function shareOf(pixels: readonly Colour[], colour: Colour): number {
  const near = pixels.filter((pixel) => Math.hypot(...pixel.map((part, at) => part - (colour[at] ?? 0))) < 40);
  return near.length / pixels.length;
}
