import type { ReactNode } from "react";

/** Line icons on a 16-pixel grid in the text colour; their meaning is in the label of their button. */
function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

/** Create an icon component from one SVG path. */
export const createIcon = (path: string) =>
  function PathIcon() {
    return (
      <Icon>
        <path d={path} />
      </Icon>
    );
  };

export const CloseIcon = createIcon("M4 4l8 8M12 4l-8 8");
export const SearchIcon = createIcon("M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.6 10.6 14 14");
export const SunIcon = createIcon(
  "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
);
export const MoonIcon = createIcon("M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z");
export const ChartIcon = createIcon("M2 14h12M4 11V6M4 5V3M8 12V8M8 6V4M12 9V4M12 3V2");
export const PauseIcon = createIcon("M5.5 3.5v9M10.5 3.5v9");
export const PlayIcon = createIcon("M5 3.2v9.6l7.5-4.8z");
export const EditIcon = createIcon("M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3zM9 4.7l2.3 2.3");
export const CopyIcon = createIcon("M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3");
export const DeleteIcon = createIcon("M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M6.7 7v3.7M9.3 7v3.7");
export const BellIcon = createIcon("M4 11.5V7.2a4 4 0 0 1 8 0v4.3l1 1H3zM6.8 14h2.4");
export const HistoryIcon = createIcon("M2.5 8a5.5 5.5 0 1 0 1.7-4M2.5 2.5v2.7h2.7M8 5v3.2l2.2 1.3");
export const ArrowIcon = createIcon("M3 8h10M9 4l4 4-4 4");
