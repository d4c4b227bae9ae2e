/** Saves the chart as a picture: its canvas below a line that names it. */

const HEAD = 34; // CSS pixels

interface Picture {
  chart: HTMLCanvasElement;
  title: string;
  /** File name without its ending. */
  name: string;
}

export async function savePicture({ chart, title, name }: Picture): Promise<void> {
  const blob = await new Promise<Blob | null>((resolve) => drawPicture(chart, title).toBlob(resolve, "image/png"));
  if (!blob) throw new Error("the browser could not draw the picture");
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // when the browser has read it
}

function drawPicture(chart: HTMLCanvasElement, title: string): HTMLCanvasElement {
  const ratio = window.devicePixelRatio;
  const style = getComputedStyle(document.documentElement);
  const picture = document.createElement("canvas");
  picture.width = chart.width;
  picture.height = chart.height + HEAD * ratio;
  const context = picture.getContext("2d");
  if (!context) throw new Error("the browser has no canvas to draw the picture on");
  context.fillStyle = style.getPropertyValue("--panel");
  context.fillRect(0, 0, picture.width, picture.height);
  context.fillStyle = style.getPropertyValue("--text");
  context.font = `600 ${14 * ratio}px ${style.getPropertyValue("--font")}`;
  context.textBaseline = "middle";
  context.fillText(title, 12 * ratio, (HEAD / 2) * ratio);
  context.drawImage(chart, 0, HEAD * ratio);
  return picture;
}
