import { ImageUp } from "lucide-react";
import { useEffect, useState } from "react";
import { FileTrigger } from "react-aria-components";
import type { FormErrors } from "../api/errors.ts";
import type { AvatarType } from "../gql/graphql.ts";
import { Avatar, type AvatarProps } from "./avatar.tsx";
import styles from "./avatar-editor.module.css";
import { Button } from "./button.tsx";
import { CropDialog } from "./crop-dialog.tsx";
import { pictureSizes, readPicture } from "./picture.ts";
import { Segmented } from "./segmented.tsx";

/** What is to stand for somebody: a new picture, or one of the two that there are. */
export interface AvatarChoice {
  avatar?: Blob;
  avatarType?: AvatarType;
}

export interface AvatarEditorProps {
  avatar: AvatarProps["avatar"] & { type: AvatarType };
  /** Organizations have corners, people are round. */
  isSquare?: boolean;
  isSaving: boolean;
  /** Saves it. Answers what was refused. */
  onSave: (choice: AvatarChoice) => Promise<FormErrors | undefined>;
}

interface Chosen {
  picture: HTMLImageElement;
  type: string;
}

/** What stands for a person or organization: a letter, or a picture of which a part is chosen. */
export function AvatarEditor({ avatar, isSquare = false, isSaving, onSave }: AvatarEditorProps) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [errors, setErrors] = useState<FormErrors>();

  useEffect(() => {
    if (chosen) return () => URL.revokeObjectURL(chosen.picture.src);
  }, [chosen]);

  async function choose(file: File | undefined) {
    if (!file) return;
    setErrors(undefined);
    const picture = await readPicture(file).catch(() => null);
    if (!picture) return setErrors(problem("This file is no picture that the browser can read."));
    if (Math.min(picture.naturalWidth, picture.naturalHeight) < pictureSizes.min) {
      URL.revokeObjectURL(picture.src);
      return setErrors(problem(`A picture is at least ${pictureSizes.min} pixels wide and high.`));
    }
    setChosen({ picture, type: file.type });
  }

  async function save(choice: AvatarChoice) {
    const refused = await onSave(choice);
    setErrors(refused);
    if (!refused) setChosen(null);
  }

  const messages = errors ? [...errors.form, ...Object.values(errors.fields).flat()] : [];

  return (
    <div className={styles.editor}>
      <Avatar avatar={avatar} size="large" isSquare={isSquare} />
      <div className={styles.choices}>
        <div className={styles.controls}>
          <Segmented
            label="Avatar"
            value={avatar.type}
            onChange={(avatarType) => save({ avatarType })}
            options={[
              { id: "LETTER_AVATAR", name: "Letter" },
              { id: "UPLOAD", name: "Picture" },
            ]}
          />
          <FileTrigger acceptedFileTypes={["image/*"]} onSelect={(files) => choose(files?.[0])}>
            <Button>
              <ImageUp size={16} aria-hidden="true" />
              Upload a picture…
            </Button>
          </FileTrigger>
        </div>
        {messages.length > 0 && chosen === null && (
          <p className={styles.error} role="alert">
            {messages.join(" ")}
          </p>
        )}
      </div>
      {chosen && (
        <CropDialog
          {...chosen}
          isSquare={isSquare}
          isSaving={isSaving}
          errors={messages.length > 0 ? { fields: {}, form: messages } : undefined}
          onSave={(cut) => save({ avatar: cut, avatarType: "UPLOAD" })}
          onClose={() => setChosen(null)}
        />
      )}
    </div>
  );
}

function problem(message: string): FormErrors {
  return { fields: {}, form: [message] };
}
