import { api, type CallOptions } from "./client";
import type { Page } from "./types";

const LARGEST_PAGE = 200;

/** All items of a list, following `next_cursor` to its end. */
export async function fetchAll<Item>(path: string, options: CallOptions = {}): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await api<Page<Item>>(path, {
      ...options,
      query: { ...options.query, cursor, limit: LARGEST_PAGE },
    });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return items;
}
