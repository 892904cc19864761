export { Spread, Tile } from "@/ui/Tiles";
