import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { Segmented } from "../ui/segmented.tsx";
import { chooseTheme, chosenTheme, type Theme } from "./theme.ts";

/** Where one chooses between light and dark. */
export function ThemeChoice() {
  const [theme, setTheme] = useState(chosenTheme);

  function choose(chosen: Theme) {
    chooseTheme(chosen);
    setTheme(chosen);
  }

  return (
    <Segmented
      label="Theme"
      value={theme}
      onChange={choose}
      options={[
        { id: "system", name: "System", icon: <Monitor size={14} aria-hidden="true" /> },
        { id: "light", name: "Light", icon: <Sun size={14} aria-hidden="true" /> },
        { id: "dark", name: "Dark", icon: <Moon size={14} aria-hidden="true" /> },
      ]}
    />
  );
}
