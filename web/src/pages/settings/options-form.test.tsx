import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { OptionSpec } from "./option-spec.ts";
import { OptionsForm, type OptionsFormProps } from "./options-form.tsx";

const spec = { description: null, default: null, isClearable: true };
const specs: OptionSpec[] = [
  { ...spec, name: "isOpen", label: "Open", kind: "boolean" },
  { ...spec, name: "fields", label: "Fields", kind: "list" },
];

function show(changes: Partial<OptionsFormProps> = {}) {
  const onSave = vi.fn<OptionsFormProps["onSave"]>(async () => undefined);
  render(
    <OptionsForm
      name={null}
      specs={specs}
      values={{ isOpen: true, fields: ["a"] }}
      roles={[]}
      locks={{}}
      isReadOnly={false}
      isSaving={false}
      onSave={onSave}
      {...changes}
    />,
  );
  return { onSave, user: userEvent.setup() };
}

const saveButton = () => screen.queryByRole("button", { name: "Save" });

describe("OptionsForm", () => {
  it("saves what changed, and nothing else", async () => {
    const { onSave, user } = show();
    expect(saveButton()).toBeNull();
    await user.click(screen.getByRole("checkbox", { name: "Open" }));
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(onSave).toHaveBeenCalledExactlyOnceWith({ isOpen: false });
    expect(saveButton()).toBeNull();
  });

  it("keeps what was typed, and shows what is wrong at its field until that is changed", async () => {
    const refused = { fields: { fields: ["Not these."] }, form: [] };
    const { user } = show({ onSave: async () => refused });
    const field = screen.getByRole("textbox", { name: "Fields" });
    await user.type(field, "b");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Not these.")).toBeTruthy();
    expect(field).toHaveProperty("value", "ab");
    await user.type(field, "c");
    expect(screen.queryByText("Not these.")).toBeNull();
  });

  it("shows an option that is locked with the reason, and no field for it", () => {
    show({ locks: { isOpen: "This feature is switched off." } });
    expect(screen.queryByRole("checkbox")).toBeNull();
    expect(screen.getByText("This feature is switched off.")).toBeTruthy();
    expect(screen.getByRole("textbox", { name: "Fields" })).toBeTruthy();
  });

  it("has no fields for whoever may change nothing", () => {
    show({ isReadOnly: true });
    expect(screen.queryByRole("textbox")).toBeNull();
    expect(screen.getByText("On")).toBeTruthy();
  });
});
