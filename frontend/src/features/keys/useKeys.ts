import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "@/api/client";
import { keys as queryKeys } from "@/api/queries";
import type { Me } from "@/api/types";
import { entryOf, type KeyId, type Keymap } from "@/ui/keys";
import { useKeymap } from "@/ui/shortcuts";
import { tell } from "@/ui/toast";

type Own = Keymap["keys"];

/** With these keys in the place of the usual ones; null: the usual ones again. */
export function withKeys(own: Own, id: KeyId, keys: readonly string[] | null): Own {
  const others = Object.fromEntries(Object.entries(own).filter(([each]) => each !== id));
  const usual = entryOf(id).keys;
  const isUsual = keys === null || JSON.stringify(keys) === JSON.stringify(usual);
  return isUsual ? others : { ...others, [id]: keys };
}

/** This person's keys and how to change them: at once here, on the server behind it. */
export function useKeys() {
  const keymap = useKeymap();
  const client = useQueryClient();
  const { mutate } = useMutation({
    // One after the other: the last change is the one that stays.
    scope: { id: "keys" },
    mutationFn: ({ keys, singleKeys }: Keymap) =>
      api("/me/keys", { method: "PUT", body: { keys, single_keys: singleKeys } }),
    onError: (error) => {
      tell(error.message, "problem");
      void client.invalidateQueries({ queryKey: queryKeys.me });
    },
  });
  const keep = (next: Keymap) => {
    void client.cancelQueries({ queryKey: queryKeys.me });
    const { keys, singleKeys: single_keys } = next;
    client.setQueryData<Me>(
      queryKeys.me,
      (me) => me && { ...me, keys: keys as Me["keys"], single_keys },
    );
    mutate(next);
  };
  return { keymap, keep };
}
