import { createIcon } from "../ui/icons";

export const MarkersIcon = createIcon("M2 11h12M5 8V3M3 5l2-2 2 2M11 3v5M9 6l2 2 2-2");
export const MoreIcon = createIcon("M4 6l4 4 4-4");
export const ListIcon = createIcon("M2.5 4h1M6 4h7.5M2.5 8h1M6 8h7.5M2.5 12h1M6 12h7.5");
export const SettingsIcon = createIcon("M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M10.5 3v3M5.5 10v3");
export const PictureIcon = createIcon("M2 5h3l1-1.5h4L11 5h3v8H2zM8 11.2a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8z");
export const ScreenIcon = createIcon("M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10");
export const LayersIcon = createIcon("M8 2.5l6 3-6 3-6-3zM2.5 8.5L8 11.2l5.5-2.7M2.5 11L8 13.7l5.5-2.7");
export const TableIcon = createIcon("M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.6h11M6.5 3v10");
