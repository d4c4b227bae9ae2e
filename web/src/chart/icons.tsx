import { createIcon } from "../ui/icons";

export const MarkersIcon = createIcon("M2 11h12M5 8V3M3 5l2-2 2 2M11 3v5M9 6l2 2 2-2");
export const MoreIcon = createIcon("M4 6l4 4 4-4");
