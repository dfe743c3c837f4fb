import "react-image-crop/dist/ReactCrop.css";
import { useState } from "react";
import ReactCrop from "react-image-crop";
import type { FormErrors } from "../api/errors.ts";
import styles from "./avatar-editor.module.css";
import { Button } from "./button.tsx";
import { classNames } from "./class-names.ts";
import { Dialog, DialogActions } from "./dialog.tsx";
import { Form } from "./form.tsx";
import { cutPicture, middleSquare, pictureSizes, type SquarePart } from "./picture.ts";

const previewSizes = [120, 56, 32, 24];

export interface CropDialogProps {
  picture: HTMLImageElement;
  /** What kind of file it came from. */
  type: string;
  isSquare: boolean;
  isSaving: boolean;
  errors: FormErrors | undefined;
  onSave: (cut: Blob) => void;
  onClose: () => void;
}

/** Asks which square of a picture is wanted, and shows how it will look. */
export function CropDialog({ picture, type, isSquare, isSaving, errors, onSave, onClose }: CropDialogProps) {
  const { naturalWidth, naturalHeight } = picture;
  const [part, setPart] = useState<SquarePart>(() => middleSquare(naturalWidth, naturalHeight));
  const [shownWidth, setShownWidth] = useState(naturalWidth);
  const least = (pictureSizes.min / naturalWidth) * shownWidth;

  return (
    <Dialog title="Choose a part" isOpen isWide onClose={onClose}>
      <Form errors={errors} onSubmit={async () => onSave(await cutPicture(picture, part, type))}>
        <div className={styles.crop}>
          <ReactCrop
            className={classNames(styles.stage)}
            crop={{ unit: "%", ...part }}
            onChange={(_, percent) => setPart(percent)}
            aspect={1}
            keepSelection
            circularCrop={!isSquare}
            minWidth={least}
            ariaLabels={{ ...ReactCrop.defaultProps.ariaLabels, cropArea: "The part; arrow keys move it" }}
          >
            <img
              src={picture.src}
              alt=""
              className={styles.source}
              onLoad={({ currentTarget }) => setShownWidth(currentTarget.width)}
            />
          </ReactCrop>
          <div className={styles.previews} aria-hidden="true">
            {previewSizes.map((size) => (
              <Preview key={size} source={picture.src} part={part} size={size} isSquare={isSquare} />
            ))}
          </div>
        </div>
        <DialogActions>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isPending={isSaving}>
            Save the picture
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}

interface PreviewProps {
  source: string;
  part: SquarePart;
  size: number;
  isSquare: boolean;
}

function Preview({ source, part, size, isSquare }: PreviewProps) {
  const width = (size / part.width) * 100;
  const height = (size / part.height) * 100;
  return (
    <span
      className={classNames(styles.preview, isSquare && styles.square)}
      style={{ width: size, height: size }}
    >
      <img
        src={source}
        alt=""
        style={{ width, height, translate: `${-(part.x / 100) * width}px ${-(part.y / 100) * height}px` }}
      />
    </span>
  );
}
