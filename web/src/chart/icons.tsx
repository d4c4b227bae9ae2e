import { createIcon } from "../ui/icons";

export const MarkersIcon = createIcon("M2 11h12M5 8V3M3 5l2-2 2 2M11 3v5M9 6l2 2 2-2");
export const MoreIcon = createIcon("M4 6l4 4 4-4");
export const ListIcon = createIcon("M2.5 4h1M6 4h7.5M2.5 8h1M6 8h7.5M2.5 12h1M6 12h7.5");
