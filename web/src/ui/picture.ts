/** The least and the most pixels that a picture of somebody is kept with, in each direction. */
export const pictureSizes = { min: 256, max: 1024 } as const;

/** A square part of a picture, in per cent of its width and height. */
export interface SquarePart {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The largest square in the middle of a picture. */
export function middleSquare(width: number, height: number): SquarePart {
  const side = Math.min(width, height);
  const part = { width: (side / width) * 100, height: (side / height) * 100 };
  return { ...part, x: (100 - part.width) / 2, y: (100 - part.height) / 2 };
}

/** How many pixels wide a part is saved: as it is, unless that is too few or too many. */
export function savedSize(pictureWidth: number, part: SquarePart): number {
  const side = Math.round((pictureWidth * part.width) / 100);
  return Math.max(pictureSizes.min, Math.min(pictureSizes.max, side));
}

/** Reads a picture from a file. Rejects where the browser cannot. */
export async function readPicture(file: File): Promise<HTMLImageElement> {
  const picture = new Image();
  picture.src = URL.createObjectURL(file);
  await picture.decode();
  return picture;
}

/**
 * Makes a square picture of a part of another. Photographs stay photographs; everything else becomes PNG, which may be
 * transparent.
 */
export function cutPicture(picture: HTMLImageElement, part: SquarePart, type: string): Promise<Blob> {
  const { naturalWidth, naturalHeight } = picture;
  const size = savedSize(naturalWidth, part);
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  const context = canvas.getContext("2d");
  if (!context) return Promise.reject(new Error("There is no room to draw."));
  context.imageSmoothingQuality = "high";
  context.drawImage(
    picture,
    (part.x / 100) * naturalWidth,
    (part.y / 100) * naturalHeight,
    (part.width / 100) * naturalWidth,
    (part.height / 100) * naturalHeight,
    0,
    0,
    size,
    size,
  );
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be made."))),
      type === "image/jpeg" ? type : "image/png",
      0.9,
    );
  });
}
